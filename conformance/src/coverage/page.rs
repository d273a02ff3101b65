//! The coverage table as a page of Markdown. It is committed, and a test compares it with the
//! output of this module.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::proof::{faults, variations};
use super::{Row, Share, Totals, by_area, client_rows, server_rows};
use crate::model::requirements::{Level, REVISION, Requirement, catalog, corrections};

type Areas = BTreeMap<&'static str, Vec<Row>>;

/// Returns the page.
pub fn page() -> String {
    let rows = server_rows();
    let mut text = String::new();
    introduction(&mut text, &rows);
    let areas = by_area(rows);
    table_of_areas(&mut text, &areas);
    unchecked(&mut text, &areas);
    each_row(&mut text, &areas);
    further_permissions(&mut text);
    client(&mut text);
    disputed(&mut text);
    corrected(&mut text);
    text
}

fn introduction(text: &mut String, rows: &[Row]) {
    let totals = Totals::of(rows);
    line(
        text,
        format_args!("# What the conformance suite checks of MCP {REVISION}\n"),
    );
    text.push_str(
        "This page is generated: `wasi-mcp-conformance coverage --format markdown` writes it, and a\n\
         test compares it with the checks. The requirements are the rows of\n\
         [the catalog](../conformance/requirements/2025-06-18.tsv), `wasi-mcp-conformance explain ID`\n\
         explains each of them. MUST includes MUST NOT, and SHOULD includes SHOULD NOT.\n\n",
    );
    line(
        text,
        format_args!(
            "Of {} requirements that a server shows, {} are checked.",
            totals.all.rows,
            percentage(totals.all)
        ),
    );
    for (level, share) in [
        (Level::Must, totals.must),
        (Level::Should, totals.should),
        (Level::May, totals.may),
    ] {
        line(
            text,
            format_args!("- {level}: {} of {}", percentage(share), share.rows),
        );
    }
    for (transport, share) in [("stdio", totals.stdio), ("Streamable HTTP", totals.http)] {
        line(
            text,
            format_args!(
                "- over {transport}: {} of {} that can be observed there",
                percentage(share),
                share.rows
            ),
        );
    }
    line(
        text,
        format_args!(
            "\nA requirement is checked by a check; a permission by a server that uses it and must pass.\n\
             {} faults prove that the checks can fail, and {} legal variations that they do not fail\n\
             without reason: {} of the rows have such a proof.\n",
            faults().len(),
            variations().len(),
            percentage(totals.proven)
        ),
    );
}

fn table_of_areas(text: &mut String, areas: &Areas) {
    text.push_str("## By area\n\n");
    let columns = Totals::COLUMNS.join(" | ");
    line(text, format_args!("| area | rows | {columns} |"));
    line(
        text,
        format_args!("|---|---|{}", "---|".repeat(Totals::COLUMNS.len())),
    );
    for (area, rows) in areas {
        row_of_totals(text, area, Totals::of(rows));
    }
    let all: Vec<Row> = areas.values().flatten().cloned().collect();
    row_of_totals(text, "all", Totals::of(&all));
    text.push_str("\nThe cells after the second show checked and all rows.\n\n");
}

fn row_of_totals(text: &mut String, area: &str, totals: Totals) {
    let cells: Vec<String> = totals.shares().into_iter().map(fraction).collect();
    line(
        text,
        format_args!("| {area} | {} | {} |", totals.all.rows, cells.join(" | ")),
    );
}

fn unchecked(text: &mut String, areas: &Areas) {
    text.push_str("## Not checked\n\n");
    let rows = areas.values().flatten();
    let rows: Vec<&Row> = rows.filter(|row| !row.is_checked()).collect();
    if rows.is_empty() {
        text.push_str("Every row is checked.\n\n");
        return;
    }
    text.push_str("| requirement | level | reason |\n|---|---|---|\n");
    for row in rows {
        let Requirement {
            level,
            unobservable,
            ..
        } = row.requirement;
        let why = if unobservable.is_empty() {
            "not yet"
        } else {
            unobservable
        };
        line(
            text,
            format_args!("| {} | {level} | {} |", linked(row.requirement), cell(why)),
        );
    }
    text.push('\n');
}

fn each_row(text: &mut String, areas: &Areas) {
    text.push_str(
        "## Every row\n\n\
         Faults are counted by the faulty server that has them: `stdio`, `http`, `bearer` (which\n\
         requires a token) and `guest` (a component).\n\n",
    );
    for (area, rows) in areas {
        line(text, format_args!("### {area}\n"));
        text.push_str("| requirement | level | checks | over | faults | legal variations |\n");
        text.push_str("|---|---|---|---|---|---|\n");
        for row in rows {
            let checks: Vec<String> = row.checks.iter().map(|it| format!("`{}`", it.id)).collect();
            let faults = row.faults_by_server().into_iter();
            let faults = faults.map(|(server, count)| format!("{count} {server}"));
            line(
                text,
                format_args!(
                    "| {} | {} | {} | {} | {} | {} |",
                    linked(row.requirement),
                    row.requirement.level,
                    checks.join(", "),
                    row.checked_over(),
                    faults.collect::<Vec<_>>().join(", "),
                    number(row.variations.len())
                ),
            );
        }
        text.push('\n');
    }
}

/// Lists permissions that cannot be violated. The catalog does not count them as observable, but a
/// suite must not complain about them.
fn further_permissions(text: &mut String) {
    let rows = catalog().rows().iter().map(Row::new);
    let used = rows.filter(|row| !row.requirement.server_testable && !row.variations.is_empty());
    let rows: Vec<Row> = used.collect();
    if rows.is_empty() {
        return;
    }
    text.push_str(
        "## Further permissions\n\n\
         Permissions that cannot be violated are not counted above. Legal variations use them.\n\n\
         | requirement | legal variations |\n|---|---|\n",
    );
    for row in &rows {
        let names: Vec<&str> = row.variations.iter().map(|it| it.name).collect();
        line(
            text,
            format_args!("| {} | {} |", linked(row.requirement), names.join(", ")),
        );
    }
    text.push('\n');
}

fn client(text: &mut String) {
    let rows: Vec<&Requirement> = client_rows().collect();
    line(
        text,
        format_args!(
            "## What a client shows\n\n\
             {} rows, not yet checked: the client role is a later step.\n",
            rows.len()
        ),
    );
    text.push_str("| area | rows | MUST | SHOULD | MAY |\n|---|---|---|---|---|\n");
    let mut areas: BTreeMap<&str, Vec<&Requirement>> = BTreeMap::new();
    for row in rows {
        areas.entry(row.area).or_default().push(row);
    }
    for (area, rows) in &areas {
        let [must, should, may] = [Level::Must, Level::Should, Level::May]
            .map(|level| rows.iter().filter(|row| row.level == level).count());
        line(
            text,
            format_args!(
                "| {area} | {} | {} | {} | {} |",
                rows.len(),
                number(must),
                number(should),
                number(may)
            ),
        );
    }
    text.push_str("\n| requirement | level | area |\n|---|---|---|\n");
    for (area, rows) in &areas {
        for row in rows {
            line(
                text,
                format_args!("| {} | {} | {area} |", linked(row), row.level),
            );
        }
    }
    text.push('\n');
}

/// Lists the sentences that can be read differently, with the reading of the suite.
fn disputed(text: &mut String) {
    text.push_str(
        "## Disputed sentences\n\n\
         A MUST that binds the client, or whoever sends a message, is not violated by a server that\n\
         is lenient: that is at most a warning. `wasi-mcp-conformance explain ID` quotes the sentence.\n\n\
         | requirement | level | binds | reading |\n|---|---|---|---|\n",
    );
    let rows = catalog().rows().iter();
    for row in rows.filter(|row| !row.disputed.is_empty()) {
        line(
            text,
            format_args!(
                "| {} | {} | {} | {} |",
                linked(row),
                row.level,
                row.binds.name(),
                cell(row.disputed)
            ),
        );
    }
    text.push('\n');
}

fn corrected(text: &mut String) {
    text.push_str(
        "## Corrections to the catalog\n\n\
         Every row was compared with the text of the specification again. These were corrected.\n\n\
         | requirement | correction | reason |\n|---|---|---|\n",
    );
    for correction in corrections() {
        line(
            text,
            format_args!(
                "| `{}` | {} | {} |",
                correction.id,
                cell(correction.what),
                cell(correction.why)
            ),
        );
    }
}

fn linked(requirement: &Requirement) -> String {
    format!("[`{}`]({})", requirement.id, requirement.link())
}

fn percentage(share: Share) -> String {
    format!("{} ({} %)", share.checked, share.per_cent())
}

/// Formats a share; empty if there is nothing to check, so that gaps stand out.
fn fraction(share: Share) -> String {
    if share.rows == 0 {
        String::new()
    } else {
        format!("{} of {}", share.checked, share.rows)
    }
}

fn number(number: usize) -> String {
    if number == 0 {
        String::new()
    } else {
        number.to_string()
    }
}

/// Escapes text for a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}
