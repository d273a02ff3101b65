//! Errors for users about a component that cannot be served.

mod messages;
mod support;

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use support::{Client, engine, guest};
use wasi_mcp_host::component::{LoadError, Source};
use wasi_mcp_host::session::{Server, ServerOptions};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// Builds a component of the world `it` from its `items`; its functions trap. It may use both
/// packages of `wasi:mcp`.
fn component(items: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    for folder in [wit.join("preview2"), wit] {
        resolve.push_dir(&folder).unwrap();
    }
    let source = format!(
        "package example:test;
         world it {{ {items} }}
         package example:other {{ interface thing {{ do-it: func(); }} }}"
    );
    of_world(resolve, &source)
}

/// Builds one without the packages of the project: `source` has its own.
fn component_alone(source: &str) -> Vec<u8> {
    of_world(Resolve::default(), source)
}

fn of_world(mut resolve: Resolve, source: &str) -> Vec<u8> {
    let package = resolve.push_str("test.wit", source).unwrap();
    let world = resolve.select_world(&[package], Some("it")).unwrap();
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let mut module = dummy_module(&resolve, world, abi);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .unwrap()
}

fn refused(source: Source<'_>) -> LoadError {
    match engine().load(source) {
        Ok(component) => panic!("it was loaded: {component:?}"),
        Err(error) => error,
    }
}

/// Asserts on the kind of the error and on parts of its text.
macro_rules! assert_refused {
    ($source:expr, $kind:pat, $($part:expr),+ $(,)?) => {
        let error = refused($source);
        assert!(matches!(error, $kind), "{error:?}");
        let text = error.to_string();
        $(assert!(text.contains($part), "{:?} is not in {text:?}", $part);)+
    };
}

#[test]
fn the_components_of_this_file_can_be_served_when_nothing_is_wrong() {
    for items in [
        "include wasi:mcp/backend@0.2.0-draft2;",
        "include wasi:mcp/full-backend@0.3.0-draft2;",
        "include wasi:mcp/full-service@0.2.0-draft2;",
        "include wasi:mcp/service@0.3.0-draft2;",
    ] {
        engine().load(Source::Bytes(&component(items))).unwrap();
    }
}

#[test]
fn a_file_that_is_not_there() {
    let path = Path::new("no/such/guest.wasm");
    for source in [Source::File(path), Source::Precompiled(path)] {
        assert_refused!(
            source,
            LoadError::Unreadable { .. },
            "no/such/guest.wasm cannot be read",
            "No such file",
        );
    }
}

#[test]
fn a_core_module() {
    // An empty module: magic number, version 1.
    assert_refused!(
        Source::Bytes(b"\0asm\x01\0\0\0"),
        LoadError::CoreModule,
        "core WebAssembly module, not a component",
        "wasm32-wasip2",
        "wasm-tools component new",
    );
}

#[test]
fn something_else_than_webassembly() {
    let others: [&[u8]; 6] = [
        b"",
        b"\0asm",
        b"\0asm\x0d\0\x02\0",
        b"(component)",
        b"#!/bin/sh\necho hello\n",
        &[0xff; 4096],
    ];
    for bytes in others {
        assert_refused!(
            Source::Bytes(bytes),
            LoadError::NotWasm,
            "not a WebAssembly component",
            "first bytes",
        );
    }
}

#[test]
fn a_component_that_is_damaged() {
    let whole = guest("hello-0.3").bytes;
    let mut flipped = whole.to_vec();
    let middle = flipped.len() / 2;
    flipped[8..middle].fill(0xff);
    for bytes in [&whole[..whole.len() / 2], &whole[..9], &flipped] {
        assert_refused!(
            Source::Bytes(bytes),
            LoadError::Invalid(_),
            "this component is not valid: ",
        );
    }
}

#[test]
fn native_code_is_loaded_only_where_it_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let native = folder.path().join("hello.cwasm");
    let compiled = engine()
        .compile(Source::Bytes(guest("hello-0.3").bytes))
        .unwrap();
    std::fs::write(&native, &compiled).unwrap();
    engine().load(Source::Precompiled(&native)).unwrap();
    for source in [Source::File(&native), Source::Bytes(&compiled)] {
        assert_refused!(
            source,
            LoadError::Precompiled,
            "native code",
            "--precompiled"
        );
    }

    let others: [(&str, &[u8]); 4] = [
        ("component", guest("hello-0.3").bytes),
        ("module", b"\0asm\x01\0\0\0"),
        ("empty", b""),
        ("start", &compiled[..64]),
    ];
    for (name, bytes) in others {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert_refused!(
            Source::Precompiled(&path),
            LoadError::NotPrecompiled(_),
            "not native code that `wasi-mcp compile` of this version wrote: ",
        );
    }
}

#[test]
fn what_cannot_be_served_is_not_compiled() {
    let error = engine()
        .compile(Source::Bytes(&component("import example:other/thing;")))
        .unwrap_err();
    assert!(matches!(error, LoadError::NotMcp), "{error:?}");
}

#[test]
fn a_component_without_mcp() {
    assert_refused!(
        Source::Bytes(&component("export example:other/thing;")),
        LoadError::NotMcp,
        "no interface of wasi:mcp",
        "wasi:mcp/start",
        "wasi:mcp/server-catalog",
    );
}

#[test]
fn another_draft() {
    for version in ["0.1.0", "0.3.0", "0.3.0-draft", "0.3.0-draft3", "1.0.0"] {
        let source = format!(
            "package example:test;
             world it {{ export wasi:mcp/start@{version}; }}
             package wasi:mcp@{version} {{ interface start {{ start: func(); }} }}"
        );
        let named = format!("`wasi:mcp/start@{version}`");
        assert_refused!(
            Source::Bytes(&component_alone(&source)),
            LoadError::OtherDraft { .. },
            &named,
            "another draft of wasi:mcp",
            "0.2.0-draft2 and 0.3.0-draft2",
        );
    }
    // The earlier proposal has no version at all.
    assert_refused!(
        Source::Bytes(&component_alone(
            "package example:test;
             world it { import wasi:mcp/tools; }
             package wasi:mcp { interface tools { list-tools: func(); } }"
        )),
        LoadError::OtherDraft { .. },
        "`wasi:mcp/tools`",
        "another draft of wasi:mcp",
    );
}

#[test]
fn both_variants() {
    assert_refused!(
        Source::Bytes(&component(
            "include wasi:mcp/backend@0.3.0-draft2; import wasi:mcp/notifications@0.2.0-draft2;"
        )),
        LoadError::MixedVariants,
        "mixes interfaces of wasi:mcp 0.2 and 0.3",
    );
}

#[test]
fn both_worlds() {
    for version in ["0.2.0-draft2", "0.3.0-draft2"] {
        assert_refused!(
            Source::Bytes(&component(&format!(
                "include wasi:mcp/backend@{version}; include wasi:mcp/service@{version};"
            ))),
            LoadError::BothWorlds,
            "both wasi:mcp/start and wasi:mcp/server-catalog",
            "world backend",
            "world service",
        );
    }
}

#[test]
fn neither_world() {
    for version in ["0.2.0-draft2", "0.3.0-draft2"] {
        assert_refused!(
            Source::Bytes(&component(&format!("export wasi:mcp/tools@{version};"))),
            LoadError::NeitherWorld,
            "neither wasi:mcp/start nor wasi:mcp/server-catalog",
            "world backend",
            "world service",
        );
    }
}

#[test]
fn an_import_that_was_replaced_by_a_stub() {
    for version in ["0.2.0-draft2", "0.3.0-draft2"] {
        assert_refused!(
            Source::Bytes(&component(&format!("export wasi:mcp/start@{version};"))),
            LoadError::Stubbed,
            "exports wasi:mcp/start but does not import wasi:mcp/runtime",
            "stub",
        );
    }
}

#[test]
fn an_import_that_nobody_has() {
    assert_refused!(
        Source::Bytes(&component(
            "include wasi:mcp/backend@0.3.0-draft2; import example:other/thing;"
        )),
        LoadError::Import(_),
        "cannot be linked",
        "example:other/thing",
        "this host links WASI, wasi:mcp and what its embedder adds",
    );
}

#[test]
fn an_interface_of_mcp_that_this_host_does_not_provide() {
    for version in ["0.2.0-draft2", "0.3.0-draft2"] {
        let client = format!("wasi:mcp/client@{version}");
        assert_refused!(
            Source::Bytes(&component(&format!(
                "include wasi:mcp/backend@{version}; import {client};"
            ))),
            LoadError::Import(_),
            &client,
            "wasi:mcp/client is specified, but this host does not grant upstreams yet",
        );
    }
}

#[test]
fn an_import_of_another_type() {
    assert_refused!(
        Source::Bytes(&component_alone(
            "package example:test;
             world it { import wasi:mcp/runtime@0.3.0-draft2; export wasi:mcp/start@0.3.0-draft2; }
             package wasi:mcp@0.3.0-draft2 {
               interface runtime { serve: func(address: string); }
               interface start { start: func(); }
             }"
        )),
        LoadError::Import(_),
        "wasi:mcp/runtime@0.3.0-draft2",
        "serve",
        "this host links WASI 0.2 and WASI 0.3 and both drafts of wasi:mcp",
    );
}

/// Opens a session and returns the answer to `initialize`.
async fn start(server: &Arc<Server>) -> Value {
    Client::open(server)
        .request("initialize", messages::initialize(json!({})))
        .await
}

#[tokio::test]
async fn a_start_that_fails_says_why() {
    for name in ["explorer-0.2", "explorer-0.3"] {
        let explorer = engine().load(Source::Bytes(guest(name).bytes)).unwrap();
        for (how, reason) in [
            (
                "return without serve",
                "`start` returned without having called `serve`",
            ),
            (
                "serve without server",
                "`start` failed: `register-server` must come before `serve`",
            ),
            (
                "register twice",
                "`start` failed: a server is already registered",
            ),
            (
                "claim prompts",
                "the capability `prompts` is declared, but the component does not export \
                 wasi:mcp/prompts",
            ),
            (
                "register a schema that is no JSON",
                "`start` failed: the `inputSchema` of the tool \"environment\": expected JSON text: ",
            ),
            (
                "register a bad schema among others",
                "`start` failed: the `inputSchema` of the tool \"read-file\": not a usable schema: \
                 at /properties/a/type: \"strin\" ",
            ),
            ("trap", "the component trapped"),
            ("exit", "the component exited with status 1"),
            ("sideways", "no way to start is called \"sideways\""),
        ] {
            let mut options = ServerOptions::default();
            options.sandbox.environment = vec![("START".into(), how.into())];
            let answer = start(&Arc::new(Server::new(explorer.clone(), options))).await;
            assert_eq!(answer["error"]["code"], -32603, "{name} {how}: {answer}");
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(
                message.starts_with("the server could not be started: "),
                "{name} {how}: {message}"
            );
            assert!(message.contains(reason), "{name} {how}: {message}");
        }
    }
}

/// Builds a service of 0.3 whose `server-catalog` has this function alone.
fn catalog_with(function: &str) -> Vec<u8> {
    component_alone(&format!(
        "package example:test;
         world it {{ export wasi:mcp/server-catalog@0.3.0-draft2; }}
         package wasi:mcp@0.3.0-draft2 {{ interface server-catalog {{ {function} }} }}"
    ))
}

#[test]
fn an_export_without_its_function() {
    assert_refused!(
        Source::Bytes(&catalog_with("get-nothing: func();")),
        LoadError::Incomplete { .. },
        "wasi:mcp/server-catalog",
        "no function `get-server`",
    );
}

#[tokio::test]
async fn an_export_of_another_type_says_so() {
    let component = catalog_with("get-server: func(name: string);");
    let component = engine().load(Source::Bytes(&component)).unwrap();
    let server = Arc::new(Server::new(component, ServerOptions::default()));
    let answer = start(&server).await;
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("an export has another type than this draft of wasi:mcp gives it"),
        "{message}"
    );
}
