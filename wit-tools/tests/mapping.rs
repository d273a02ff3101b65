//! Every method, notification, definition and property of the MCP schema has its place in the WIT,
//! or a reason for having none.

mod project;

use std::fs;

use project::{assert_broken, assert_holds, changed, mapping, package_0_2, package_0_3, proposal};
use wasi_mcp_wit::mapping::{HEADER, Kind, Mapping, Reason};
use wasi_mcp_wit::place;
use wasi_mcp_wit::schema::Schema;
use wasi_mcp_wit::tables;

/// The variable that names the official `schema.json` of the revision, which is not a part of this
/// project. Without it, the account is checked against the WIT and its own counts.
const SCHEMA: &str = "MCP_SCHEMA_2025_06_18";

#[test]
fn the_account_is_complete_in_itself() {
    assert_holds(mapping().gaps());
}

#[test]
fn every_place_is_there() {
    let mapping = mapping();
    assert_holds(mapping.lost_places(&package_0_3(), false));
    assert_holds(mapping.lost_places(&package_0_2(), true));
}

/// The only place that 0.2 lacks is the function that waits for a cancellation.
#[test]
fn what_0_2_lacks_is_known() {
    let lost = mapping().lost_places(&package_0_2(), false);
    assert_eq!(lost.len(), 2, "{lost:#?}");
    assert!(
        lost.iter()
            .all(|line| line.contains("`context.wait-cancelled`"))
    );
}

#[test]
fn the_account_and_the_official_schema_name_the_same() {
    let Some(path) = std::env::var_os(SCHEMA) else {
        // The counts are held by `the_account_is_complete_in_itself`.
        let counts = Kind::ALL.map(|kind| mapping().of(kind).count());
        assert_eq!(counts, [16, 9, 91, 316]);
        return;
    };
    let text = fs::read_to_string(&path).expect("the file that the variable names can be read");
    let schema = Schema::parse(&text).expect("it is the schema");
    let mapping = mapping();
    assert_eq!(
        Kind::ALL.map(|kind| schema.names(kind).len()),
        Kind::ALL.map(Kind::expected)
    );
    assert_holds(schema.disagreements(&mapping));
    assert_holds(schema.misfits(&mapping, &package_0_3()));
}

/// A schema of our own, small enough to see that each check notices what it is for.
const SMALL_SCHEMA: &str = r#"{"definitions": {
  "Role": {"type": "string", "enum": ["assistant", "user"]},
  "PingRequest": {"properties": {"method": {"const": "ping"}, "params": {"properties": {
    "_meta": {"type": "object"}}}}, "required": ["method"]},
  "Done": {"properties": {"method": {"const": "notifications/done"}}, "required": ["method"]},
  "Root": {"properties": {"uri": {"type": "string"}, "name": {"type": "string"}},
    "required": ["uri"]}
}}"#;

const SMALL_ACCOUNT: &str = "\
method\tping\tclient.upstream.ping\t
notification\tnotifications/done\t-\twire: none
definition\tRole\ttypes.role\t
definition\tPingRequest\tclient.upstream.ping\t
definition\tDone\t-\twire: none
definition\tRoot\tcontent.root\t
property\tPingRequest.method\t-\twire: none
property\tPingRequest.params\tclient.upstream.ping\t
property\tPingRequest.params._meta\tclient.upstream.ping.meta\t
property\tDone.method\t-\twire: none
property\tRoot.uri\tcontent.root.uri\t
property\tRoot.name\tcontent.root.name\t
";

fn small(from: &str, to: &str) -> (Schema, Mapping) {
    assert!(SMALL_ACCOUNT.contains(from), "{from:?}");
    let text = format!("{HEADER}\n{}", SMALL_ACCOUNT.replacen(from, to, 1));
    let mapping = Mapping::parse(&text).expect("the account has its form");
    (
        Schema::parse(SMALL_SCHEMA).expect("it is a schema"),
        mapping,
    )
}

#[test]
fn an_account_that_names_too_little_or_too_much_is_noticed() {
    let (schema, mapping) = small("", "");
    assert_holds(schema.disagreements(&mapping));
    for (from, to, what) in [
        (
            "method\tping\tclient.upstream.ping\t\n",
            "",
            "method ping has no row",
        ),
        (
            "definition\tRoot\tcontent.root\t\n",
            "",
            "definition Root has no row",
        ),
        (
            "property\tRoot.name\tcontent.root.name\t\n",
            "",
            "property Root.name has no row",
        ),
        (
            "method\tping",
            "method\tpong\t-\twire: no\nmethod\tping",
            "pong is not in the schema",
        ),
        (
            "notification\t",
            "notification\tnotifications/x\t-\twire: no\nnotification\t",
            "/x is not",
        ),
    ] {
        let (schema, mapping) = small(from, to);
        assert_broken(&schema.disagreements(&mapping), what);
    }
}

#[test]
fn a_field_that_does_not_fit_its_property_is_noticed() {
    let package = package_0_3();
    let (schema, mapping) = small("", "");
    assert_holds(schema.misfits(&mapping, &package));
    let (schema, mapping) = small("content.root.uri", "content.root.name");
    assert_broken(
        &schema.misfits(&mapping, &package),
        "Root.uri and content.root.name",
    );
    let (schema, mapping) = small("content.root.name\t", "content.root.uri\t");
    assert_broken(
        &schema.misfits(&mapping, &package),
        "Root.name and content.root.uri",
    );
    let (schema, mapping) = small("types.role", "types.log-level");
    assert_broken(
        &schema.misfits(&mapping, &package),
        "Role and types.log-level",
    );
    let (schema, mapping) = small(
        "content.root.name\t",
        "content.root.uri\tdeviation: on purpose",
    );
    assert_holds(schema.misfits(&mapping, &package));
}

#[test]
fn a_change_of_the_wit_that_loses_a_place_is_noticed() {
    let package = changed(
        "content.wit",
        "    is-error: option<bool>,",
        "    failed: option<bool>,",
    );
    let lost = mapping().lost_places(&package, false);
    assert_broken(
        &lost,
        "CallToolResult.isError: `content.call-tool-result.is-error`",
    );
}

#[test]
fn gaps_are_noticed() {
    let text = proposal("mapping.tsv");
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from:?}");
        Mapping::parse(&text.replacen(from, to, 1))
            .expect("the account has its form")
            .gaps()
    };
    assert_broken(
        &with("method\ttools/call\t", "notification\ttools/call\t")[..1],
        "15 rows",
    );
    assert_broken(
        &with("property\tRoot.name\t", "property\tRoot.uri\t"),
        "comes twice",
    );
    assert_broken(
        &with(
            "property\tRoot.name\tcontent.root.name\t",
            "property\tRoot.name\t-\t",
        ),
        "property Root.name has no place and no reason",
    );
}

#[test]
fn an_account_without_its_form_is_refused() {
    for text in [
        "kind\tname\n",
        "kind\tname\tplaces\treason\nmethod\tping\t-\n",
        "kind\tname\tplaces\treason\nmethods\tping\t-\twire: no\n",
        "kind\tname\tplaces\treason\nmethod\t\t-\twire: no\n",
        "kind\tname\tplaces\treason\nmethod\tping\t\twire: no\n",
        "kind\tname\tplaces\treason\nmethod\tping\t-\tbecause\n",
        "kind\tname\tplaces\treason\nmethod\tping\t-\twire: \n",
    ] {
        assert!(Mapping::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn places_are_found_and_lost() {
    let package = package_0_3();
    for there in [
        "types",
        "types.json",
        "types.error-code.other",
        "types.role.user",
        "content.resource",
        "content.embedded-resource.resource",
        "content.number-schema.type",
        "content.enum-schema.enum",
        "tools.call-tool",
        "tools.call-tool.ctx",
        "context.request-context",
        "logging.log",
        "logging.log.level",
        "client.upstream-event.closed",
    ] {
        assert!(place::find(&package, there).is_ok(), "{there}");
    }
    for lost in [
        "",
        "type",
        "types.",
        "types.jason",
        "types.json.more",
        "types.error-code.more",
        "types.role.user.more",
        "tools.call-tool.more",
        "tools.call-tool.ctx.more",
        // Used there, not defined there.
        "tools.call-tool-params",
        "context.request-context.more",
        "logging.log.level.more",
    ] {
        assert!(place::find(&package, lost).is_err(), "{lost}");
    }
}

#[test]
fn the_page_of_deviations_and_the_account_agree() {
    let page = proposal("deviations.md");
    let mapping = mapping();
    let found = tables::deviation_disagreements(&page, &mapping).expect("the page has its form");
    assert_holds(found);
}

#[test]
fn a_page_of_deviations_that_does_not_agree_is_noticed() {
    let page = proposal("deviations.md");
    let mut mapping = mapping();
    let with = |from: &str, to: &str, mapping: &Mapping| {
        assert!(page.contains(from), "{from:?}");
        tables::deviation_disagreements(&page.replacen(from, to, 1), mapping)
    };
    let found = with("`ElicitResult.content`", "`ElicitResult.action`", &mapping);
    let found = found.expect("the page has its form");
    assert_eq!(found.len(), 2, "{found:#?}");
    let row = "| <a id=\"empty-results\"></a>empty-results |";
    let found = with(row, "| empty-results |", &mapping).expect("the page has its form");
    assert_broken(&found, "the deviation empty-results is not described");
    assert!(with(row, "| <a id=\"other\"></a>empty-results |", &mapping).is_err());
    for row in &mut mapping.rows {
        if row.reason == Some(Reason::Deviation("empty-results".to_owned())) {
            row.reason = None;
        }
    }
    let found = with(row, row, &mapping).expect("the page has its form");
    assert_broken(&found, "empty-results is described and not in the account");
}
