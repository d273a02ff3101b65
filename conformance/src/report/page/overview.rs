//! The overview of the page.

use maud::{Markup, html};

use super::super::text::one_line;
use super::super::{Report, areas};
use super::tone_of;
use crate::model::{Run, Status, Summary};

/// The length limit of targets' names and of reasons, in characters.
const NAME: usize = 400;

/// Describes the overall outcome in a few words.
pub(super) fn headline(summary: Summary) -> String {
    match (summary.failures(), summary.of(Status::Warn)) {
        (0, _) if summary.total() == 0 => "nothing judged".to_owned(),
        (0, 0) => format!("{} passed, none failed", summary.of(Status::Pass)),
        (0, warned) => format!("none failed, {warned} warned"),
        (failed, _) => format!("{failed} of {} failed", summary.total()),
    }
}

/// Returns the name of a run.
pub(super) fn name(run: &Run) -> String {
    one_line(&run.target.title(), NAME)
}

/// Renders the title, the outcome, and the counts by status.
pub(super) fn header(report: &Report, title: &str) -> Markup {
    let outcome = if report.has_failures() { "bad" } else { "good" };
    html! {
        header {
            h1 { (title) }
            p .headline .tone data-tone=(outcome) { (headline(report.summary)) }
            p .soft { "wasi-mcp-conformance " (report.suite) }
            ul .tiles {
                @for status in report.summary.told() {
                    @let count = report.summary.of(status);
                    li data-tone=(tone_of(count, status)) { b { (count) } (status.participle()) }
                }
            }
        }
    }
}

/// Renders one line for each run.
pub(super) fn runs(report: &Report) -> Markup {
    html! {
        section {
            h2 { "Runs" }
            ul .rows {
                @for run in &report.runs {
                    li {
                        span .name { (name(run)) }
                        span .counts {
                            @for status in run.summary.told() {
                                @let count = run.summary.of(status);
                                span .tone data-tone=(tone_of(count, status)) { (count) " " (status.participle()) }
                            }
                            span .soft { (format!("{:.1} s", run.duration.as_secs_f64())) }
                        }
                    }
                    @for note in &run.notes {
                        li { span .name { "Note: " (one_line(note, NAME)) } }
                    }
                }
            }
        }
    }
}

/// Renders the features that could not be exercised, with reasons.
pub(super) fn left_out(report: &Report) -> Markup {
    let all = report
        .runs
        .iter()
        .flat_map(|run| run.left_out.iter().map(move |left_out| (run, left_out)));
    let all: Vec<_> = all.collect();
    html! {
        @if !all.is_empty() {
            section #left-out {
                h2 { "Not exercised" }
                ul .rows {
                    @for (run, left_out) in all {
                        li {
                            span .name { (one_line(&left_out.what, NAME)) ": " (one_line(&left_out.why, NAME)) }
                            @if report.runs.len() > 1 { span .soft { (name(run)) } }
                        }
                    }
                }
            }
        }
    }
}

/// Renders the results of requirements by area.
pub(super) fn coverage(report: &Report) -> Markup {
    let all = areas::all(report);
    let judged: usize = all.iter().map(|area| area.held + area.violated).sum();
    let total: usize = all.iter().map(areas::Area::total).sum();
    html! {
        section #coverage {
            h2 { "Requirements by area" }
            p .soft {
                (judged) " of the " (total) " requirements that a server can show were judged."
            }
            ul .rows {
                @for area in &all {
                    li {
                        span .name { (area.name) }
                        span .counts {
                            @for (count, what, tone) in parts(area) {
                                @if count > 0 { span .tone data-tone=(tone) { (count) " " (what) } }
                            }
                            @if area.unjudged > 0 { span .soft { (area.unjudged) " not judged" } }
                        }
                        (bar(area))
                    }
                }
            }
        }
    }
}

fn parts(area: &areas::Area) -> [(usize, &'static str, &'static str); 3] {
    [
        (area.held, "held", "good"),
        (area.violated, "violated", "bad"),
        (area.skipped, "skipped", "calm"),
    ]
}

/// Renders the counts of an area as a bar. Widths are attributes because the page's policy forbids
/// inline styles.
fn bar(area: &areas::Area) -> Markup {
    let mut start = 0;
    let rectangles = parts(area).map(|(count, _, tone)| {
        let rectangle = (start, count, tone);
        start += count;
        rectangle
    });
    let extent = format!("0 0 {} 1", area.total().max(1));
    html! {
        svg .bar viewBox=(extent) preserveAspectRatio="none" aria-hidden="true" {
            @for (start, count, tone) in rectangles {
                @if count > 0 { rect data-tone=(tone) x=(start) y="0" width=(count) height="1" {} }
            }
        }
    }
}
