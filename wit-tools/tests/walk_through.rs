//! The examples of the proposal's walk-through: the WIT resolves, the Rust becomes components.
//!
//! Each file of `walk_through/` is a guest. A line `// @block HEADING: rust N` in it stands for the
//! Nth block of Rust below that heading. The WIT of its world is a block of the page too.
//!
//! A block of another language, or one that cannot be built, follows a comment
//! `<!-- untested: REASON -->`.

mod project;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use project::{proposal, root, source_0_3};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, SourceMap, WorldKey};

/// The number of blocks that no test builds. Raise it with a reason beside the block.
const UNTESTED: usize = 2;

/// Variables of the build around the test that do not suit a component.
const FOREIGN_VARIABLES: [&str; 9] = [
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];

#[derive(Clone, Debug, PartialEq)]
struct Block {
    heading: String,
    language: String,
    text: String,
    /// The reason why no test builds it.
    untested: Option<String>,
}

/// The blocks of the section on the API.
fn blocks(page: &str) -> Vec<Block> {
    let (_, section) = page
        .split_once("\n### API walk-through\n")
        .expect("the page has a walk-through");
    let section = section.split("\n### ").next().unwrap_or_default();
    let mut blocks = Vec::new();
    let mut heading = "";
    let mut before = "";
    let mut open: Option<Block> = None;
    for line in section.lines() {
        if let Some(mut block) = open.take() {
            if line == "```" {
                blocks.push(block);
            } else {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
        } else if let Some(language) = line.strip_prefix("```") {
            let reason = before
                .strip_prefix("<!-- untested: ")
                .and_then(|rest| rest.strip_suffix(" -->"));
            open = Some(Block {
                heading: heading.to_owned(),
                language: language.to_owned(),
                text: String::new(),
                untested: reason.map(str::to_owned),
            });
        } else if let Some(text) = line.strip_prefix("#### ") {
            heading = text;
        }
        before = line;
    }
    assert!(open.is_none(), "a block has no end");
    blocks
}

fn page_blocks() -> Vec<Block> {
    let blocks = blocks(&proposal("README.md"));
    assert!(!blocks.is_empty(), "the walk-through has no blocks");
    blocks
}

/// The tested blocks of a language.
fn tested(blocks: &[Block], language: &str) -> Vec<Block> {
    let is_wanted = |block: &&Block| block.language == language && block.untested.is_none();
    blocks.iter().filter(is_wanted).cloned().collect()
}

/// The name of a block's only world.
fn world_name(block: &Block) -> &str {
    let mut names = block
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("world ")?.strip_suffix(" {"));
    match (names.next(), names.next()) {
        (Some(name), None) => name,
        _ => panic!("{}: expected one world in {}", block.heading, block.text),
    }
}

/// A block of WIT as the file of a package.
fn package_file(block: &Block) -> String {
    if block.text.starts_with("package ") {
        block.text.clone()
    } else {
        format!("package example:{};\n\n{}", world_name(block), block.text)
    }
}

/// Resolves a block of WIT against the package of this project, and returns what its world has.
fn resolve(block: &Block) -> Result<usize, String> {
    let mut resolve = source_0_3().parse().expect("wit/ parses").resolve;
    let mut sources = SourceMap::default();
    sources.push_str("example.wit", package_file(block));
    let group = match sources.parse() {
        Ok(group) => group,
        Err((sources, error)) => return Err(error.render(&sources)),
    };
    let package = match resolve.push_group(group) {
        Ok(package) => package,
        Err(error) => return Err(error.render(&resolve.source_map)),
    };
    let world = resolve.packages[package].worlds[world_name(block)];
    let world = &resolve.worlds[world];
    Ok(world.imports.len() + world.exports.len())
}

#[test]
fn blocks_are_tested_or_say_why_not() {
    let blocks = page_blocks();
    let mut untested = 0;
    for block in &blocks {
        match &block.untested {
            Some(reason) => {
                assert!(reason.split_whitespace().count() > 2, "{block:#?}");
                untested += 1;
            }
            None => assert!(["rust", "wit"].contains(&&*block.language), "{block:#?}"),
        }
    }
    assert_eq!(untested, UNTESTED, "{blocks:#?}");
}

#[test]
fn the_worlds_resolve() {
    for block in tested(&page_blocks(), "wit") {
        let items = resolve(&block).unwrap_or_else(|error| panic!("{error}"));
        assert!(items > 0, "{block:#?}");
    }
}

#[test]
fn a_world_that_does_not_resolve_is_noticed() {
    let mut block = tested(&page_blocks(), "wit").remove(0);
    for (from, to) in [
        ("wasi:mcp/tools@", "wasi:mcp/tool@"),
        ("0.3.0-draft2", "0.3.0-draft1"),
        ("export ", "exports "),
    ] {
        let text = block.text.clone();
        assert!(text.contains(from), "{text}");
        block.text = text.replace(from, to);
        assert!(resolve(&block).is_err(), "{}", block.text);
        block.text = text;
    }
}

/// The guests, by name, with the blocks in their places.
fn guests(blocks: &[Block]) -> BTreeMap<String, String> {
    let rust = tested(blocks, "rust");
    let mut used = vec![0; rust.len()];
    let mut guests = BTreeMap::new();
    let folder = root().join("wit-tools/tests/walk_through");
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_stem().and_then(|name| name.to_str());
        let name = name.expect("a name in ASCII").to_owned();
        let template = fs::read_to_string(&path).expect("the file can be read");
        let mut text = String::new();
        for line in template.lines() {
            let Some(marker) = line.strip_prefix("// @block ") else {
                writeln!(text, "{line}").expect("text can be written");
                continue;
            };
            let found = (0..rust.len()).find(|&index| marker == marker_of(&rust, index));
            let index = found.unwrap_or_else(|| panic!("{name}: no block `{marker}`"));
            used[index] += 1;
            text += &rust[index].text;
        }
        let worlds = tested(blocks, "wit");
        let is_its = |block: &&Block| text.contains(&format!("world: {:?}", world_name(block)));
        let world = worlds.iter().find(is_its).map(world_name);
        let world = world.unwrap_or_else(|| panic!("{name}: no block has its world"));
        let text = text.replace("path: \"WIT\"", &format!("path: \"worlds/{world}\""));
        guests.insert(name, text);
    }
    for (index, count) in used.into_iter().enumerate() {
        let marker = marker_of(&rust, index);
        assert_eq!(count, 1, "guests that contain the block `{marker}`");
    }
    guests
}

fn marker_of(rust: &[Block], index: usize) -> String {
    let heading = &rust[index].heading;
    let number = rust[..=index]
        .iter()
        .filter(|block| &block.heading == heading)
        .count();
    format!("{heading}: rust {number}")
}

/// Writes a package with each guest as an example, and the worlds of the page.
fn write_package(folder: &Path, blocks: &[Block]) -> Vec<String> {
    // Files that the page no longer has must not stay.
    let _ = fs::remove_dir_all(folder);
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("the file can be written");
    };
    for block in tested(blocks, "wit") {
        let world = world_name(&block);
        write(&format!("worlds/{world}/world.wit"), &package_file(&block));
        for (name, text) in source_0_3().files {
            write(&format!("worlds/{world}/deps/mcp/{name}"), &text);
        }
    }
    // The versions and the profile of the project's own guests, so that both builds share crates.
    let guests_manifest = fs::read_to_string(root().join("reference-guest/Cargo.toml"))
        .expect("the guests have a manifest");
    let dependency = |name: &str| {
        let line = guests_manifest
            .lines()
            .find(|line| line.starts_with(&format!("{name} = ")));
        line.unwrap_or_else(|| panic!("the guests use {name}"))
            .to_owned()
    };
    let (_, profile) = guests_manifest
        .split_once("[profile.release]")
        .expect("the guests have a profile");
    let mut manifest = format!(
        "[workspace]\n\n[package]\nname = \"walk-through\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{}\n{}\n\n[profile.release]{profile}",
        dependency("futures"),
        dependency("wit-bindgen")
    );
    let guests = guests(blocks);
    for (name, text) in &guests {
        write(&format!("examples/{name}.rs"), text);
        write!(
            manifest,
            "\n[[example]]\nname = \"{name}\"\ncrate-type = [\"cdylib\"]\n"
        )
        .expect("text can be written");
    }
    write("src/lib.rs", "");
    write("Cargo.toml", &manifest);
    let lock = fs::read_to_string(root().join("reference-guest/Cargo.lock"))
        .expect("the guests have a lock file");
    write("Cargo.lock", &lock);
    guests.into_keys().collect()
}

#[test]
fn the_rust_becomes_components() {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = temporary.join("walk-through");
    let target = temporary.join("../guests");
    let names = write_package(&folder, &page_blocks());
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let mut command = Command::new(cargo);
    command
        .current_dir(&folder)
        .args(["build", "--examples", "--release", "--quiet"])
        .args(["--target", "wasm32-wasip2", "--target-dir"])
        .arg(&target);
    for variable in FOREIGN_VARIABLES {
        command.env_remove(variable);
    }
    let output = command.output().expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{errors}\n(the target: `rustup target add wasm32-wasip2`)"
    );
    assert!(!errors.contains("warning"), "{errors}");
    for name in names {
        let path = target.join(format!("wasm32-wasip2/release/examples/{name}.wasm"));
        let component = fs::read(&path).expect("cargo has written it");
        let exports = exports(&component);
        let is_ours =
            |name: &String| name.starts_with("wasi:mcp/") && name.ends_with("@0.3.0-draft2");
        assert!(exports.iter().any(is_ours), "{name}: {exports:?}");
    }
}

/// The names of the interfaces that a component exports.
fn exports(component: &[u8]) -> Vec<String> {
    let decoded = wit_component::decode(component).expect("the component decodes");
    let DecodedWasm::Component(resolve, world) = decoded else {
        panic!("a WIT package, expected a component");
    };
    let name = |resolve: &Resolve, key: &WorldKey| resolve.name_world_key(key);
    let exports = &resolve.worlds[world].exports;
    exports.keys().map(|key| name(&resolve, key)).collect()
}
