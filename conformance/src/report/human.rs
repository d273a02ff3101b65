//! The report for human readers: by page, with details of everything that failed.

use std::fmt::Write as _;

use super::Report;
use crate::model::visible::visible;
use crate::model::{Run, Status, Summary, Verdict};

/// The style of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// True to write escape sequences for colours.
    pub colour: bool,
    /// True to list passed checks one by one.
    pub verbose: bool,
}

impl Style {
    /// Colours text if colours are enabled.
    pub(crate) fn paint(self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn status(self, status: Status) -> String {
        let (code, text) = match status {
            Status::Pass => ("32", "pass"),
            Status::Skip => ("2", "skip"),
            Status::ExpectedFailure => ("2", "expected failure"),
            Status::Warn => ("33", "warn"),
            Status::UnexpectedPass => ("1;31", "UNEXPECTED PASS"),
            Status::Fail => ("1;31", "FAIL"),
            Status::Timeout => ("1;31", "TIMEOUT"),
            Status::Crash => ("1;31", "CRASH"),
            Status::HarnessError => ("1;35", "COULD NOT BE JUDGED"),
        };
        self.paint(code, text)
    }
}

/// Returns the report as text.
pub fn write(report: &Report, style: Style) -> String {
    let mut text = String::new();
    for run in &report.runs {
        write_run(&mut text, run, style);
    }
    if report.runs.len() > 1 {
        let line = format!("All {} runs: {}", report.runs.len(), counts(report.summary));
        text.push_str(&style.paint("1", &line));
        text.push('\n');
    }
    let told = style.verbose || report.summary.failures() > 0;
    let seed = report.runs.iter().find_map(|run| run.seed);
    if let Some(seed) = seed.filter(|_| told) {
        let line = format!("--seed {seed} generates the same arguments again");
        push_line(&mut text, &line);
    }
    let skipped = report.summary.of(Status::Skip);
    if skipped > 0 && skipped == report.summary.total() {
        push_line(
            &mut text,
            "nothing was judged: every check was skipped; -v says why",
        );
    } else if skipped > 0 && !style.verbose {
        push_line(&mut text, "-v says why checks were skipped");
    }
    text
}

fn write_run(text: &mut String, run: &Run, style: Style) {
    push_line(text, &style.paint("1", &visible(&run.target.title())));
    for (page, verdicts) in run.pages() {
        write_page(text, page, &verdicts, style);
    }
    if !run.left_out.is_empty() {
        push_line(text, "  Not exercised:");
        for left_out in &run.left_out {
            let line = format!("    {}: {}", left_out.what, left_out.why);
            push_line(text, &visible(&line));
        }
    }
    for note in &run.notes {
        push_line(text, &format!("  Note: {}", visible(note)));
    }
    push_line(text, &format!("  {}", counts(run.summary)));
    if let Some(time) = run.time.filter(|_| style.verbose) {
        push_line(text, &format!("  {time}"));
    }
    text.push('\n');
}

/// Formats the counts: `3 passed, 0 failed, 1 skipped`. Passed and failed are always included.
pub fn counts(summary: Summary) -> String {
    let told = summary.told().into_iter();
    let told = told.map(|status| format!("{} {}", summary.of(status), status.participle()));
    told.collect::<Vec<_>>().join(", ")
}

fn write_page(text: &mut String, page: &str, verdicts: &[&Verdict], style: Style) {
    let summary = Summary::count(verdicts.iter().copied());
    push_line(text, &format!("  {page}: {}", counts(summary)));
    for verdict in verdicts {
        let quiet = matches!(
            verdict.status,
            Status::Pass | Status::Skip | Status::ExpectedFailure
        ) && verdict.repetitions.is_empty();
        if !quiet || style.verbose {
            write_verdict(text, verdict, style);
        }
    }
}

fn write_verdict(text: &mut String, verdict: &Verdict, style: Style) {
    let requirements = verdict.requirements.join(", ");
    let head = format!(
        "    {} {} [{} {requirements}]",
        style.status(verdict.status),
        verdict.check,
        verdict.level
    );
    push_line(text, &head);
    if !verdict.repetitions.is_empty() {
        let counts = verdict.repetitions.iter();
        let counts: Vec<String> = counts
            .map(|(status, count)| format!("{count} {status}"))
            .collect();
        push_line(text, &format!("         repeated: {}", counts.join(", ")));
    }
    let said = verdict.reason.iter().chain(Some(&verdict.message));
    for line in said.flat_map(|said| said.lines()) {
        push_line(text, &format!("         {}", visible(line)));
    }
    for clause in &verdict.clauses {
        let line = format!(
            "         {}: {} ({})",
            clause.requirement, clause.text, clause.link
        );
        push_line(text, &line);
    }
}

fn push_line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}
