//! The coverage table is up to date and reaches its targets.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use wasi_mcp_conformance::checks;
use wasi_mcp_conformance::coverage::proof::{faults, variations};
use wasi_mcp_conformance::coverage::{Row, Totals, page, server_rows};
use wasi_mcp_conformance::model::Transport;
use wasi_mcp_conformance::model::requirements::{Level, catalog};

/// The minimum percentage of checked rows.
const CHECKED_PER_CENT: usize = 95;
/// The minimum number of legal variations.
const VARIATIONS: usize = 40;
/// The highest number of rows for which one fault may be the only proof.
const ROWS_OF_ONE_FAULT: usize = 3;

fn ids<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Vec<&'static str> {
    rows.into_iter().map(|row| row.requirement.id).collect()
}

#[test]
fn the_committed_page_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proposal/coverage.md");
    let committed = fs::read_to_string(path).expect("the page is committed");
    let generated = page();
    let differs = committed
        .lines()
        .zip(generated.lines())
        .position(|(committed, generated)| committed != generated);
    assert!(
        committed == generated,
        "proposal/coverage.md is out of date from line {}: write it with \
         `wasi-mcp-conformance coverage --format markdown > proposal/coverage.md`",
        differs.unwrap_or_else(|| committed.lines().count().min(generated.lines().count())) + 1
    );
}

#[test]
fn nearly_every_row_that_a_server_shows_is_checked() {
    let rows = server_rows();
    let totals = Totals::of(&rows);
    let unchecked = ids(rows.iter().filter(|row| !row.is_checked()));
    assert!(
        totals.all.per_cent() >= CHECKED_PER_CENT,
        "{} of {} rows are checked; these are not: {unchecked:#?}",
        totals.all.checked,
        totals.all.rows
    );
}

#[test]
fn over_each_transport_nearly_every_row_that_it_shows_is_checked() {
    let rows = server_rows();
    for (transport, share) in [
        (Transport::Stdio, Totals::of(&rows).stdio),
        (Transport::Http, Totals::of(&rows).http),
    ] {
        let unchecked = rows.iter().filter(|row| {
            let shows = row.requirement.transports().contains(&transport);
            shows && !row.is_checked_over(transport)
        });
        assert!(
            share.per_cent() >= CHECKED_PER_CENT,
            "{} of {} rows are checked over {transport}; these are not: {:#?}",
            share.checked,
            share.rows,
            ids(unchecked)
        );
    }
}

#[test]
fn every_must_is_checked_or_cannot_be() {
    let rows = server_rows();
    let forgotten = rows.iter().filter(|row| {
        let requirement = row.requirement;
        let excused = !requirement.unobservable.is_empty();
        requirement.level == Level::Must && !row.is_checked() && !excused
    });
    let forgotten = ids(forgotten);
    assert!(forgotten.is_empty(), "unchecked: {forgotten:#?}");
}

#[test]
fn a_checked_row_is_not_called_unobservable() {
    let rows = server_rows();
    let contradictory = rows
        .iter()
        .filter(|row| row.is_checked() && !row.requirement.unobservable.is_empty());
    let contradictory = ids(contradictory);
    assert!(
        contradictory.is_empty(),
        "checked after all: take the reason out of the catalog: {contradictory:#?}"
    );
}

/// A check must be able to see a violation of each requirement that it names. For a permission, a
/// legal variation is proof enough.
#[test]
fn every_row_of_a_check_is_proven_by_a_fault_of_that_check() {
    let mut unproven = Vec::new();
    for check in checks::all() {
        for id in check.requirements {
            let row = Row::new(catalog().get(id).expect("checks name rows that exist"));
            let by_fault = row.faults.iter().any(|fault| fault.check == check.id);
            let by_variation = row.requirement.level == Level::May && !row.variations.is_empty();
            if !by_fault && !by_variation {
                unproven.push(format!("{}: {id}", check.id));
            }
        }
    }
    assert!(
        unproven.is_empty(),
        "no fault shows that these checks see a violation of these rows ({}): {unproven:#?}",
        unproven.len()
    );
}

#[test]
fn no_fault_is_the_only_proof_of_many_rows() {
    let mut only_proof: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for row in server_rows() {
        let names: HashSet<_> = row
            .faults
            .iter()
            .map(|fault| (fault.server, fault.name))
            .collect();
        if let (Some(fault), 1) = (names.iter().next(), names.len()) {
            only_proof
                .entry(*fault)
                .or_default()
                .push(row.requirement.id);
        }
    }
    only_proof.retain(|_, rows| rows.len() > ROWS_OF_ONE_FAULT);
    assert!(only_proof.is_empty(), "{only_proof:#?}");
}

#[test]
fn there_are_many_legal_variations_over_both_transports() {
    let names: HashSet<_> = variations()
        .iter()
        .map(|variation| (variation.server, variation.name))
        .collect();
    assert_eq!(names.len(), variations().len(), "duplicate variation");
    assert!(
        names.len() >= VARIATIONS,
        "there are only {} legal variations",
        names.len()
    );
    for server in ["stdio", "http"] {
        assert!(
            names.iter().any(|(of, _)| *of == server),
            "none over {server}"
        );
    }
}

#[test]
fn every_variation_names_rows_that_exist() {
    for variation in variations() {
        for id in variation.rows() {
            assert!(
                catalog().get(id).is_some(),
                "{} names the unknown requirement `{id}`",
                variation.name
            );
        }
    }
}

#[test]
fn there_are_faults_over_both_transports() {
    for server in ["stdio", "http"] {
        assert!(faults().iter().any(|fault| fault.server == server));
    }
}
