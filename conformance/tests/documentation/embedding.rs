//! The Rust blocks of docs/embedding.md. Each is compiled, as a module here or as an example of the
//! host, and those that need no other server are run.
#![expect(dead_code, reason = "some are only compiled")]

mod asks;
mod cache;
mod errors;
mod grants;
mod keys;
mod listener;
mod logs;
mod tokens;

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::session::{InProcessClient, Server, ServerOptions};
use wasi_mcp_host::transport::http::TokenError;

use crate::blocks::Block;
use crate::pages;

const PAGE: &str = "docs/embedding.md";

/// The files whose text is a block of the page.
const SOURCES: [&str; 10] = [
    include_str!("../../../reference-host/host/examples/first.rs"),
    include_str!("../../../reference-host/host/examples/gateway.rs"),
    include_str!("embedding/asks.rs"),
    include_str!("embedding/cache.rs"),
    include_str!("embedding/errors.rs"),
    include_str!("embedding/grants.rs"),
    include_str!("embedding/keys.rs"),
    include_str!("embedding/listener.rs"),
    include_str!("embedding/logs.rs"),
    include_str!("embedding/tokens.rs"),
];

/// The text of each block of the page in this language.
fn blocks(language: &str) -> Vec<String> {
    let mut blocks = Block::all(&pages::page(PAGE));
    blocks.retain(|block| block.language == language);
    assert!(!blocks.is_empty(), "{PAGE} has no block of {language}");
    blocks.into_iter().map(|block| block.text).collect()
}

fn manifest(path: &str) -> toml::Table {
    let text = fs::read_to_string(pages::root().join(path)).expect("the manifest is read");
    text.parse().expect("the manifest is TOML")
}

#[test]
fn each_block_is_the_text_of_a_file_that_is_compiled() {
    let compiled = SOURCES.map(|source| {
        let (_, text) = source
            .split_once("\n\n")
            .expect("the text follows the module's comment");
        text.to_owned()
    });
    let compiled = BTreeSet::from(compiled);
    let shown = BTreeSet::from_iter(blocks("rust"));
    if let Some(text) = shown.difference(&compiled).next() {
        panic!("{PAGE}: no file has this text, so nothing compiles it:\n{text}");
    }
    if let Some(text) = compiled.difference(&shown).next() {
        panic!("copy this into {PAGE}:\n{text}");
    }
}

/// The crates that Rust code names in paths.
fn crates(code: &str) -> BTreeSet<&str> {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':');
    let mut imports = code.split(';').flat_map(|statement| {
        let tree = statement.trim_start().strip_prefix("use ")?;
        let (root, rest) = tree.split_once("::")?;
        Some((root, rest.split(|letter| !is_part(letter) || letter == ':')))
    });
    let (mut crates, mut imported) = (BTreeSet::new(), BTreeSet::new());
    for (root, names) in imports.by_ref() {
        crates.insert(root);
        imported.extend(names);
    }
    let paths = code.split(|letter| !is_part(letter));
    let roots = paths.filter_map(|path| Some(path.split_once("::")?.0));
    crates.extend(roots.filter(|root| {
        root.starts_with(|first: char| first.is_lowercase()) && !imported.contains(root)
    }));
    crates.remove("std");
    crates
}

#[test]
fn the_dependencies_are_those_of_the_blocks_in_the_versions_of_the_workspace() {
    let manifest = manifest("Cargo.toml");
    let ours = manifest["workspace"]["dependencies"].as_table().unwrap();
    let shown: toml::Table = blocks("toml").remove(0).parse().expect("TOML");
    let shown = shown["dependencies"].as_table().expect("dependencies");
    let version = |dependency: &toml::Value| match dependency {
        toml::Value::Table(table) => table.get("version").cloned(),
        text => Some(text.clone()),
    };
    for (name, dependency) in shown {
        if name != "wasi-mcp-host" {
            assert_eq!(version(dependency), version(&ours[name]), "{name}");
        }
    }
    let code = blocks("rust");
    let used: BTreeSet<_> = code.iter().flat_map(|code| crates(code)).collect();
    let shown: BTreeSet<_> = shown.keys().map(|name| name.replace('-', "_")).collect();
    let shown = shown.iter().map(String::as_str).collect();
    assert_eq!(used, shown, "used by the blocks, and shown as dependencies");
}

#[test]
fn crates_are_found_in_imports_and_in_paths() {
    let code =
        "use a::b::{self, C};\nuse std::fs;\n\n#[d::main]\nfn f() { b::f(C::G, fs::h); e::i!() }";
    assert_eq!(crates(code), BTreeSet::from(["a", "d", "e"]));
}

#[test]
fn the_features_are_those_of_the_host() {
    let manifest = manifest("reference-host/host/Cargo.toml");
    let features = manifest["features"].as_table().unwrap();
    let ours: BTreeSet<_> = features.keys().map(String::as_str).collect();
    let ours = ours.into_iter().filter(|name| *name != "default").collect();
    let page = pages::page(PAGE);
    let (_, table) = page.text.split_once("| feature ").expect("a table");
    let rows = table
        .lines()
        .skip(2)
        .map_while(|row| row.strip_prefix("| `"));
    let shown: BTreeSet<_> = rows
        .filter_map(|row| Some(row.split_once('`')?.0))
        .collect();
    assert_eq!(shown, ours);
}

fn server(guest: &str, options: ServerOptions) -> Arc<Server> {
    let guest = wasi_mcp_embedded_guests::find(guest).expect("an embedded guest");
    let engine = Engine::new(EngineOptions::default()).expect("an engine");
    let component = engine.load(Source::Bytes(guest.bytes)).expect("it loads");
    Arc::new(Server::new(component, options))
}

async fn connect(guest: &str, options: ServerOptions) -> InProcessClient {
    let server = server(guest, options);
    let client = InProcessClient::builder().connect(&server).await;
    client.expect("it starts")
}

#[tokio::test]
async fn the_grants_reach_the_component() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("note.txt"), "a note").unwrap();
    let options = grants::options(folder.path()).unwrap();
    let client = connect("explorer-0.3", options).await;
    let call = async |name: &str, arguments: Value| {
        let params = json!({ "name": name, "arguments": arguments });
        client
            .request("tools/call", &params)
            .await
            .unwrap()
            .to_string()
    };
    let environment = call("environment", json!({})).await;
    assert!(
        environment.contains(r#"{\"LANG\":\"en\"}"#),
        "{environment}"
    );
    let note = call("read-file", json!({ "path": "/data/note.txt" })).await;
    assert!(note.contains("a note"), "{note}");
    let written = json!({ "path": "/data/other.txt", "text": "?" });
    let refused = call("write-file", written).await;
    assert!(refused.contains(r#""isError":true"#), "{refused}");

    let missing = grants::options(&folder.path().join("missing")).unwrap_err();
    assert!(missing.to_string().contains("missing"), "{missing}");
}

#[tokio::test]
async fn the_outcomes_of_a_call_are_told_apart() {
    let client = connect("hello-0.3", ServerOptions::default()).await;
    let refused = errors::report(&client, "hello").await;
    assert!(refused.starts_with("error -32602: "), "{refused}");
    let client = connect("explorer-0.3", ServerOptions::default()).await;
    assert_eq!(
        errors::report(&client, "environment").await,
        "1 content blocks"
    );
}

#[tokio::test]
async fn the_verifier_accepts_its_token_alone() {
    let options = tokens::options("right".to_owned());
    let verifier = options.authorization.unwrap().verifier;
    let party = verifier.verify("right").await.unwrap();
    assert_eq!(party.subject.as_deref(), Some("alice"));
    let refused = verifier.verify("wrong").await;
    assert!(
        matches!(refused, Err(TokenError::Invalid(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn clients_of_the_router_find_out_where_tokens_come_from() {
    let server = server("hello-0.3", ServerOptions::default());
    let router = tokens::router(server, "right".to_owned()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let get = async |path: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        response
    };
    let metadata = get("/.well-known/oauth-protected-resource/mcp").await;
    assert!(metadata.contains("https://login.example.com"), "{metadata}");
    let challenged = get("/mcp").await;
    assert!(challenged.starts_with("HTTP/1.1 401 "), "{challenged}");
    serving.abort();
}

#[test]
fn the_identifiers_of_the_blocks_are_valid() {
    let options = keys::options().expect("each text parses");
    assert!(options.authorization.is_some());
    tokens::options(String::new());
}
