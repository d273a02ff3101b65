//! Options of the programs: all options on pages exist, and all options are on a page.

use std::collections::BTreeSet;

use crate::pages::Page;
use crate::programs;

/// The subcommands whose options pages describe.
const COMMANDS: [&str; 21] = [
    "wasi-mcp serve --help",
    "wasi-mcp inspect --help",
    "wasi-mcp call --help",
    "wasi-mcp read --help",
    "wasi-mcp get --help",
    "wasi-mcp complete --help",
    "wasi-mcp completions --help",
    "wasi-mcp compile --help",
    "wasi-mcp compose --help",
    "wasi-mcp new --help",
    "wasi-mcp build --help",
    "wasi-mcp dev --help",
    "wasi-mcp push --help",
    "wasi-mcp pull --help",
    "wasi-mcp registry component add --help",
    "wasi-mcp registry component list --help",
    "wasi-mcp registry profile add --help",
    "wasi-mcp-conformance run --help",
    "wasi-mcp-conformance list --help",
    "wasi-mcp-conformance coverage --help",
    "wasi-mcp-conformance guests --help",
];

/// Options of other programs that pages name.
const FOREIGN: [&str; 39] = [
    "--addr",
    "--bin",
    "--componentize-py",
    "--example",
    "--fail",
    "--fastmcp",
    "--features",
    "--filename",
    "--host",
    "--include-ignored",
    "--lib",
    "--listen",
    "--locked",
    "--manifest-path",
    "--ignored",
    "--package",
    "--open",
    "--page",
    "--path",
    "--plug",
    "--port",
    "--public",
    "--python-sdk",
    "--release",
    "--requirement",
    "--rounds",
    "--silent",
    "--spec-version",
    "--stdio",
    "--stub-wasi",
    "--suite",
    "--target",
    "--typescript-sdk",
    "--version",
    "--wasi-mcp-guest",
    "--workspace",
    "--write-out",
    "--no-default-features",
    "--no-deps",
];

/// Lists options on pages that no program has, and options that are on no page.
pub(crate) fn complaints(pages: &[Page]) -> Vec<String> {
    let exist: BTreeSet<String> = COMMANDS
        .iter()
        .flat_map(|command| options(&programs::help(command)))
        .collect();
    assert!(
        exist.contains("--dir") && exist.contains("--strict"),
        "{exist:?}"
    );
    let mut named = BTreeSet::new();
    let mut complaints = Vec::new();
    for page in pages {
        for option in options(&page.text) {
            if !exist.contains(&option) && !FOREIGN.contains(&option.as_str()) {
                complaints.push(format!("{}: no program has {option}", page.path.display()));
            }
            named.insert(option);
        }
    }
    let unnamed = exist
        .difference(&named)
        .filter(|option| *option != "--help");
    complaints.extend(unnamed.map(|option| format!("no page names {option}")));
    complaints
}

/// The long options in a text.
fn options(text: &str) -> BTreeSet<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let words = text.split(|character: char| !is_part(character));
    let options = words.filter(|word| {
        word.strip_prefix("--")
            .is_some_and(|name| name.starts_with(|first: char| first.is_ascii_lowercase()))
    });
    options.map(str::to_owned).collect()
}

#[test]
fn options_are_found_in_help_and_prose() {
    let found =
        options("  -j, --jobs <NUMBER>\n`--dir HOST::GUEST`, |---|, a -- b, <!-- x -->, `--a=b`");
    assert_eq!(found, ["--a", "--dir", "--jobs"].map(str::to_owned).into());
}
