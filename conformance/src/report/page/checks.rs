//! The results of the checks, worst first.

use maud::{Markup, html};

use super::super::sections::{SECTIONS, Section};
use super::super::text::{arrow, cut, one_line, origin};
use super::super::{Report, areas};
use super::{overview, tone};
use crate::model::visible::visible;
use crate::model::{Line, Run, Verdict};

/// The length limit of messages and reasons, in characters.
const TEXT: usize = 20_000;

/// Renders all non-empty sections.
pub(super) fn groups(report: &Report) -> Markup {
    html! {
        @for section in &SECTIONS {
            (group(report, section))
        }
    }
}

fn group(report: &Report, section: &Section) -> Markup {
    let members = section.of(report);
    let several = report.runs.len() > 1;
    html! {
        @if !members.is_empty() {
            details .group open[section.urgent] {
                summary { (section.title) ": " (members.len()) }
                @for (number, run, verdict) in members {
                    (check(verdict, number, run, several, section.urgent))
                }
            }
        }
    }
}

/// Renders one check, with its run if there are several.
fn check(verdict: &Verdict, number: usize, run: &Run, several: bool, open: bool) -> Markup {
    html! {
        details .check open[open] data-tone=(tone(verdict.status)) data-status=(verdict.status.name())
            data-run=(number) data-areas=(areas::of_verdict(verdict).join(" "))
        {
            summary {
                span .status { (verdict.status.participle()) }
                b { (verdict.check) }
                span .soft { (verdict.level.to_string()) }
                @if several { span .on .soft { (overview::name(run)) } }
            }
            p { (verdict.intent) }
            @if let Some(reason) = &verdict.reason {
                p { "Reason: " (one_line(reason, TEXT)) }
            }
            @if !verdict.repetitions.is_empty() {
                p {
                    "Repeated:"
                    @for (status, count) in &verdict.repetitions { " " (count) " × " (status) }
                }
            }
            @if !verdict.message.is_empty() {
                pre { (visible(&cut(&verdict.message, TEXT))) }
            }
            (judged(verdict))
            @if !verdict.wire.is_empty() {
                (wire(&verdict.wire))
            }
        }
    }
}

/// Renders the violated clauses with links, or the names of the judged requirements.
fn judged(verdict: &Verdict) -> Markup {
    html! {
        @if verdict.clauses.is_empty() {
            p .soft { code { (verdict.requirements.join(", ")) } }
        } @else {
            ul .clauses {
                @for clause in &verdict.clauses {
                    li {
                        code { (clause.requirement) } ": " (clause.text) " "
                        a href=(clause.link) rel="noreferrer" { "Specification" }
                    }
                }
            }
        }
    }
}

/// Renders the last messages of the check.
fn wire(lines: &[Line]) -> Markup {
    html! {
        details .wire {
            summary { "The last " (lines.len()) " messages" }
            ol {
                @for line in lines {
                    li class=(if line.direction == "to-server" { "sent" } else { "came" }) {
                        span .soft { (arrow(line)) " " (line.at) " ms, " (visible(&origin(line))) }
                        pre { (visible(&line.message)) }
                    }
                }
            }
        }
    }
}
