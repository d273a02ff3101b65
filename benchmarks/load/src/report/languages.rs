//! The tables of the same server in each language.

use super::text::{bytes, micros, table};
use crate::languages::{CONNECTIONS, Language, Languages, Starts};
use crate::sample::Figure;

/// The cell of what does not exist.
const NONE: &str = "-";

/// Returns both tables, and what they leave out.
pub fn tables(languages: &Languages) -> String {
    let mut parts = vec![format!(
        "The servers are run by {}.",
        languages.runtimes.join(", ")
    )];
    for reason in &languages.left_out {
        parts.push(format!("**Left out:** {reason}."));
    }
    parts.push(builds(languages));
    parts.push(calls(&languages.measured));
    parts.join("\n\n")
}

fn builds(languages: &Languages) -> String {
    let head = [
        "",
        "lines",
        "deployed",
        "build s",
        "rebuild s",
        "first start ms",
        "CPU ms",
        "optimised ms",
        "CPU ms",
        "later start ms",
        "CPU ms",
    ];
    let measured = languages.measured.iter().map(|one| {
        let (cold, optimized) = (one.cold.as_ref(), one.cold_optimized.as_ref());
        [
            one.name.clone(),
            one.lines.to_string(),
            bytes(one.size as f64),
            cell(one.build.and_then(|build| build.cold), 1),
            cell(one.build.and_then(|build| build.warm), 1),
            cell(cold.map(|cold| cold.time.median), 0),
            cell(cold.map(|cold| cold.cpu.median), 0),
            cell(optimized.map(|optimized| optimized.time.median), 0),
            cell(optimized.map(|optimized| optimized.cpu.median), 0),
            cell(Some(one.warm.time.median), 0),
            cell(Some(one.warm.cpu.median), 0),
        ]
    });
    let counted = languages.counted.iter().map(|one| {
        let mut row = [NONE; 11].map(str::to_owned);
        row[0] = one.name.to_owned();
        row[1] = one.lines.to_string();
        row
    });
    let head = std::iter::once(head.map(str::to_owned));
    let rows: Vec<_> = head.chain(measured).chain(counted).collect();
    format!(
        "**Source, build, and from the start of the process to the first answer over stdio**\n\n{}",
        table(&rows)
    )
}

fn calls(measured: &[Language]) -> String {
    let head = [
        "",
        "stdio CPU us",
        "per second",
        "HTTP CPU us",
        "per second",
        "MiB: first start",
        "stdio",
        "HTTP",
    ];
    let mebibytes = |size: u64| Some(size as f64 / f64::from(1 << 20));
    let row = |one: &Language| {
        let rate = |rate: &Figure| cell(Some(rate.median), 0);
        [
            one.name.clone(),
            micros(one.stdio.summary.cpu.median),
            rate(&one.stdio.summary.rate),
            micros(one.http.summary.cpu.median),
            rate(&one.http.summary.rate),
            cell(
                one.cold
                    .as_ref()
                    .and_then(|Starts { peak, .. }| mebibytes(*peak)),
                0,
            ),
            cell(mebibytes(one.stdio.peak), 0),
            cell(mebibytes(one.http.peak), 0),
        ]
    };
    let head = std::iter::once(head.map(str::to_owned));
    let rows: Vec<_> = head.chain(measured.iter().map(row)).collect();
    format!(
        "**Calls over stdio with 1 in flight, and over HTTP on {CONNECTIONS} connections with a \
         session each; peak memory**\n\n{}",
        table(&rows)
    )
}

fn cell(value: Option<f64>, decimals: usize) -> String {
    value.map_or(NONE.to_owned(), |value| format!("{value:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidates::Family;
    use crate::languages::{BuildTimes, Calls, Counted};
    use crate::sample::Summary;

    fn language(name: &str, cold: Option<Starts>, build: Option<BuildTimes>) -> Language {
        let calls = |cpu, peak| Calls {
            summary: Summary {
                cpu: Figure::of([cpu]),
                rate: Figure::of([1e6 / cpu]),
                median: Figure::of([cpu]),
                p99: Figure::of([cpu]),
                resident: 1,
            },
            peak,
        };
        Language {
            name: name.to_owned(),
            family: Family::Peer,
            lines: 12,
            size: 2048,
            build,
            cold_optimized: cold.as_ref().map(|_| starts(900.0)),
            cold,
            warm: starts(8.0),
            stdio: calls(20.0, 3 << 20),
            http: calls(40.0, 90 << 20),
        }
    }

    fn starts(time: f64) -> Starts {
        Starts {
            time: Figure::of([time]),
            cpu: Figure::of([time / 2.0]),
            peak: 7 << 20,
        }
    }

    /// Returns the cells of a server in the table with this number.
    fn cells(tables: &str, number: usize, name: &str) -> Vec<String> {
        let mut table = tables.split("\n\n").filter(|part| part.starts_with('|'));
        let table = table.nth(number).unwrap();
        let cells = |row: &str| row.split('|').map(|cell| cell.trim().to_owned()).collect();
        let mut rows = table.lines().map(cells);
        let is_of = |row: &Vec<String>| row[1] == name;
        rows.find(is_of).unwrap()[2..].to_vec()
    }

    #[test]
    fn each_server_has_a_row_in_each_table() {
        let build = BuildTimes {
            cold: Some(60.0),
            warm: Some(2.25),
        };
        let tables = tables(&Languages {
            measured: vec![
                language("ours", Some(starts(300.0)), Some(build)),
                language("peer", None, None),
            ],
            counted: vec![Counted {
                name: "other",
                lines: 70,
            }],
            left_out: vec!["a peer: install it".to_owned()],
            runtimes: vec!["a host".to_owned(), "Node.js".to_owned()],
        });
        assert!(tables.starts_with("The servers are run by a host, Node.js.\n"));
        assert!(tables.contains("**Left out:** a peer: install it."));
        let ours = [
            "12", "2.0 KiB", "60.0", "2.2", "300", "150", "900", "450", "8", "4", "",
        ];
        assert_eq!(cells(&tables, 0, "ours"), ours);
        let peer = ["12", "2.0 KiB", "-", "-", "-", "-", "-", "-", "8", "4", ""];
        assert_eq!(cells(&tables, 0, "peer"), peer);
        let other = ["70", "-", "-", "-", "-", "-", "-", "-", "-", "-", ""];
        assert_eq!(cells(&tables, 0, "other"), other);
        let ours = ["20.0", "50000", "40.0", "25000", "7", "3", "90", ""];
        assert_eq!(cells(&tables, 1, "ours"), ours);
        let peer = ["20.0", "50000", "40.0", "25000", "-", "3", "90", ""];
        assert_eq!(cells(&tables, 1, "peer"), peer);
    }
}
