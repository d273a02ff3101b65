//! What a report says about the requirements, area by area of the specification.

use std::collections::BTreeMap;

use super::Report;
use crate::model::requirements::catalog;
use crate::model::{Status, Verdict};

/// What the runs together say about one requirement, from nothing to the worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Finding {
    #[default]
    Unjudged,
    Skipped,
    Held,
    Violated,
}

impl Finding {
    fn of(status: Status) -> Self {
        match status {
            Status::HarnessError => Self::Unjudged,
            Status::Skip => Self::Skipped,
            Status::Pass | Status::UnexpectedPass => Self::Held,
            Status::ExpectedFailure
            | Status::Warn
            | Status::Fail
            | Status::Timeout
            | Status::Crash => Self::Violated,
        }
    }
}

/// How many of an area's requirements that a server shows came out how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Its name in the catalogue.
    pub name: String,
    /// A check of each was made and none found it violated.
    pub held: usize,
    /// A check found each violated, expected or not.
    pub violated: usize,
    /// The checks of each were skipped.
    pub skipped: usize,
    /// No check judged it.
    pub unjudged: usize,
}

impl Area {
    /// How many requirements there are.
    pub fn total(&self) -> usize {
        self.held + self.violated + self.skipped + self.unjudged
    }
}

/// The area of a requirement; for one that the catalogue does not have, the
/// part of its id before the dot.
pub fn of_requirement(id: &str) -> &str {
    match catalog().get(id) {
        Some(row) => row.area,
        None => id.split('.').next().unwrap_or(id),
    }
}

/// The areas of what a check judges, each once.
pub fn of_verdict(verdict: &Verdict) -> Vec<&str> {
    let areas = verdict.requirements.iter().map(|id| of_requirement(id));
    let mut areas: Vec<&str> = areas.collect();
    areas.sort_unstable();
    areas.dedup();
    areas
}

/// All areas of which a server shows something, in the order of their names.
pub fn all(report: &Report) -> Vec<Area> {
    let shown = catalog().rows().iter().filter(|row| row.server_testable);
    let mut findings: BTreeMap<&str, Finding> =
        shown.map(|row| (row.id, Finding::default())).collect();
    for verdict in report.runs.iter().flat_map(|run| &run.results) {
        for id in &verdict.requirements {
            let finding = findings.entry(id).or_default();
            *finding = Finding::of(verdict.status).max(*finding);
        }
    }
    let mut areas: BTreeMap<&str, Area> = BTreeMap::new();
    for (id, finding) in findings {
        let area = areas.entry(of_requirement(id)).or_default();
        match finding {
            Finding::Held => area.held += 1,
            Finding::Violated => area.violated += 1,
            Finding::Skipped => area.skipped += 1,
            Finding::Unjudged => area.unjudged += 1,
        }
    }
    let named = areas.into_iter().map(|(name, mut area)| {
        name.clone_into(&mut area.name);
        area
    });
    named.collect()
}
