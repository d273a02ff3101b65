//! Components that break rules as parts of a composition, and what they cost the others.

mod support;

use std::path::Path;

use serde_json::{Value, json};
use wasi_mcp_compose::{ComposeError, Composition, Middleware, Part};
use wasi_mcp_embedded_guests::mode::with_mode;
use wasi_mcp_host::session::InProcessClient;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

use support::{call, connect, guest, part, request, server, tools};

/// Returns the service that plays every fault, with one of them.
fn faulty(fault: &str) -> Part {
    let component = with_mode(&guest("probes-service-0.3"), fault).unwrap();
    Part::new("faulty", component)
}

/// Composes parts in this order.
fn composed(parts: Vec<Part>) -> Composition {
    Composition {
        parts,
        ..Composition::default()
    }
}

/// Builds a component of a world, which traps in all of its functions.
fn trapping(imports_and_exports: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    resolve.push_dir(&wit).unwrap();
    let world = format!("package example:test; world it {{ {imports_and_exports} }}");
    let package = resolve.push_str("test.wit", &world).unwrap();
    let world = resolve.select_world(&[package], Some("it")).unwrap();
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let mut module = dummy_module(&resolve, world, abi);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let mut encoder = ComponentEncoder::default().module(&module).unwrap();
    encoder.encode().unwrap()
}

/// Returns a middleware that wraps these interfaces, and traps.
fn trap(interfaces: &[&str]) -> Middleware {
    let world: String = interfaces
        .iter()
        .map(|name| format!("wasi:mcp/{name}@0.3.0-draft2"))
        .map(|name| format!("import {name}; export {name}; "))
        .collect();
    Middleware {
        name: "trap".to_owned(),
        component: trapping(&world),
    }
}

/// Calls the tool of `hello`, under this name.
async fn greets(client: &InProcessClient, tool: &str) {
    let greeted = call(client, tool, json!({ "name": "World" })).await;
    let greeted = greeted.unwrap_or_else(|error| panic!("{tool}: {error}"));
    assert_eq!(greeted["content"][0]["text"], "Hello, World!", "{tool}");
}

async fn echoes(client: &InProcessClient) {
    let echoed = call(client, "echo", json!({ "text": "a" })).await;
    let echoed = echoed.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(echoed["content"][0]["text"], "a");
}

#[tokio::test]
async fn names_that_one_part_lists_twice_stay_its_own() {
    for faulty_is_first in [true, false] {
        let mut both = vec![part("hello", "hello-0.3")];
        both.insert(usize::from(!faulty_is_first), faulty("tool-twice"));
        let client = connect(&composed(both)).await;
        let listed = tools(&client).await;
        let count = |name: &str| listed.iter().filter(|one| *one == name).count();
        assert_eq!(count("hello"), 1, "{listed:?}");
        assert!(listed.iter().any(|name| count(name) == 2), "{listed:?}");
        greets(&client, "hello").await;
        echoes(&client).await;
    }
}

#[tokio::test]
async fn lists_without_end_hide_no_tool_of_another_part_from_callers() {
    for faulty_is_first in [true, false] {
        let mut both = vec![part("hello", "hello-0.3")];
        both.insert(usize::from(!faulty_is_first), faulty("cursor-endless"));
        let client = connect(&composed(both)).await;
        let mut cursor = None;
        for number in 0..20 {
            let params = cursor.map_or(json!({}), |cursor: Value| json!({ "cursor": cursor }));
            let mut page = request(&client, "tools/list", params).await.unwrap();
            let next = page["nextCursor"].take();
            assert!(next.is_string(), "{faulty_is_first} page {number}");
            cursor = Some(next);
        }
        greets(&client, "hello").await;
        echoes(&client).await;
    }
}

#[tokio::test]
async fn a_trap_in_a_list_is_an_error_of_this_request() {
    let mut second = part("two", "hello-0.3");
    second.middleware.push(trap(&["tool-catalog"]));
    let composition = Composition {
        prefix: true,
        ..composed(vec![part("one", "hello-0.3"), second])
    };
    let client = connect(&composition).await;
    // No list of the last part is needed to find the owner of a name.
    greets(&client, "one-hello").await;
    greets(&client, "two-hello").await;
    let lost = request(&client, "tools/list", json!({})).await.unwrap_err();
    assert_eq!(lost["code"], -32603, "{lost}");
    // The next request has a new instance.
    greets(&client, "one-hello").await;
    greets(&client, "two-hello").await;
}

#[tokio::test]
async fn a_composition_starts_if_all_its_parts_do() {
    for fault in ["get-server-error", "get-server-trap"] {
        let whole = composed(vec![part("hello", "hello-0.3"), faulty(fault)]);
        let connected = InProcessClient::builder().connect(&server(&whole)).await;
        assert!(connected.is_err(), "{fault}");
    }
}

#[test]
fn a_part_of_another_revision_is_refused_by_name() {
    let (ours, other) = (b"0.3.0-draft2", b"0.3.0-draft3");
    let mut component = guest("hello-0.3");
    while let Some(at) = component.windows(ours.len()).position(|text| text == ours) {
        component[at..at + ours.len()].copy_from_slice(other);
    }
    let parts = vec![part("hello", "hello-0.3"), Part::new("later", component)];
    let error = composed(parts).compose().unwrap_err();
    let is_named = matches!(
        &error,
        ComposeError::OtherVersion { name, interface }
            if name == "later" && interface.ends_with("@0.3.0-draft3")
    );
    assert!(is_named, "{error}");
}

#[test]
fn middleware_of_handlers_and_powers_is_a_cycle() {
    let mut whole = composed(vec![part("reference", "reference-service-0.3")]);
    whole.middleware.push(trap(&["tools", "elicitation"]));
    let error = whole.compose().unwrap_err();
    let is_named = matches!(
        &error,
        ComposeError::Cycle { name, handler, power }
            if name == "trap" && handler.contains("/tools@") && power.contains("/elicitation@")
    );
    assert!(is_named, "{error}");
}
