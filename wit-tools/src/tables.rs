//! The parts of the account for people: `proposal/mapping.md`, which is generated from it, and
//! `proposal/deviations.md`, which is written by hand and checked against it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::{Result, bail, ensure};

use crate::mapping::{Kind, Mapping, Reason, Row};
use crate::package::Package;
use crate::place::{self, Item};

const TITLE: &str = "\
<!-- Written by `wasi-mcp-wit mapping` from proposal/mapping.tsv. Change it there. -->

# MCP in the WIT

Every method, notification and definition of MCP 2025-06-18, and its places in the package. The
properties are in [mapping.tsv](mapping.tsv). Where the package differs from the schema, the last
column names the deviation, which [deviations.md](deviations.md) explains. \"Wire\" marks items that
the host handles without the component.
";

/// Writes `mapping.md`.
pub fn mapping_page(mapping: &Mapping, package: &Package) -> String {
    let mut page = TITLE.to_owned();
    page.push_str("\n| | total | with a place | on the wire only | with a deviation |\n");
    page.push_str("|---|---|---|---|---|\n");
    for kind in Kind::ALL {
        let count = |test: &dyn Fn(&Row) -> bool| mapping.of(kind).filter(|row| test(row)).count();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            plural(kind),
            count(&|_| true),
            count(&|row| !row.places.is_empty()),
            count(&|row| row.places.is_empty() && matches!(row.reason, Some(Reason::Wire(_)))),
            count(&|row| matches!(row.reason, Some(Reason::Deviation(_)))),
        );
    }
    for kind in [Kind::Method, Kind::Notification] {
        let _ = write!(page, "\n## {}\n\n", capitalised(plural(kind)));
        page.push_str("| Method | A server's component | A client of upstreams | To note |\n");
        page.push_str("|---|---|---|---|\n");
        for row in mapping.of(kind) {
            let (client, server): (Vec<&String>, Vec<&String>) = row
                .places
                .iter()
                .partition(|place| place.starts_with("client."));
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {} |",
                row.name,
                links(&server, package),
                links(&client, package),
                note(row)
            );
        }
    }
    let _ = write!(page, "\n## {}\n\n", capitalised(plural(Kind::Definition)));
    page.push_str("| Definition | Place | To note |\n|---|---|---|\n");
    for row in mapping.of(Kind::Definition) {
        let places: Vec<&String> = row.places.iter().collect();
        let _ = writeln!(
            page,
            "| `{}` | {} | {} |",
            row.name,
            links(&places, package),
            note(row)
        );
    }
    page
}

fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Method => "requests",
        Kind::Notification => "notifications",
        Kind::Definition => "definitions",
        Kind::Property => "properties",
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn links(places: &[&String], package: &Package) -> String {
    let links: Vec<String> = places
        .iter()
        .map(|place| format!("[`{place}`](reference.md#{})", anchor(place, package)))
        .collect();
    links.join(", ")
}

/// Returns the anchor of a place in the reference, where a parameter has none of its own.
fn anchor<'a>(place: &'a str, package: &Package) -> &'a str {
    match (place::find(package, place), place.rsplit_once('.')) {
        (Ok(Item::Parameter(_)), Some((function, _))) => function,
        _ => place,
    }
}

fn note(row: &Row) -> String {
    match &row.reason {
        None => String::new(),
        Some(Reason::Wire(text)) => format!("Wire: {text}"),
        Some(Reason::Deviation(name)) => format!("[{name}](deviations.md#{name})"),
    }
}

/// Returns the disagreements between `deviations.md` and the account. The page has one table whose
/// rows begin with `| <a id="NAME"></a>NAME |` and name, in their second column, exactly the items
/// of the account that refer to NAME, as pieces of code; the third and the fourth explain how and
/// why.
///
/// # Errors
///
/// If a row of the page's table does not have that form.
pub fn deviation_disagreements(page: &str, mapping: &Mapping) -> Result<Vec<String>> {
    let mut described: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| <a id=")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [name, items, how, why] = cells.as_slice() else {
            bail!("a row has {} cells instead of 4: {line}", cells.len());
        };
        let short = name.rsplit('>').next().unwrap_or_default();
        ensure!(
            *name == format!("<a id=\"{short}\"></a>{short}"),
            "a row begins with `{name}`"
        );
        ensure!(
            !how.is_empty() && !why.is_empty(),
            "{short} does not say how or why"
        );
        let items = items
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect();
        ensure!(
            described.insert(short.to_owned(), items).is_none(),
            "{short} comes twice"
        );
    }
    let mut found = Vec::new();
    let in_account = mapping.deviations();
    for (name, rows) in &in_account {
        let Some(described) = described.get(*name) else {
            found.push(format!("the deviation {name} is not described"));
            continue;
        };
        let named: BTreeSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        let described: BTreeSet<&str> = described.iter().map(String::as_str).collect();
        for item in named.difference(&described) {
            found.push(format!("{name} does not name {item}"));
        }
        for item in described.difference(&named) {
            found.push(format!(
                "{name} names {item}, which the account does not give it"
            ));
        }
    }
    for name in described
        .keys()
        .filter(|name| !in_account.contains_key(name.as_str()))
    {
        found.push(format!("{name} is described and not in the account"));
    }
    Ok(found)
}
