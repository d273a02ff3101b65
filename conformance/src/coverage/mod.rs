//! Coverage of the requirements: checks by transport, and proofs that these checks can fail. It is
//! computed from the catalog, the checks and the tables of faults.

mod page;
pub mod proof;

use std::collections::BTreeMap;

use crate::checks::{self, Check};
use crate::model::requirements::{Requirement, catalog};
use crate::model::{Level, Transport};

pub use page::page;
use proof::{Fault, Variation};

/// A requirement with its checks, faults and variations.
#[derive(Clone)]
pub struct Row {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// The checks that judge it.
    pub checks: Vec<&'static Check>,
    /// The faults that violate it; each is found by one of the checks.
    pub faults: Vec<&'static Fault>,
    /// The legal variations that it permits.
    pub variations: Vec<&'static Variation>,
}

impl Row {
    /// Collects the checks, faults and variations of a requirement.
    pub fn new(requirement: &'static Requirement) -> Self {
        let id = requirement.id;
        let faults = proof::faults().iter();
        let variations = proof::variations().iter();
        Self {
            requirement,
            checks: checks::all()
                .filter(|check| check.requirements.contains(&id))
                .collect(),
            faults: faults
                .filter(|fault| fault.rows().any(|row| row == id))
                .collect(),
            variations: variations
                .filter(|variation| variation.rows().any(|row| row == id))
                .collect(),
        }
    }

    /// Returns true if a check judges it or, for a permission, if a legal variation must pass.
    pub fn is_checked(&self) -> bool {
        !self.checks.is_empty() || self.is_permitted_by_variation()
    }

    fn is_permitted_by_variation(&self) -> bool {
        self.requirement.level == Level::May && !self.variations.is_empty()
    }

    /// Returns true if its judgement is proven: by a detected fault or, for a permission, by a
    /// passing legal variation.
    pub fn is_proven(&self) -> bool {
        !self.faults.is_empty() || self.is_permitted_by_variation()
    }

    /// Returns true if it is checked over a transport.
    pub fn is_checked_over(&self, transport: Transport) -> bool {
        let by_check = self
            .checks
            .iter()
            .any(|check| check.scope.includes(transport));
        by_check
            || self.is_permitted_by_variation()
                && self
                    .variations
                    .iter()
                    .any(|variation| plays_over(variation.server, transport))
    }

    /// Counts the faults that violate it, by faulty server.
    pub fn faults_by_server(&self) -> BTreeMap<&'static str, usize> {
        let mut servers = BTreeMap::new();
        for fault in &self.faults {
            *servers.entry(fault.server).or_default() += 1;
        }
        servers
    }

    /// Names the transports over which it is checked.
    pub fn checked_over(&self) -> &'static str {
        let [stdio, http] = [Transport::Stdio, Transport::Http].map(|it| self.is_checked_over(it));
        match (stdio, http) {
            (true, true) => "both",
            (true, false) => "stdio",
            (false, true) => "HTTP",
            (false, false) => "",
        }
    }
}

/// Returns true if a faulty server is driven over a transport. Guests are run over both.
fn plays_over(server: &str, transport: Transport) -> bool {
    match server {
        "stdio" => transport == Transport::Stdio,
        "http" | "bearer" => transport == Transport::Http,
        _ => true,
    }
}

/// Returns the rows of all requirements that a server shows, in the order of the specification.
pub fn server_rows() -> Vec<Row> {
    let rows = catalog().rows().iter();
    rows.filter(|row| row.server_testable)
        .map(Row::new)
        .collect()
}

/// Returns the requirements that a client shows, in the order of the specification.
pub fn client_rows() -> impl Iterator<Item = &'static Requirement> {
    catalog().rows().iter().filter(|row| row.client_testable)
}

/// The number of rows of some kind, and of those that are checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// All of them.
    pub rows: usize,
    /// Those that are checked.
    pub checked: usize,
}

impl Share {
    fn count<'a>(rows: impl IntoIterator<Item = &'a Row>, counts: impl Fn(&Row) -> bool) -> Self {
        let mut share = Self::default();
        for row in rows {
            share.rows += 1;
            share.checked += usize::from(counts(row));
        }
        share
    }

    /// Returns the percentage of checked rows, rounded down: only all are 100.
    pub fn per_cent(self) -> usize {
        (self.checked * 100).checked_div(self.rows).unwrap_or(100)
    }
}

/// The totals of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All rows.
    pub all: Share,
    /// MUST and MUST NOT.
    pub must: Share,
    /// SHOULD and SHOULD NOT.
    pub should: Share,
    /// MAY.
    pub may: Share,
    /// Rows observable over stdio, and those checked over it.
    pub stdio: Share,
    /// Rows observable over Streamable HTTP, and those checked over it.
    pub http: Share,
    /// Rows with a fault that a check must find, or with a legal variation that they permit.
    pub proven: Share,
}

impl Totals {
    /// The names of [`Totals::shares`].
    pub const COLUMNS: [&str; 7] = [
        "checked", "MUST", "SHOULD", "MAY", "stdio", "HTTP", "proven",
    ];

    /// Returns the totals as a row of a table.
    pub fn shares(self) -> [Share; 7] {
        [
            self.all,
            self.must,
            self.should,
            self.may,
            self.stdio,
            self.http,
            self.proven,
        ]
    }

    /// Counts rows.
    pub fn of(rows: &[Row]) -> Self {
        let of_level = |level| {
            let rows = rows.iter().filter(|row| row.requirement.level == level);
            Share::count(rows, Row::is_checked)
        };
        let over = |transport: Transport| {
            let shows = |row: &&Row| row.requirement.transports().contains(&transport);
            Share::count(rows.iter().filter(shows), |row| {
                row.is_checked_over(transport)
            })
        };
        Self {
            all: Share::count(rows, Row::is_checked),
            must: of_level(Level::Must),
            should: of_level(Level::Should),
            may: of_level(Level::May),
            stdio: over(Transport::Stdio),
            http: over(Transport::Http),
            proven: Share::count(rows, Row::is_proven),
        }
    }
}

/// Groups rows by area. Areas are sorted by name, rows keep the order of the specification.
pub fn by_area(rows: impl IntoIterator<Item = Row>) -> BTreeMap<&'static str, Vec<Row>> {
    let mut areas: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
    for row in rows {
        areas.entry(row.requirement.area).or_default().push(row);
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_coverage_is_a_hundred_per_cent() {
        let share = |checked, rows| Share { rows, checked }.per_cent();
        assert_eq!(share(295, 296), 99);
        assert_eq!(share(296, 296), 100);
        assert_eq!(share(0, 3), 0);
        assert_eq!(share(0, 0), 100);
    }

    #[test]
    fn a_row_knows_its_checks_and_their_proof() {
        let requirement = catalog().get("ping.respond").expect("the row exists");
        let row = Row::new(requirement);
        assert!(row.checks.iter().any(|check| check.id == "ping/respond"));
        assert!(!row.faults.is_empty());
        assert!(row.is_checked() && row.is_proven());
        assert_eq!(row.checked_over(), "both");
        let counted: usize = row.faults_by_server().values().sum();
        assert_eq!(counted, row.faults.len());
    }

    #[test]
    fn a_permission_is_checked_by_a_variation_but_a_duty_is_not() {
        let bare = |id: &str| Row {
            requirement: catalog().get(id).expect("the row exists"),
            checks: Vec::new(),
            faults: Vec::new(),
            variations: vec![&proof::variations()[0]],
        };
        assert!(bare("progress.float").is_checked());
        assert!(bare("progress.float").is_checked_over(Transport::Stdio));
        assert!(!bare("progress.float").is_checked_over(Transport::Http));
        assert!(!bare("ping.respond").is_checked());
        assert!(!bare("ping.respond").is_proven());
    }

    #[test]
    fn no_row_is_lost_between_the_areas() {
        let areas = by_area(server_rows());
        assert!(areas.contains_key("server/tools"));
        let rows: usize = areas.values().map(Vec::len).sum();
        assert_eq!(rows, server_rows().len());
        assert_eq!(Totals::of(&server_rows()).all.rows, rows);
    }
}
