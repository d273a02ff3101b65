//! The report as Markdown, for the summary of a CI job or a comment.
//!
//! Text that may come from a server is written in `<pre>`, where only `<` and `&` have a meaning,
//! or has its punctuation escaped.

use std::fmt::Write as _;

use super::Report;
use super::sections::{SECTIONS, Section};
use super::text::{cut, one_line, wire_log};
use crate::model::visible::visible;
use crate::model::{Run, Status, Summary, Verdict};

/// The size limit of the report in bytes. GitHub takes summaries of at most 1 MiB.
pub const MAX_LENGTH: usize = 900 * 1024;
/// The space reserved for the note about missing parts, in bytes.
const NOTE: usize = 200;
/// The length limit of a target's name, in characters.
const NAME: usize = 200;
/// The length limit of the message and of the wire log of a check, in characters.
const TEXT: usize = 20_000;

/// Returns the report as Markdown, never longer than [`MAX_LENGTH`].
pub fn write(report: &Report) -> String {
    let mut page = Page::default();
    page.add(&format!(
        "## MCP {} conformance: {}\n\n",
        report.revision,
        headline(report.summary)
    ));
    write_table(&mut page, report);
    // Passed checks are only counted.
    for section in SECTIONS.iter().filter(|section| !section.quiet) {
        write_section(&mut page, report, section);
    }
    write_notes(&mut page, report);
    write_left_out(&mut page, report);
    page.finish()
}

/// A text with a size limit.
#[derive(Default)]
struct Page {
    text: String,
    missing: usize,
}

impl Page {
    /// Adds a block unless it exceeds the limit.
    fn add(&mut self, block: &str) {
        // After a missing block nothing is added, so that tables have no gaps.
        if self.missing > 0 || self.text.len() + block.len() + NOTE > MAX_LENGTH {
            self.missing += 1;
        } else {
            self.text.push_str(block);
        }
    }

    fn finish(mut self) -> String {
        if self.missing > 0 {
            let _ = writeln!(
                self.text,
                "\n**{} further parts did not fit: see the other reports.**",
                self.missing
            );
        }
        self.text
    }
}

fn headline(summary: Summary) -> String {
    match summary.failures() {
        0 if summary.total() == 0 => "nothing judged".to_owned(),
        0 => format!("{} passed", summary.of(Status::Pass)),
        failed => format!("{failed} of {} failed", summary.total()),
    }
}

fn write_table(page: &mut Page, report: &Report) {
    let columns = report.summary.told();
    let names = columns.iter().map(|status| status.participle());
    let head: String = names.map(|name| format!(" {name} |")).collect();
    let rule = " ---: |".repeat(columns.len());
    page.add(&format!("| Target |{head} time |\n|---|{rule} ---: |\n"));
    for run in &report.runs {
        let counts = columns.iter().map(|status| run.summary.of(*status));
        let counts: String = counts.map(|count| format!(" {count} |")).collect();
        page.add(&format!(
            "| {} |{counts} {:.1} s |\n",
            escape(&one_line(&run.target.title(), NAME)),
            run.duration.as_secs_f64()
        ));
    }
    page.add("\n");
}

fn write_section(page: &mut Page, report: &Report, section: &Section) {
    let members = section.of(report);
    if members.is_empty() {
        return;
    }
    page.add(&format!("### {}: {}\n\n", section.title, members.len()));
    for (_, run, verdict) in members {
        page.add(&entry(run, verdict));
    }
}

/// Formats one check, folded. Skipped checks take one line each.
fn entry(run: &Run, verdict: &Verdict) -> String {
    let target = one_line(&run.target.title(), NAME);
    let reason = verdict.reason.as_deref().unwrap_or_default();
    if verdict.status == Status::Skip {
        return format!(
            "- **{}** on {}: {}\n",
            escape(&verdict.check),
            escape(&target),
            escape(&one_line(reason, TEXT))
        );
    }
    let mut text = format!(
        "<details><summary><b>{}</b> {} [{}] on {}</summary>\n\n{}\n\n",
        html(&verdict.check),
        verdict.status.participle(),
        verdict.level,
        html(&target),
        escape(&verdict.intent)
    );
    if !reason.is_empty() {
        let _ = write!(text, "Reason: {}\n\n", escape(&one_line(reason, TEXT)));
    }
    text.push_str(&preformatted(&verdict.message));
    for clause in &verdict.clauses {
        let _ = writeln!(
            text,
            "- {}: {} [Specification]({})",
            escape(&clause.requirement),
            escape(&clause.text),
            clause.link
        );
    }
    if !verdict.wire.is_empty() {
        text.push_str("\nThe last messages:\n\n");
        text.push_str(&preformatted(&wire_log(&verdict.wire)));
    }
    text.truncate(text.trim_end().len());
    text.push_str("\n\n</details>\n\n");
    text
}

fn write_notes(page: &mut Page, report: &Report) {
    let any = report.runs.iter().any(|run| !run.notes.is_empty());
    if !any {
        return;
    }
    page.add("\n### Notes\n\n");
    for run in &report.runs {
        for note in &run.notes {
            page.add(&format!(
                "- {}: {}\n",
                escape(&one_line(&run.target.title(), NAME)),
                escape(&one_line(note, TEXT))
            ));
        }
    }
}

fn write_left_out(page: &mut Page, report: &Report) {
    let any = report.runs.iter().any(|run| !run.left_out.is_empty());
    if !any {
        return;
    }
    page.add("\n### Not exercised\n\n");
    for run in &report.runs {
        for left_out in &run.left_out {
            page.add(&format!(
                "- {} of {}: {}\n",
                escape(&one_line(&left_out.what, NAME)),
                escape(&one_line(&run.target.title(), NAME)),
                escape(&one_line(&left_out.why, TEXT))
            ));
        }
    }
}

/// Formats text verbatim, up to a length limit.
fn preformatted(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!(
        "<pre>{}</pre>\n\n",
        html(&visible(&cut(text.trim_end(), TEXT)))
    )
}

/// Escapes text for Markdown.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\`*_[]|~!".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    html(&escaped)
}

/// Escapes text for HTML.
fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // GitHub notifies people named after an at sign, and typesets formulas between dollar
            // signs.
            '@' => escaped.push_str("&#64;"),
            '$' => escaped.push_str("&#36;"),
            _ => escaped.push(character),
        }
    }
    escaped
}
