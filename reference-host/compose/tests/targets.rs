//! Components for any WASI runtime. `conformance/tests/targets.rs` runs them.

use std::collections::BTreeSet;

use wac_graph::CompositionGraph;
use wac_graph::types::Package;
use wasi_mcp_authorization::jwt::VARIABLES;
use wasi_mcp_compose::{
    ComposeError, Composition, Part, Sessions, Settings, Target, TargetOptions, target, target_with,
};
use wasi_mcp_embedded_guests as guests;

fn composed(guest: &str) -> Vec<u8> {
    let component = guests::find(guest).unwrap_or_else(|| panic!("{guest}"));
    let composition = Composition {
        parts: vec![Part::new("a", component.bytes.to_vec())],
        ..Composition::default()
    };
    composition.compose().unwrap()
}

/// Returns the names of a component's imports and exports.
fn names(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut graph = CompositionGraph::new();
    let package = Package::from_bytes("a:b", None, component.to_vec(), graph.types_mut()).unwrap();
    let package = graph.register_package(package).unwrap();
    let world = &graph.types()[graph[package].ty()];
    (
        world.imports.keys().cloned().collect(),
        world.exports.keys().cloned().collect(),
    )
}

#[test]
fn a_target_imports_wasi_alone_and_exports_its_entry_points() {
    for (variant, run, handler) in [
        (
            "0.2",
            "wasi:cli/run@0.2.6",
            "wasi:http/incoming-handler@0.2.6",
        ),
        ("0.3", "wasi:cli/run@0.3.0", "wasi:http/handler@0.3.0"),
    ] {
        for guest in ["hello", "reference-backend", "reference-service"] {
            let composition = composed(&format!("{guest}-{variant}"));
            for (entry, expected) in [
                (Target::Cli, &[run][..]),
                (Target::Http, &[handler]),
                (Target::Both, &[run, handler]),
            ] {
                let served = target(&composition, entry).unwrap();
                let (imports, exports) = names(&served);
                assert_eq!(exports, expected, "{guest} {variant} {entry:?}");
                let foreign: Vec<_> = imports
                    .iter()
                    .filter(|name| !name.starts_with("wasi:") || name.starts_with("wasi:mcp/"))
                    .collect();
                assert!(
                    foreign.is_empty(),
                    "{guest} {variant} {entry:?}: {foreign:?}"
                );
                let needs_http = imports.iter().any(|name| name.starts_with("wasi:http/"));
                assert_eq!(needs_http, entry != Target::Cli, "{guest} {variant}");
            }
        }
    }
}

#[test]
fn only_sessions_need_a_key_value_store() {
    for variant in ["0.2", "0.3"] {
        let composition = composed(&format!("hello-{variant}"));
        let stateless = target(&composition, Target::Http).unwrap();
        let is_store = |name: &&String| name.starts_with("wasi:keyvalue/");
        assert_eq!(names(&stateless).0.iter().find(is_store), None, "{variant}");
        for entry in [Target::Http, Target::Both] {
            let with = |sessions| {
                let mut options = TargetOptions::new(entry);
                options.sessions = sessions;
                target_with(&composition, options).unwrap()
            };
            assert_eq!(with(Sessions::None), target(&composition, entry).unwrap());
            let kept = with(Sessions::KeyValue);
            let (imports, exports) = names(&kept);
            let stores: Vec<_> = imports.iter().filter(is_store).collect();
            assert_eq!(stores, ["wasi:keyvalue/store@0.2.0-draft"], "{variant}");
            let foreign = imports.iter().find(|name| name.starts_with("wasi:mcp/"));
            assert_eq!(foreign, None, "{variant}");
            let without = target(&composition, entry).unwrap();
            assert_eq!(exports, names(&without).1, "{variant}");
            let added = kept.len() - without.len();
            assert!(added < 64 << 10, "{variant}: {added} bytes");
        }
    }
}

#[test]
fn sessions_need_http() {
    let composition = composed("hello-0.2");
    let mut options = TargetOptions::new(Target::Cli);
    options.sessions = Sessions::KeyValue;
    let error = target_with(&composition, options).unwrap_err();
    assert!(
        matches!(error, ComposeError::SessionsWithoutHttp),
        "{error}"
    );
}

/// Returns the names of interfaces that begin so.
fn those<'a>(names: &'a [String], beginning: &str) -> Vec<&'a str> {
    let those = names.iter().filter(|name| name.starts_with(beginning));
    those.map(String::as_str).collect()
}

#[test]
fn only_authorization_makes_requests() {
    for (variant, client) in [
        ("0.2", "wasi:http/outgoing-handler@0.2.6"),
        ("0.3", "wasi:http/client@0.3.0"),
    ] {
        let composition = composed(&format!("hello-{variant}"));
        for sessions in [Sessions::None, Sessions::KeyValue] {
            let mut options = TargetOptions::new(Target::Both);
            options.sessions = sessions;
            let without = target_with(&composition, options).unwrap();
            options.authorization = true;
            let with = target_with(&composition, options).unwrap();
            let beginning = client.split('@').next().unwrap();
            assert!(those(&names(&without).0, beginning).is_empty(), "{variant}");
            assert_eq!(those(&names(&with).0, beginning), [client], "{variant}");
            let foreign = those(&names(&with).0, "wasi:mcp/").len();
            assert_eq!(foreign, 0, "{variant}");
            assert_eq!(names(&with).1, names(&without).1, "{variant}");
            let added = with.len() - without.len();
            assert!(added < 640 << 10, "{variant}: {added} bytes");
        }
    }
}

#[test]
fn authorization_needs_http() {
    let composition = composed("hello-0.2");
    let mut options = TargetOptions::new(Target::Cli);
    options.authorization = true;
    let error = target_with(&composition, options).unwrap_err();
    assert!(
        matches!(error, ComposeError::AuthorizationWithoutHttp),
        "{error}"
    );
}

#[test]
fn settings_may_come_from_wasi_config() {
    for variant in ["0.2", "0.3"] {
        let composition = composed(&format!("hello-{variant}"));
        for entry in [Target::Cli, Target::Http, Target::Both] {
            let mut options = TargetOptions::new(entry);
            let without = target_with(&composition, options).unwrap();
            options.settings = Settings::Config;
            let with = target_with(&composition, options).unwrap();
            assert!(
                those(&names(&without).0, "wasi:config/").is_empty(),
                "{variant}"
            );
            let store = those(&names(&with).0, "wasi:config/").len();
            assert_eq!(store, 1, "{variant}");
            assert_eq!(names(&with).1, names(&without).1, "{variant}");
            let added = with.len() - without.len();
            assert!(added < 128 << 10, "{variant}: {added} bytes");
        }
    }
}

/// Returns the names of settings in a file of the adapters, each once.
fn settings(path: &str) -> BTreeSet<String> {
    let path = format!("{}/adapters/serving/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let words = text.split(|character: char| !character.is_ascii_uppercase() && character != '_');
    let settings =
        words.filter(|word| word.starts_with("MCP_ALLOWED_") || word.starts_with("WASI_MCP_"));
    settings.map(str::to_owned).collect()
}

#[test]
fn all_settings_can_come_from_wasi_config() {
    let mut used = settings("substrate/src/web.rs");
    used.extend(settings("substrate/src/kept.rs"));
    used.extend(VARIABLES.map(str::to_owned));
    assert_eq!(settings("configuration/src/lib.rs"), used);
}

#[test]
fn a_target_adds_less_than_one_mebibyte() {
    for variant in ["0.2", "0.3"] {
        // A service needs no other adapter.
        let composition = composed(&format!("reference-service-{variant}"));
        let served = target(&composition, Target::Both).unwrap();
        let added = served.len() - composition.len();
        assert!(added < 1 << 20, "{variant}: {added} bytes");
    }
}

#[test]
fn a_backend_is_composed_first() {
    let hello = guests::find("hello-0.2").unwrap().bytes;
    let error = target(hello, Target::Cli).unwrap_err();
    assert!(matches!(error, ComposeError::NotAServer { .. }), "{error}");
}
