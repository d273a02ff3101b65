//! Listing and explaining requirements and checks.

use std::process::{Command, Output};

use serde_json::Value;
use wasi_mcp_conformance::checks;
use wasi_mcp_conformance::model::requirements::catalog;
use wasi_mcp_conformance::runtime::requirements as interface;

fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"))
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn text(arguments: &[&str]) -> String {
    let output = program(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn requirements(filters: &[&str]) -> Vec<Value> {
    let arguments = [&["list", "requirements", "--format", "json"], filters].concat();
    let list: Value = serde_json::from_str(&text(&arguments)).expect("the list is JSON");
    assert_eq!(list["schema"], 1);
    assert_eq!(list["revision"], "2025-06-18");
    list["requirements"].as_array().expect("rows").clone()
}

#[test]
fn the_whole_catalog_is_listed() {
    let rows = requirements(&[]);
    assert_eq!(rows.len(), catalog().rows().len());
    let names = rows.iter().find(|row| row["id"] == "tools.unique-names");
    let names = names.expect("the row is listed");
    assert_eq!(names["level"], "MUST");
    assert_eq!(names["wording"], "must*");
    assert_eq!(names["since"], "2024-11-05");
    assert_eq!(names["until"], Value::Null);
    assert_eq!(names["checks"][0], "tools/unique-names");
    assert_eq!(
        names["link"],
        "https://modelcontextprotocol.io/specification/2025-06-18/server/tools#tool"
    );
}

#[test]
fn filters_narrow_the_list() {
    let all = |filters: &[&str], holds: &dyn Fn(&Value) -> bool| {
        let rows = requirements(filters);
        assert!(!rows.is_empty(), "{filters:?} leaves nothing");
        assert!(
            rows.len() < catalog().rows().len(),
            "{filters:?} leaves all"
        );
        for row in &rows {
            assert!(holds(row), "{filters:?} leaves {row}");
        }
    };
    let starts = |row: &Value, member: &str, with: &str| {
        row[member]
            .as_str()
            .is_some_and(|text| text.starts_with(with))
    };
    all(&["--id", "tools.error-*"], &|row| {
        starts(row, "id", "tools.error-")
    });
    all(&["--id", "tools"], &|row| starts(row, "id", "tools."));
    all(&["--level", "must"], &|row| row["level"] == "MUST");
    all(&["--area", "transport"], &|row| {
        starts(row, "area", "transport")
    });
    all(&["--party", "client"], &|row| {
        row["party"] == "client" || row["party"] == "both"
    });
    all(&["--transport", "stdio"], &|row| {
        row["transports"][0] == "stdio"
    });
    all(&["--level", "MAY", "--area", "transport/http"], &|row| {
        row["level"] == "MAY" && starts(row, "area", "transport/http")
    });
}

#[test]
fn a_malformed_filter_is_rejected() {
    for arguments in [
        &["list", "--id", "["][..],
        &["list", "--level", "PERHAPS"],
        &["list", "--party", "nobody"],
        &["list", "everything"],
    ] {
        let output = program(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}

#[test]
fn the_tables_have_the_columns_of_their_heading() {
    for what in ["checks", "requirements"] {
        let table = text(&["list", what, "--format", "tsv"]);
        let columns = |line: &str| line.split('\t').count();
        let heading = table.lines().next().expect("there is a heading");
        assert!(table.lines().all(|line| columns(line) == columns(heading)));
        let rows = match what {
            "checks" => checks::all().count(),
            _ => catalog().rows().len() + interface::rows().len(),
        };
        assert_eq!(table.lines().count(), rows + 1);
    }
}

#[test]
fn checks_are_filtered_by_their_requirements() {
    let list = text(&["list", "--area", "server/tools", "--level", "MUST"]);
    assert!(list.contains("tools/unique-names\n") && !list.contains("ping/respond"));
    let list = text(&["list", "checks", "--transport", "stdio"]);
    assert!(list.contains("stdio/newline\n") && !list.contains("http/origin\n"));
    let list = text(&["list", "--id", "ping.respond"]);
    assert!(list.starts_with("ping/respond\n") && list.contains("\n1 of "));
}

#[test]
fn requirements_for_people_stand_in_columns() {
    let list = text(&["list", "requirements", "--area", "server/tools"]);
    assert!(list.starts_with("server/tools\n"));
    assert!(!list.contains('\u{1b}'));
    let rows = list.lines().filter(|line| line.starts_with("  "));
    let levels = rows.map(|line| {
        line.find("MUST")
            .or(line.find("SHOULD"))
            .or(line.find("MAY"))
    });
    let levels: Vec<_> = levels.collect();
    assert!(levels.len() > 30 && levels.iter().all(|at| *at == levels[0] && at.is_some()));
}

/// Drops faults and legal variations, which change often and are tested elsewhere.
fn without_proofs(text: &str) -> String {
    let mut proofs = false;
    let lines = text.lines().filter(|line| {
        if !line.starts_with(' ') {
            proofs = line.starts_with("proven by") || line.starts_with("permits");
        }
        !proofs
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_requirement_is_explained() {
    let explanation = text(&["explain", "tools.unique-names"]);
    assert!(
        explanation.contains("\nproven by     fault "),
        "{explanation}"
    );
    insta::assert_snapshot!(without_proofs(&explanation));
}

#[test]
fn why_a_requirement_is_not_checked_is_explained() {
    insta::assert_snapshot!(text(&["explain", "custom.preserve"]));
}

#[test]
fn a_check_is_explained() {
    let explanation = text(&["explain", "tools/list-shape"]);
    assert!(
        explanation.contains("\nproven by     fault "),
        "{explanation}"
    );
    insta::assert_snapshot!(without_proofs(&explanation));
}

#[test]
fn a_sentence_is_quoted_with_the_party_that_it_binds() {
    let explanation = text(&["explain", "lifecycle.init.first"]);
    let quoted = "quoted        “The initialization phase MUST be the first interaction between";
    assert!(explanation.contains(quoted), "{explanation}");
    assert!(explanation.contains("\nbinds         server and client\n"));
    assert!(explanation.contains("\ndisputed      The sentence does not say how a server treats"));
    let explanation = text(&["explain", "completion.ref-kinds"]);
    assert!(explanation.contains("\nbinds         the client: what a server does is at most"));
    let explanation = text(&["explain", "jsonrpc.parse-error"]);
    assert!(explanation.contains("https://www.jsonrpc.org/specification#error_object"));
}

#[test]
fn requirements_are_filtered_by_the_party_that_the_sentence_binds() {
    let rows = requirements(&["--binds", "sender"]);
    assert!(rows.iter().all(|row| row["binds"] == "sender"));
    let batch = rows.iter().find(|row| row["id"] == "base.message.no-batch");
    let batch = batch.expect("the row is listed");
    assert_eq!(
        batch["sentence"],
        "Remove support for JSON-RPC batching (PR #416)"
    );
    assert!(batch["disputed"].is_string());
}

#[test]
fn the_requirements_of_the_interface_are_listed() {
    let list = text(&["list", "requirements", "--id", "wit.*", "--format", "json"]);
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let rows = list["interface"].as_array().expect("rows");
    assert_eq!(rows.len(), interface::rows().len());
    assert!(rows.iter().any(|row| row["checks"][0].is_string()));
    let list = text(&["list", "requirements", "--area", "wasi:mcp"]);
    assert!(list.starts_with("wasi:mcp (the interface, "), "{list}");
    let guests = text(&["list", "requirements", "--party", "guest"]);
    assert!(guests.contains("  wit."), "{guests}");
}

#[test]
fn gaps_are_listed_with_their_reasons() {
    let list = text(&["list", "requirements", "--uncovered"]);
    assert!(
        list.contains("unchecked") && list.contains("because "),
        "{list}"
    );
    let list = text(&["list", "runtime", "--uncovered"]);
    let gaps = interface::rows()
        .iter()
        .filter(|row| !row.unchecked.is_empty());
    for gap in gaps {
        assert!(list.contains(gap.id), "{list}");
    }
    let list = text(&["list", "--uncovered"]);
    assert!(list.contains("requirements have no check: `wasi-mcp-conformance list requirements"));
}

#[test]
fn the_modes_of_the_probes_are_explained_with_a_check_of_a_runtime() {
    let explanation = text(&["explain", "runtime-lifecycle/start-fails"]);
    assert!(
        explanation.contains("\nin the mode   start-error: "),
        "{explanation}"
    );
    assert!(explanation.contains("start-trap: "), "{explanation}");
}

#[test]
fn several_ids_are_explained_together() {
    let both = text(&["explain", "ping.respond", "ping/respond"]);
    assert!(both.starts_with("ping.respond  MUST\n") && both.contains("\n\nping/respond  MUST\n"));
}

#[test]
fn an_unknown_id_is_rejected_with_suggestions() {
    let output = program(&["explain", "tools.uniqe-names"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        said.contains("did you mean one of these?\n  tools.unique-names\n"),
        "{said}"
    );
}

#[test]
fn coverage_is_shown_by_area() {
    let table = text(&["coverage"]);
    let (first, last) = (table.lines().next(), table.lines().last());
    assert!(first.is_some_and(|line| line.trim_start().starts_with("checked")));
    assert!(last.is_some_and(|line| line.starts_with("all ")));
    let page = text(&["coverage", "--format", "markdown"]);
    assert_eq!(page, wasi_mcp_conformance::coverage::page());
}
