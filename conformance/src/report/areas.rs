//! The results by requirement and area of the specification.

use std::collections::BTreeMap;

use super::Report;
use crate::model::requirements::catalog;
use crate::model::{Status, Verdict};

/// The combined result for one requirement, from none to the worst.
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

/// The requirements of an area by result, among those that a server shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Its name in the catalog.
    pub name: String,
    /// Checked, and not violated.
    pub held: usize,
    /// Violated, expectedly or not.
    pub violated: usize,
    /// Skipped by all checks.
    pub skipped: usize,
    /// Not judged by any check.
    pub unjudged: usize,
}

impl Area {
    /// Returns the number of requirements.
    pub fn total(&self) -> usize {
        self.held + self.violated + self.skipped + self.unjudged
    }
}

/// Returns the area of a requirement. For an id that is not in the catalog, that is the part before
/// the dot.
pub fn of_requirement(id: &str) -> &str {
    match catalog().get(id) {
        Some(row) => row.area,
        None => id.split('.').next().unwrap_or(id),
    }
}

/// Returns the distinct areas of a check's requirements.
pub fn of_verdict(verdict: &Verdict) -> Vec<&str> {
    let areas = verdict.requirements.iter().map(|id| of_requirement(id));
    let mut areas: Vec<&str> = areas.collect();
    areas.sort_unstable();
    areas.dedup();
    areas
}

/// Returns all areas with observable requirements, sorted by name.
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
