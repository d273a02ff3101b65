//! The proof that the checks of a runtime can fail: which fault of a runtime
//! has to be found by which check.
//!
//! The rows are data (`faults/runtime.tsv`); the test `runtime` plays every
//! one of them.

use std::sync::LazyLock;

/// A runtime with one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its name: a mode of the probes that tells what a faulty host would have
    /// answered, or a change of what the host sends.
    pub name: &'static str,
    /// The check that has to find it.
    pub check: &'static str,
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
            let (name, check) = row
                .split_once('\t')
                .unwrap_or_else(|| panic!("`{row}` has not 2 columns"));
            Fault { name, check }
        })
        .collect()
    });
    &FAULTS
}
