//! `explain`: details of requirements and checks.

mod runtime;

use std::fmt::Write as _;

use anyhow::bail;

use super::similar::similar;
use crate::checks::{self, Check, Probe, Scope};
use crate::coverage::Row;
use crate::coverage::proof::faults;
use crate::model::requirements::{Bound, REVISIONS, Requirement, catalog};
use crate::report::human::Style;

/// The line width. Terminals are rarely narrower, and longer lines are hard to read.
const WIDTH: usize = 96;
/// The column of the text beside a label.
const INDENT: usize = 14;

/// Explains a requirement or a check, of a server or of a runtime.
///
/// # Errors
///
/// When the name is unknown. The message suggests similar names.
pub(super) fn write(id: &str, style: Style) -> anyhow::Result<String> {
    let mut page = Page {
        text: String::new(),
        style,
    };
    if let Some(requirement) = catalog().get(id) {
        explain_requirement(&mut page, &Row::new(requirement));
    } else if let Some(check) = checks::all().find(|check| check.id == id) {
        explain_check(&mut page, check);
    } else if !runtime::explain(&mut page, id) {
        let requirements = catalog().rows().iter().map(|row| row.id);
        let names = requirements
            .chain(checks::all().map(|check| check.id))
            .chain(runtime::names());
        let near = similar(id, names);
        if near.is_empty() {
            bail!(
                "unknown requirement or check {id}: `wasi-mcp-conformance list` names \
                 the checks, `wasi-mcp-conformance list requirements` the requirements"
            );
        }
        bail!(
            "unknown requirement or check {id}; did you mean one of these?\n  {}",
            near.join("\n  ")
        );
    }
    Ok(page.text)
}

fn explain_requirement(page: &mut Page, row: &Row) {
    let requirement = row.requirement;
    page.title(requirement.id, requirement.wording, requirement.requirement);
    page.field("quoted", &format!("“{}”", requirement.sentence()));
    page.field("", &requirement.sentence_link());
    page.field("binds", bound(requirement.binds));
    page.field("observed of", party(requirement.party));
    if !requirement.disputed.is_empty() {
        page.field("disputed", requirement.disputed);
    }
    page.field("part", requirement.area);
    page.field("source", &place(requirement));
    if requirement.link() != requirement.sentence_link() {
        page.field("", &requirement.link());
    }
    page.field("holds", &holds(requirement));
    if requirement.wording.ends_with('*') {
        page.field(
            "strength",
            &format!(
                "normative through the schema, JSON-RPC or prose without capital letters; \
                 it counts as {}",
                requirement.level
            ),
        );
    }
    if !requirement.violation.is_empty() {
        page.field("a violation", requirement.violation);
    }
    page.blank();
    match why_not_checked(row) {
        Some(why) => page.field("not checked", why),
        None => explain_proof(page, row),
    }
}

fn explain_proof(page: &mut Page, row: &Row) {
    for (index, check) in row.checks.iter().enumerate() {
        let label = if index == 0 { "checked by" } else { "" };
        page.field(
            label,
            &format!("{} ({}): {}", check.id, over(check.scope), check.intent),
        );
    }
    let proofs: Vec<String> = row
        .faults
        .iter()
        .map(|fault| {
            format!(
                "{} (the faulty {} server), found by {}",
                fault.name, fault.server, fault.check
            )
        })
        .collect();
    page.list("proven by", "fault", &proofs);
    let legal: Vec<String> = row
        .variations
        .iter()
        .map(|variation| {
            let what = if variation.what.is_empty() {
                String::new()
            } else {
                format!(": {}", variation.what)
            };
            format!(
                "{} (the faulty {} server){what}",
                variation.name, variation.server
            )
        })
        .collect();
    page.list("permits", "", &legal);
    if !row.checks.is_empty() {
        page.verbatim("try it", &alone(row.requirement.id));
    }
}

/// Returns the reason why there is no check, if there is none.
fn why_not_checked(row: &Row) -> Option<&'static str> {
    let requirement = row.requirement;
    if row.is_checked() {
        None
    } else if !requirement.unobservable.is_empty() {
        Some(requirement.unobservable)
    } else if requirement.server_testable {
        Some("no check judges it yet")
    } else if requirement.client_testable {
        Some("only a client shows it; the client role is a later step of this suite")
    } else {
        Some("it is not observable on the wire, for a server or a client")
    }
}

fn explain_check(page: &mut Page, check: &Check) {
    page.title(check.id, &check.level().to_string(), check.intent);
    page.field("works", &works(&check.probe));
    page.field("applies", over(check.scope));
    for (index, id) in check.requirements.iter().enumerate() {
        let label = if index == 0 { "judges" } else { "" };
        let sentence = catalog().get(id).map_or("", |row| row.requirement);
        page.field(label, &format!("{id}: {sentence}"));
    }
    page.blank();
    let proofs: Vec<String> = faults()
        .iter()
        .filter(|fault| fault.check == check.id)
        .map(|fault| {
            let rows: Vec<&str> = fault.rows().collect();
            format!(
                "{} (the faulty {} server) violates {}",
                fault.name,
                fault.server,
                rows.join(", ")
            )
        })
        .collect();
    page.list("proven by", "fault", &proofs);
    if proofs.is_empty() {
        page.field("proven by", "no fault yet");
    }
    page.verbatim("run it alone", &alone(check.id));
}

fn works(probe: &Probe) -> String {
    match probe {
        Probe::Active(_) => "it drives the server, in sessions of its own".to_owned(),
        Probe::Observer(_) => {
            "it sends nothing: it examines all messages after the sessions have ended".to_owned()
        }
        Probe::Shape(filter) => {
            let of = |names: &[&str], all: &str| {
                if names.is_empty() {
                    all.to_owned()
                } else {
                    names.join(", ")
                }
            };
            format!(
                "it sends nothing: it examines the shape of every message; definitions: {}; methods: {}",
                of(filter.definitions, "all"),
                of(filter.methods, "all")
            )
        }
    }
}

fn over(scope: Scope) -> &'static str {
    match scope {
        Scope::Everywhere => "over stdio and Streamable HTTP",
        Scope::Stdio => "over stdio only",
        Scope::Http => "over Streamable HTTP only",
    }
}

fn alone(id: &str) -> String {
    format!("wasi-mcp-conformance run COMPONENT.wasm --verbose --filter {id}")
}

/// Names the party that a sentence binds.
fn bound(bound: Bound) -> &'static str {
    match bound {
        Bound::Server => "the server",
        Bound::Client => "the client: what a server does is at most a warning",
        Bound::Both => "server and client",
        Bound::Sender => {
            "the sender of a message, server or client: a receiver that is lenient gets a warning"
        }
        Bound::Receiver => "the receiver of a message, server or client",
        Bound::AuthorizationServer => "the authorization server",
        Bound::Nobody => "no party: the sentence describes, and the requirement is a reading of it",
    }
}

fn party(party: &str) -> &str {
    match party {
        "both" => "server and client",
        "transport-host" => "the party that provides the transport of a server",
        "authorization" => "the parties to authorization",
        other => other,
    }
}

fn place(requirement: &Requirement) -> String {
    let Requirement { page, section, .. } = requirement;
    format!("{page}, {}", section.trim_matches(['(', ')']))
}

fn holds(requirement: &Requirement) -> String {
    let [first, .., newest] = REVISIONS;
    match (requirement.since, requirement.until) {
        (since, "") if since == first => format!("in every revision, up to {newest}"),
        (since, "") => format!("since {since}, up to {newest}"),
        (since, until) if since == until => format!("in {since} only"),
        (since, until) => format!("from {since} to {until}; the next revision differs"),
    }
}

/// A page with labels on the left and text on the right.
struct Page {
    text: String,
    style: Style,
}

impl Page {
    fn title(&mut self, name: &str, level: &str, sentence: &str) {
        let name = self.style.paint("1", name);
        self.line(format_args!("{name}  {level}"));
        for line in wrapped(sentence, WIDTH - 2) {
            self.line(format_args!("  {line}"));
        }
        self.blank();
    }

    fn list(&mut self, label: &str, kind: &str, entries: &[String]) {
        for (index, entry) in entries.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            self.field(label, format!("{kind} {entry}").trim_start());
        }
    }

    fn field(&mut self, label: &str, text: &str) {
        let mut label = self.style.paint("2", &format!("{label:<INDENT$}"));
        for line in wrapped(text, WIDTH - INDENT) {
            self.line(format_args!("{label}{line}"));
            label = " ".repeat(INDENT);
        }
    }

    /// Adds a field that stays on one line so that it can be copied.
    fn verbatim(&mut self, label: &str, text: &str) {
        let label = self.style.paint("2", &format!("{label:<INDENT$}"));
        self.line(format_args!("{label}{text}"));
    }

    /// Adds code verbatim.
    fn code(&mut self, code: &str) {
        for line in code.lines() {
            self.line(format_args!("  | {line}"));
        }
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }
}

/// Wraps text at a width. A longer word gets its own line.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style {
        colour: false,
        verbose: false,
    };

    #[test]
    fn everything_can_be_explained() {
        let requirements = catalog().rows().iter().map(|row| row.id);
        let checks = checks::all().map(|check| check.id);
        for id in requirements.chain(checks).chain(runtime::names()) {
            let text = write(id, PLAIN).expect("it is known");
            assert!(text.starts_with(id), "{text}");
            let one_piece = |line: &str| {
                line.contains("https://") || line.contains("--filter") || line.starts_with("  | ")
            };
            assert!(
                text.lines()
                    .all(|line| line.chars().count() <= WIDTH || one_piece(line)),
                "{text}"
            );
        }
    }

    #[test]
    fn an_unchecked_requirement_has_a_reason() {
        for (id, reason) in [
            ("auth.client.pkce", "only a client shows it"),
            ("cancel.free", "it is not observable on the wire"),
        ] {
            let text = write(id, PLAIN).expect("it is known");
            assert!(text.contains(&format!("not checked   {reason}")), "{text}");
        }
    }

    #[test]
    fn similar_names_are_suggested_for_a_typo() {
        let error = write("tools.uniqe-names", PLAIN).expect_err("it is unknown");
        assert!(error.to_string().contains("\n  tools.unique-names"));
        let error = write("qwertyuiop", PLAIN).expect_err("it is unknown");
        assert!(error.to_string().contains("list requirements"));
    }

    #[test]
    fn words_are_wrapped() {
        assert_eq!(wrapped("a bc def ghij", 4), ["a bc", "def", "ghij"]);
        assert_eq!(wrapped("abcdef g", 3), ["abcdef", "g"]);
        assert!(wrapped("", 3).is_empty());
    }
}
