//! The report as one self-contained HTML page: without network access or other files, and with a
//! script only for the filters.
//!
//! Server text is escaped, and the page's policy allows only its own style and script.

mod checks;
mod overview;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::{Report, areas};
use crate::model::Status;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Returns the page as HTML text.
pub fn write(report: &Report) -> String {
    let title = format!("MCP {} conformance", report.revision);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) ": " (overview::headline(report.summary)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    (overview::header(report, &title))
                    (overview::runs(report))
                    (filters(report))
                    (checks::groups(report))
                    (overview::left_out(report))
                    (overview::coverage(report))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string() + "\n"
}

/// Returns the content security policy: the page's own style and script, nothing else.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// Renders the filters, which the script reveals.
fn filters(report: &Report) -> Markup {
    let statuses = Status::ALL.into_iter().rev();
    let statuses = statuses.filter(|status| report.summary.of(*status) > 0);
    let verdicts = report.runs.iter().flat_map(|run| &run.results);
    let mut areas: Vec<&str> = verdicts.flat_map(areas::of_verdict).collect();
    areas.sort_unstable();
    areas.dedup();
    html! {
        form #filters hidden {
            label .wide { "Text" input type="search" name="text" placeholder="words of a check or message"; }
            label { "Status"
                select name="status" {
                    option value="" { "all" }
                    @for status in statuses { option value=(status.name()) { (status.participle()) } }
                }
            }
            label { "Area"
                select name="area" {
                    option value="" { "all" }
                    @for area in areas { option value=(area) { (area) } }
                }
            }
            @if report.runs.len() > 1 {
                label { "Run"
                    select name="run" {
                        option value="" { "all" }
                        @for (number, run) in report.runs.iter().enumerate() {
                            option value=(number) { (overview::name(run)) }
                        }
                    }
                }
            }
            output #shown {}
        }
    }
}

/// Returns the colour for a count of a status.
fn tone_of(count: usize, status: Status) -> &'static str {
    if count > 0 { tone(status) } else { "calm" }
}

/// Returns the colour of a status, as named in the style.
fn tone(status: Status) -> &'static str {
    match status {
        Status::Pass => "good",
        Status::Skip | Status::ExpectedFailure => "calm",
        Status::Warn => "care",
        Status::UnexpectedPass | Status::Fail | Status::Timeout | Status::Crash => "bad",
        Status::HarnessError => "odd",
    }
}
