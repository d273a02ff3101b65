//! The proof that checks can fail, and that they do not fail without reason: faults of servers with
//! the violated requirements and the check that must find them, and legal variations that must
//! pass.
//!
//! The rows are data (`faults/*.tsv`). The test `faulty_servers` plays all of them, and the
//! coverage table is made from them.

use std::sync::LazyLock;

/// A server, or a component, with one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The faulty server that has it: `stdio`, `http`, `bearer` or `guest`.
    pub server: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The check that must find it.
    pub check: &'static str,
    /// The violated requirements, all judged by the check.
    rows: &'static str,
    /// A check that makes the server show the fault, if neither the survey nor the check itself
    /// does.
    pub shown_by: Option<&'static str>,
}

impl Fault {
    /// Returns the violated requirements.
    pub fn rows(&self) -> impl Iterator<Item = &'static str> {
        ids(self.rows)
    }
}

/// A legal but unusual behaviour of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variation {
    /// The faulty server that has it.
    pub server: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The requirements that permit it.
    rows: &'static str,
    /// The behaviour in one sentence.
    pub what: &'static str,
}

impl Variation {
    /// Returns the requirements that permit it.
    pub fn rows(&self) -> impl Iterator<Item = &'static str> {
        ids(self.rows)
    }
}

/// Returns all faults of all faulty servers.
pub fn faults() -> &'static [Fault] {
    static FAULTS: LazyLock<Vec<Fault>> = LazyLock::new(|| {
        const TABLES: [(&str, &str); 4] = [
            ("stdio", include_str!("../../faults/stdio.tsv")),
            ("http", include_str!("../../faults/http.tsv")),
            ("bearer", include_str!("../../faults/bearer.tsv")),
            ("guest", include_str!("../../faults/guest.tsv")),
        ];
        let rows = TABLES.iter().flat_map(|(server, table)| {
            cells::<4>(table).map(|[name, check, rows, shown_by]| Fault {
                server,
                name,
                check,
                rows,
                shown_by: (!shown_by.is_empty()).then_some(shown_by),
            })
        });
        rows.collect()
    });
    &FAULTS
}

/// Returns all legal variations of all faulty servers.
pub fn variations() -> &'static [Variation] {
    static VARIATIONS: LazyLock<Vec<Variation>> = LazyLock::new(|| {
        cells::<4>(include_str!("../../faults/legal.tsv"))
            .map(|[server, name, rows, what]| Variation {
                server,
                name,
                rows,
                what,
            })
            .collect()
    });
    &VARIATIONS
}

/// Parses a table with this number of columns and a heading.
///
/// # Panics
///
/// When a row has another number of columns: the tables are part of the program.
fn cells<const COLUMNS: usize>(
    table: &'static str,
) -> impl Iterator<Item = [&'static str; COLUMNS]> {
    table.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        cells
            .try_into()
            .unwrap_or_else(|_| panic!("`{line}` has not {COLUMNS} columns"))
    })
}

fn ids(cell: &'static str) -> impl Iterator<Item = &'static str> {
    cell.split(',').filter(|id| !id.is_empty())
}
