//! `list`: the checks and the requirements.

mod interface;
mod runtime;

use std::fmt::Write as _;

use anyhow::{bail, ensure};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::pattern::Pattern;
use super::similar::similar;
use crate::checks::{self, Check, Scope};
use crate::coverage::proof::faults;
use crate::coverage::{Row, by_area};
use crate::model::Transport;
use crate::model::requirements::{Bound, Level, REVISION, Requirement, catalog};
use crate::report::human::Style;

/// The parties whose behaviour requirements describe.
const PARTIES: [&str; 7] = [
    "server",
    "client",
    "both",
    "transport-host",
    "authorization",
    "host",
    "guest",
];

/// The options of `list`.
#[derive(Debug, Args)]
pub(super) struct ListOptions {
    /// The kind of list.
    #[arg(value_enum, default_value_t)]
    what: What,
    /// Only names that match this glob; `tools` also matches everything below `tools`.
    #[arg(long, value_name = "GLOB")]
    id: Option<Pattern>,
    /// Only this level.
    #[arg(long, ignore_case = true, value_parser = level())]
    level: Option<Level>,
    /// Only areas of the protocol that match this glob; `server` also matches everything below
    /// `server`.
    #[arg(long, value_name = "GLOB")]
    area: Option<Pattern>,
    /// Only requirements on the behaviour of this party; `server` and `client` include `both`. The
    /// requirements of the interface are on `host` and `guest`.
    #[arg(long, value_parser = PARTIES)]
    party: Option<String>,
    /// Only requirements whose sentence binds this party, which may not be the one observed.
    #[arg(long, value_parser = Bound::ALL.map(Bound::name))]
    binds: Option<String>,
    /// Only what can be observed over this transport.
    #[arg(long, value_enum)]
    transport: Option<Seen>,
    /// Only requirements without a check, with the reason, and checks without a proof.
    #[arg(long)]
    uncovered: bool,
    /// The output format.
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum What {
    /// The checks, with the requirements that they judge.
    #[default]
    Checks,
    /// The requirements of the revision and of the interface, with the number of checks.
    Requirements,
    /// The checks of a runtime (run --runtime), with the requirements of wasi:mcp.
    Runtime,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Seen {
    Stdio,
    Http,
}

impl Seen {
    fn transport(self) -> Transport {
        match self {
            Self::Stdio => Transport::Stdio,
            Self::Http => Transport::Http,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// Text for human readers.
    #[default]
    Human,
    /// JSON for programs.
    Json,
    /// Tab-separated columns under a heading.
    Tsv,
}

fn level() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(["MUST", "SHOULD", "MAY"])
        .try_map(|text| Level::parse(&text.to_uppercase()).ok_or("no level"))
}

impl ListOptions {
    fn wants_requirement(&self, row: &Row) -> bool {
        let requirement = row.requirement;
        self.is_about(requirement)
            && named(&self.id, [requirement.id])
            && self.level.is_none_or(|level| requirement.level == level)
            && self
                .transport
                .is_none_or(|seen| requirement.transports().contains(&seen.transport()))
            && !(self.uncovered && (row.is_checked() || !requirement.server_testable))
    }

    fn wants_check(&self, check: &Check) -> bool {
        let names = check.requirements.iter().copied().chain([check.id]);
        let mut requirements = check.requirements.iter().filter_map(|id| catalog().get(id));
        named(&self.id, names)
            && requirements.any(|requirement| self.is_about(requirement))
            && self.level.is_none_or(|level| check.level() == level)
            && self
                .transport
                .is_none_or(|seen| check.scope.includes(seen.transport()))
            && !(self.uncovered && faults().iter().any(|fault| fault.check == check.id))
    }

    fn is_about(&self, requirement: &Requirement) -> bool {
        named(&self.area, [requirement.area])
            && self.party.as_deref().is_none_or(|party| {
                let shared = matches!(party, "server" | "client") && requirement.party == "both";
                shared || requirement.party == party
            })
            && self
                .binds
                .as_deref()
                .is_none_or(|binds| requirement.binds.name() == binds)
    }
}

fn named<'a>(pattern: &Option<Pattern>, names: impl IntoIterator<Item = &'a str>) -> bool {
    let mut names = names.into_iter();
    match pattern {
        Some(pattern) => names.any(|name| pattern.matches(name)),
        None => true,
    }
}

/// Returns the list.
///
/// # Errors
///
/// When no name matches, or an option does not apply to this kind of list.
pub(super) fn write(options: &ListOptions, style: Style) -> anyhow::Result<String> {
    let (found, text) = match options.what {
        What::Checks => {
            let checks = checks::all().filter(|check| options.wants_check(check));
            let checks: Vec<_> = checks.map(ListedCheck::of).collect();
            let all = checks::all().count();
            let mut text = write_checks(&checks, all, options.format, style)?;
            if let (true, Form::Human) = (options.uncovered, options.format) {
                let rows = catalog().rows().iter().map(Row::new);
                let gaps = rows.filter(|row| options.wants_requirement(row)).count();
                push(
                    &mut text,
                    format_args!(
                        "{gaps} requirements have no check: `wasi-mcp-conformance list requirements \
                         --uncovered` names them"
                    ),
                );
            }
            (checks.len(), text)
        }
        What::Runtime => {
            let (checks, all) = runtime::checks(options)?;
            let mut text = write_checks(&checks, all, options.format, style)?;
            if let (true, Form::Human) = (options.uncovered, options.format) {
                let gaps = interface::gaps(options);
                push(
                    &mut text,
                    format_args!(
                        "{} requirements of the interface have no check:",
                        gaps.len()
                    ),
                );
                interface::write(&mut text, &gaps, true, style);
            }
            (checks.len(), text)
        }
        What::Requirements => {
            let rows = catalog().rows().iter().map(Row::new);
            let rows: Vec<Row> = rows.filter(|row| options.wants_requirement(row)).collect();
            let interface = interface::rows(options);
            let found = rows.len() + interface.len();
            let text = match options.format {
                Form::Human => requirements_for_people(rows, &interface, options.uncovered, style),
                Form::Json => requirements_as_json(&rows, &interface)?,
                Form::Tsv => requirements_as_table(&rows, &interface),
            };
            (found, text)
        }
    };
    // A typo in a name must not look like an empty result. An empty result of --uncovered is a
    // valid answer.
    let empty = found == 0 && !options.uncovered;
    if let Some(area) = options.area.as_ref().filter(|_| empty) {
        let areas = areas();
        if !areas.iter().any(|known| area.matches(known)) {
            bail!(unknown_area(area, &areas));
        }
    }
    ensure!(
        !empty || options.id.is_none(),
        "nothing matches --id and the other options"
    );
    ensure!(
        !empty || options.area.is_none(),
        "nothing matches --area and the other options"
    );
    Ok(text)
}

/// Returns the areas of all requirements, in the order of the specification.
fn areas() -> Vec<&'static str> {
    let of_mcp = catalog().rows().iter().map(|row| row.area);
    let mut areas = Vec::new();
    for area in of_mcp.chain([interface::AREA]) {
        if !areas.contains(&area) {
            areas.push(area);
        }
    }
    areas
}

/// Describes an area that does not exist, with what may be meant.
fn unknown_area(area: &Pattern, areas: &[&'static str]) -> String {
    let text = area.to_string();
    let near = similar(text.trim_matches(['*', '/']), areas.iter().copied());
    let mut told = format!("no area matches --area {text}");
    if !near.is_empty() {
        told.push_str(&format!("\nDid you mean {}?", near.join(", ")));
    }
    told.push_str(&format!("\nThe areas are {}", areas.join(", ")));
    told
}

fn write_checks(
    checks: &[ListedCheck],
    all: usize,
    format: Form,
    style: Style,
) -> serde_json::Result<String> {
    match format {
        Form::Human => Ok(checks_for_people(checks, all, style)),
        Form::Json => json("checks", &checks),
        Form::Tsv => Ok(checks_as_table(checks)),
    }
}

fn only(scope: Scope) -> Option<&'static str> {
    match scope {
        Scope::Everywhere => None,
        Scope::Stdio => Some("stdio"),
        Scope::Http => Some("http"),
    }
}

fn checks_for_people(checks: &[ListedCheck], all: usize, style: Style) -> String {
    let mut text = String::new();
    for check in checks {
        let transport = check.transport;
        let transport = transport.map_or(String::new(), |it| format!(", {it} only"));
        push(
            &mut text,
            format_args!(
                "{}\n    {}\n    {}{transport}: {}",
                style.paint("1", check.check),
                check.intent,
                check.level,
                check.requirements.join(", ")
            ),
        );
    }
    push(&mut text, format_args!("{}", counted(checks.len(), all)));
    text
}

fn requirements_for_people(
    rows: Vec<Row>,
    interface: &[interface::ListedRow],
    reasons: bool,
    style: Style,
) -> String {
    let mut text = String::new();
    let shown = rows.len() + interface.len();
    let width = rows.iter().map(|row| row.requirement.id.len()).max();
    let width = width.unwrap_or_default();
    for (area, rows) in by_area(rows) {
        push(&mut text, format_args!("{}", style.paint("1", area)));
        for row in rows {
            let Requirement {
                id,
                level,
                requirement,
                ..
            } = row.requirement;
            let checks = style.paint("2", &format!("{:<9}", checked(&row)));
            push(
                &mut text,
                format_args!("  {id:<width$}  {level:<6}  {checks}  {requirement}"),
            );
            let why = row.requirement.unobservable;
            if reasons && !why.is_empty() {
                push(&mut text, format_args!("  {:<width$}  because {why}", ""));
            }
        }
    }
    interface::write(&mut text, interface, reasons, style);
    let all = catalog().rows().len() + interface::total();
    let counted = counted(shown, all);
    push(
        &mut text,
        format_args!("{counted}; - marks requirements that no server shows"),
    );
    text
}

/// Describes in two words how a requirement is checked.
fn checked(row: &Row) -> String {
    match (row.checks.len(), row.is_checked()) {
        (0, true) => "legal".to_owned(),
        (0, false) if row.requirement.server_testable => "unchecked".to_owned(),
        (0, false) => "-".to_owned(),
        (1, _) => "1 check".to_owned(),
        (number, _) => format!("{number} checks"),
    }
}

fn counted(shown: usize, all: usize) -> String {
    format!("{shown} of {all}; `wasi-mcp-conformance explain ID` says more about each")
}

#[derive(Serialize)]
struct ListedCheck {
    check: &'static str,
    intent: &'static str,
    level: Level,
    transport: Option<&'static str>,
    requirements: &'static [&'static str],
}

impl ListedCheck {
    fn of(check: &'static Check) -> Self {
        Self {
            check: check.id,
            intent: check.intent,
            level: check.level(),
            transport: only(check.scope),
            requirements: check.requirements,
        }
    }
}

#[derive(Serialize)]
struct ListedRequirement {
    #[serde(flatten)]
    requirement: &'static Requirement,
    link: String,
    sentence: &'static str,
    #[serde(rename = "sentenceLink")]
    sentence_link: String,
    transports: &'static [Transport],
    checks: Vec<&'static str>,
    faults: usize,
    variations: usize,
}

fn requirements_as_json(
    rows: &[Row],
    interface: &[interface::ListedRow],
) -> serde_json::Result<String> {
    let rows = rows.iter().map(|row| ListedRequirement {
        requirement: row.requirement,
        link: row.requirement.link(),
        sentence: row.requirement.sentence(),
        sentence_link: row.requirement.sentence_link(),
        transports: row.requirement.transports(),
        checks: row.checks.iter().map(|check| check.id).collect(),
        faults: row.faults.len(),
        variations: row.variations.len(),
    });
    let list = serde_json::json!({
        "schema": 1,
        "revision": REVISION,
        "requirements": rows.collect::<Vec<_>>(),
        "interface": interface,
    });
    serde_json::to_string_pretty(&list).map(|text| text + "\n")
}

fn json(name: &str, list: &impl Serialize) -> serde_json::Result<String> {
    let list = serde_json::json!({"schema": 1, "revision": REVISION, name: list});
    serde_json::to_string_pretty(&list).map(|text| text + "\n")
}

fn checks_as_table(checks: &[ListedCheck]) -> String {
    let mut text = "check\tlevel\ttransport\trequirements\tintent\n".to_owned();
    for check in checks {
        let cells = [
            check.check,
            &check.level.to_string(),
            check.transport.unwrap_or_default(),
            &check.requirements.join(","),
            check.intent,
        ];
        push(&mut text, format_args!("{}", cells.join("\t")));
    }
    text
}

fn requirements_as_table(rows: &[Row], interface: &[interface::ListedRow]) -> String {
    let mut text = "id\tlevel\tparty\tbinds\tarea\tsince\tuntil\tlink\tchecks\tfaults\t\
                    variations\trequirement\tviolation\tunobservable\tdisputed\tsentence\n"
        .to_owned();
    for row in rows {
        let requirement = row.requirement;
        let checks: Vec<&str> = row.checks.iter().map(|check| check.id).collect();
        let cells = [
            requirement.id,
            requirement.wording,
            requirement.party,
            requirement.binds.name(),
            requirement.area,
            requirement.since,
            requirement.until,
            &requirement.link(),
            &checks.join(","),
            &row.faults.len().to_string(),
            &row.variations.len().to_string(),
            requirement.requirement,
            requirement.violation,
            requirement.unobservable,
            requirement.disputed,
            requirement.sentence(),
        ];
        push(&mut text, format_args!("{}", cells.join("\t")));
    }
    for row in interface {
        let cells = interface::cells(row);
        push(&mut text, format_args!("{}", cells.join("\t")));
    }
    text
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}
