//! The proof that the checks of a runtime can fail: which fault of a runtime
//! has to be found by which check.
//!
//! The rows are data (`faults/runtime.tsv`); the test `runtime` plays every
//! one of them.

use std::sync::LazyLock;

/// A runtime with one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its name: a fault that the probes play between them and their host, or a change of the
    /// messages between host and client.
    pub name: &'static str,
    /// The check that has to find it.
    pub check: &'static str,
    /// The requirements that it violates, separated by commas.
    requirements: &'static str,
}

impl Fault {
    /// The requirements that it violates.
    pub fn rows(&self) -> impl Iterator<Item = &'static str> {
        self.requirements.split(',')
    }
}

/// All faults.
///
/// # Panics
///
/// When the table is malformed: it is part of the program.
pub fn faults() -> &'static [Fault] {
    static FAULTS: LazyLock<Vec<Fault>> = LazyLock::new(|| {
        let rows = include_str!("../../faults/runtime.tsv").lines().skip(1);
        rows.map(|row| {
            let mut cells = row.split('\t');
            let (Some(name), Some(check), Some(requirements), None) =
                (cells.next(), cells.next(), cells.next(), cells.next())
            else {
                panic!("expected 3 columns: `{row}`")
            };
            Fault {
                name,
                check,
                requirements,
            }
        })
        .collect()
    });
    &FAULTS
}
