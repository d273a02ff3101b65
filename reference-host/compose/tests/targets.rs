//! Components for any WASI runtime. `conformance/tests/targets.rs` runs them.

use wac_graph::CompositionGraph;
use wac_graph::types::Package;
use wasi_mcp_compose::{
    ComposeError, Composition, Part, Sessions, Target, target, target_with_sessions,
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
            let with = |sessions| target_with_sessions(&composition, entry, sessions).unwrap();
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
    let error = target_with_sessions(&composition, Target::Cli, Sessions::KeyValue).unwrap_err();
    assert!(
        matches!(error, ComposeError::SessionsWithoutHttp),
        "{error}"
    );
}

#[test]
fn a_target_adds_about_one_mebibyte() {
    for variant in ["0.2", "0.3"] {
        // A service needs no other adapter.
        let composition = composed(&format!("reference-service-{variant}"));
        let served = target(&composition, Target::Both).unwrap();
        let added = served.len() - composition.len();
        assert!(added < (21 << 20) / 20, "{variant}: {added} bytes");
    }
}

#[test]
fn a_backend_is_composed_first() {
    let hello = guests::find("hello-0.2").unwrap().bytes;
    let error = target(hello, Target::Cli).unwrap_err();
    assert!(matches!(error, ComposeError::NotAServer { .. }), "{error}");
}
