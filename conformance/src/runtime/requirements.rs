//! The catalogue of what `wasi:mcp` asks of a host, and of a guest: one row
//! for each sentence of the WIT's doc comments.
//!
//! The rows are data (`requirements/wasi-mcp.tsv`).

use std::sync::LazyLock;

use serde::Serialize;

use crate::model::Level;

/// The version of the interface that the catalogue describes.
pub const VERSION: &str = "0.3.0-draft2";

const COLUMNS: usize = 7;

/// One row of the catalogue.
#[derive(Clone, Debug, Serialize)]
pub struct Requirement {
    /// Stable name, for example `wit.register.duplicate`.
    pub id: &'static str,
    /// Its level: MUST, SHOULD or MAY.
    pub level: Level,
    /// The party that it binds: `host` or `guest`.
    pub party: &'static str,
    /// The WIT file, for example `runtime.wit`.
    pub file: &'static str,
    /// The interface, and where there is one the function or type in it.
    pub item: &'static str,
    /// Its text, in one sentence.
    pub requirement: &'static str,
    /// Why no check of a runtime judges it, where none does.
    pub unchecked: &'static str,
}

impl Requirement {
    /// Address of the text that states it.
    pub fn link(&self) -> String {
        format!(
            "https://github.com/WebAssembly/wasi-mcp/blob/main/wit/{}",
            self.file
        )
    }
}

/// All rows, in the order of the files.
///
/// # Panics
///
/// When the table is malformed, which a test of this module excludes.
pub fn rows() -> &'static [Requirement] {
    static ROWS: LazyLock<Vec<Requirement>> = LazyLock::new(|| {
        let table = include_str!("../../requirements/wasi-mcp.tsv");
        let rows = table.lines().skip(1).map(|line| {
            parse(line).unwrap_or_else(|| panic!("malformed row of the catalogue: `{line}`"))
        });
        rows.collect()
    });
    &ROWS
}

/// The row with this id.
pub fn get(id: &str) -> Option<&'static Requirement> {
    rows().iter().find(|row| row.id == id)
}

fn parse(line: &'static str) -> Option<Requirement> {
    let cells: Vec<&'static str> = line.split('\t').collect();
    let cells: [&'static str; COLUMNS] = cells.try_into().ok()?;
    let [id, wording, party, file, item, requirement, unchecked] = cells;
    let level = match wording {
        "MUST" | "MUST NOT" | "must*" => Level::Must,
        "SHOULD" | "SHOULD NOT" => Level::Should,
        "MAY" => Level::May,
        _ => return None,
    };
    Some(Requirement {
        id,
        level,
        party,
        file,
        item,
        requirement,
        unchecked,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::checks::runtime;

    #[test]
    fn every_row_is_named_once_and_stands_in_the_interface() {
        let mut names = HashSet::new();
        for row in rows() {
            assert!(names.insert(row.id), "{} stands twice", row.id);
            assert!(["host", "guest"].contains(&row.party), "{}", row.id);
            assert!(row.requirement.ends_with('.'), "{}", row.id);
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit/");
            let file = std::fs::read_to_string(format!("{path}{}", row.file)).expect(row.file);
            for part in row.item.split('.') {
                assert!(
                    file.contains(part),
                    "{}: {part} is not in {}",
                    row.id,
                    row.file
                );
            }
        }
    }

    #[test]
    fn every_row_of_a_host_is_checked_or_says_why_not() {
        let checked = |id: &str| runtime::all().any(|check| check.requirements.contains(&id));
        for row in rows().iter().filter(|row| row.party == "host") {
            let excused = !row.unchecked.is_empty();
            assert_ne!(
                checked(row.id),
                excused,
                "{}: either a check names it, or a reason stands there",
                row.id
            );
        }
    }
}
