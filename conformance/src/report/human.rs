//! The report for people: by area, with the requirements, and with all that
//! one has to know about what went wrong.

use std::fmt::Write as _;

use super::{Report, Run, Status, Summary, Verdict};
use crate::requirements::catalog;

/// Writes with colours or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences for colours are written.
    pub colour: bool,
    /// Whether checks that passed are listed one by one.
    pub verbose: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn status(self, status: Status) -> String {
        match status {
            Status::Pass => self.paint("32", "pass"),
            Status::Fail => self.paint("1;31", "FAIL"),
            Status::Warn => self.paint("33", "warn"),
            Status::Skip => self.paint("2", "skip"),
        }
    }
}

/// The report as text.
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
    if report.summary.skip > 0 && !style.verbose {
        push_line(&mut text, "-v says why checks were skipped");
    }
    text
}

fn write_run(text: &mut String, run: &Run, style: Style) {
    push_line(text, &style.paint("1", &title(run)));
    for (page, verdicts) in pages(&run.results) {
        write_page(text, page, &verdicts, style);
    }
    if !run.left_out.is_empty() {
        push_line(text, "  Not exercised:");
        for left_out in &run.left_out {
            push_line(text, &format!("    {}: {}", left_out.what, left_out.why));
        }
    }
    push_line(text, &format!("  {}", counts(run.summary)));
    text.push('\n');
}

fn title(run: &Run) -> String {
    let target = &run.target;
    let detail = [target.world.as_deref(), target.variant.as_deref()];
    let detail: Vec<&str> = detail.into_iter().flatten().collect();
    let detail = if detail.is_empty() {
        String::new()
    } else {
        format!(" ({})", detail.join(", "))
    };
    format!(
        "{} {}{detail} over {}",
        target.kind, target.name, target.transport
    )
}

fn counts(summary: Summary) -> String {
    let Summary {
        pass,
        fail,
        warn,
        skip,
    } = summary;
    format!("{pass} passed, {fail} failed, {warn} warned, {skip} skipped")
}

/// The verdicts by the page of the specification, in order.
fn pages(results: &[Verdict]) -> Vec<(&str, Vec<&Verdict>)> {
    let mut pages: Vec<(&str, Vec<&Verdict>)> = Vec::new();
    for verdict in results {
        let page = verdict.check.split('/').next().unwrap_or(&verdict.check);
        match pages.last_mut().filter(|(last, _)| *last == page) {
            Some((_, verdicts)) => verdicts.push(verdict),
            None => pages.push((page, vec![verdict])),
        }
    }
    pages
}

fn write_page(text: &mut String, page: &str, verdicts: &[&Verdict], style: Style) {
    let summary = Summary::count(verdicts.iter().copied());
    push_line(text, &format!("  {page}: {}", counts(summary)));
    for verdict in verdicts {
        let quiet = matches!(verdict.status, Status::Pass | Status::Skip);
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
    let body = verdict.reason.as_deref().unwrap_or(&verdict.message);
    for line in body.lines() {
        push_line(text, &format!("         {line}"));
    }
    if matches!(verdict.status, Status::Fail | Status::Warn) {
        let rows = verdict
            .requirements
            .iter()
            .filter_map(|id| catalog().get(id));
        for row in rows {
            push_line(
                text,
                &format!("         {}: {} ({})", row.id, row.requirement, row.link()),
            );
        }
    }
}

fn push_line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}
