//! The details that `inspect` shows of each item.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

use super::*;

#[tokio::test]
async fn arguments_and_annotations_are_shown() {
    for name in REFERENCES {
        let guest = GuestFile::write(name);
        let text = printed(outcome(&guest, "inspect", &[]).await);
        for part in [
            "  echo                              Answers with the text it is given.\n    \
             (read-only, not destructive, idempotent, closed world)\n    \
             text: string, required. What to hear again\n",
            "    numbers: array of number, required\n    -> count: integer, required\n",
            "    bytes: integer, required, 0 to 268435456\n",
            "    contactMethod: \"phone\" | \"email\"\n",
            "    country: required. Where to go.\n    city: required. Where to stay.\n    \
             days: optional. For how long.\n",
            "    variables: id\n",
            "(text/plain, 39 bytes, for ",
        ] {
            assert!(text.contains(part), "{name}: {part:?} is not in\n{text}");
        }
    }
}

#[tokio::test]
async fn json_has_all_details() {
    let guest = GuestFile::write("reference-backend-0.3");
    let text = printed(outcome(&guest, "inspect", &["--json"]).await);
    let description: Value = serde_json::from_str(&text).unwrap();
    let named = |list: &str, member: &str, name: &str| {
        let items = description[list].as_array().unwrap();
        let item = items.iter().find(|item| item[member] == name);
        item.unwrap_or_else(|| panic!("{name}")).clone()
    };
    let echo = named("tools", "name", "echo");
    assert_eq!(echo["inputSchema"]["required"], json!(["text"]));
    assert_eq!(echo["annotations"]["readOnlyHint"], true);
    assert!(named("tools", "name", "sum")["outputSchema"].is_object());
    let journey = named("prompts", "name", "journey");
    assert_eq!(journey["arguments"][0]["name"], "country");
    let described = named("resources", "uri", "test://described");
    assert!(described["annotations"]["priority"].is_number());
}

/// Builds a backend whose functions trap.
fn trapping(version: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    for folder in [wit.join("preview2"), wit] {
        resolve.push_dir(&folder).unwrap();
    }
    let world =
        format!("package example:test; world it {{ include wasi:mcp/tools-backend@{version}; }}");
    let package = resolve.push_str("test.wit", &world).unwrap();
    let world = resolve.select_world(&[package], Some("it")).unwrap();
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let mut module = dummy_module(&resolve, world, abi);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let mut encoder = ComponentEncoder::default().module(&module).unwrap();
    encoder.encode().unwrap()
}

#[tokio::test]
async fn a_component_that_does_not_start_has_a_status_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    for version in ["0.2.0-draft2", "0.3.0-draft2"] {
        let path = folder.path().join("trapping.wasm");
        std::fs::write(&path, trapping(version)).unwrap();
        for arguments in [
            ["inspect"].as_slice(),
            &["call", "tool"],
            &["read", "x:y"],
            &["get", "prompt"],
        ] {
            let (name, rest) = arguments.split_first().unwrap();
            let failed = run(wasi_mcp().arg(name).arg(&path).args(rest)).await;
            assert_failed(&failed, 5, &["trap"]);
        }
    }
}
