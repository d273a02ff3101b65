//! The requirements of the interface `wasi:mcp` in the lists.

use serde::Serialize;

use super::{ListOptions, named, push};
use crate::checks::runtime::all;
use crate::model::Level;
use crate::report::human::Style;
use crate::runtime::requirements::{self, Requirement, VERSION};

/// The area under which the requirements of the interface are listed.
pub(super) const AREA: &str = "wasi:mcp";

/// A requirement of the interface with the checks that judge it.
#[derive(Serialize)]
pub(super) struct ListedRow {
    #[serde(flatten)]
    requirement: &'static Requirement,
    link: String,
    checks: Vec<&'static str>,
}

impl ListedRow {
    fn of(requirement: &'static Requirement) -> Self {
        let checks = all().filter(|check| check.requirements.contains(&requirement.id));
        Self {
            requirement,
            link: requirement.link(),
            checks: checks.map(|check| check.id).collect(),
        }
    }

    /// Returns the reason why no check judges it, if none does.
    fn gap(&self) -> Option<&'static str> {
        let Requirement {
            party, unchecked, ..
        } = *self.requirement;
        match (self.checks.is_empty(), unchecked, party) {
            (false, ..) => None,
            (true, "", "guest") => Some("it binds guests, and the checks of a runtime judge hosts"),
            (true, "", _) => Some("no check judges it yet"),
            (true, why, _) => Some(why),
        }
    }
}

/// Returns the rows that the options select.
pub(super) fn rows(options: &ListOptions) -> Vec<ListedRow> {
    let wanted = requirements::rows().iter().filter(|row| {
        named(&options.id, [row.id])
            && named(&options.area, [AREA])
            && options.level.is_none_or(|level| row.level == level)
            && options.binds.is_none()
            && options
                .party
                .as_deref()
                .is_none_or(|party| party == row.party)
    });
    let listed = wanted.map(ListedRow::of);
    listed
        .filter(|row| !options.uncovered || row.gap().is_some())
        .collect()
}

/// Returns the number of all rows.
pub(super) fn total() -> usize {
    requirements::rows().len()
}

/// Returns the rows that no check judges, whatever else the options say.
pub(super) fn gaps(options: &ListOptions) -> Vec<ListedRow> {
    let mut gaps = rows(options);
    gaps.retain(|row| row.gap().is_some());
    gaps
}

/// Writes the rows as text, with the reasons of gaps if requested.
pub(super) fn write(text: &mut String, rows: &[ListedRow], reasons: bool, style: Style) {
    if rows.is_empty() {
        return;
    }
    let heading = format!("{AREA} (the interface, {VERSION})");
    push(text, format_args!("{}", style.paint("1", &heading)));
    let width = rows.iter().map(|row| row.requirement.id.len()).max();
    let width = width.unwrap_or_default();
    for row in rows {
        let Requirement {
            id,
            level,
            requirement,
            ..
        } = *row.requirement;
        let level: Level = level;
        let checks = match row.checks.len() {
            0 => "unchecked".to_owned(),
            1 => "1 check".to_owned(),
            number => format!("{number} checks"),
        };
        let checks = style.paint("2", &format!("{checks:<9}"));
        push(
            text,
            format_args!("  {id:<width$}  {level:<6}  {checks}  {requirement}"),
        );
        if let (true, Some(why)) = (reasons, row.gap()) {
            push(text, format_args!("  {:<width$}  because {why}", ""));
        }
    }
}

/// Returns the cells of a row for the table of requirements.
pub(super) fn cells(row: &ListedRow) -> Vec<String> {
    let faults = crate::runtime::proof::faults().iter();
    let faults = faults.filter(|fault| row.checks.contains(&fault.check));
    let requirement = row.requirement;
    [
        requirement.id,
        &requirement.level.to_string(),
        requirement.party,
        requirement.party,
        AREA,
        "",
        "",
        &row.link,
        &row.checks.join(","),
        &faults.count().to_string(),
        "",
        requirement.requirement,
        "",
        row.gap().unwrap_or_default(),
        "",
        "",
    ]
    .map(str::to_owned)
    .to_vec()
}
