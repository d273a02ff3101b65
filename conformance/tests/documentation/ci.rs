//! Blocks whose commands `.ci/run` runs.

use std::fs;

use crate::blocks::{Block, Claim};
use crate::pages;

/// Returns the commands of a block that are not lines of `.ci/run`.
pub(crate) fn missing(block: &Block) -> Vec<String> {
    if block.claim != Claim::Ci {
        return Vec::new();
    }
    let script = fs::read_to_string(pages::root().join(".ci/run")).expect(".ci/run");
    let commands = block.text.lines().map(without_comment);
    let missing = commands.filter(|command| !command.is_empty() && !runs(&script, command));
    let missing =
        missing.map(|command| format!("{}: .ci/run has no line `{command}`", block.place()));
    missing.collect()
}

fn without_comment(line: &str) -> &str {
    line.split(" #").next().unwrap_or_default().trim()
}

/// Returns true if a line of the script is the command, alone or with `--locked` and further
/// arguments.
fn runs(script: &str, command: &str) -> bool {
    script.lines().any(|line| {
        let line = line.trim();
        let line = line.strip_prefix("retried ").unwrap_or(line);
        line.strip_prefix(command)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(" --locked"))
    })
}

#[test]
fn a_line_is_the_command_or_adds_to_its_end() {
    let script =
        "step x\nretried rustup target add y\ncargo test --workspace --locked -- --ignored\n";
    assert!(runs(script, "rustup target add y"));
    assert!(runs(script, "cargo test --workspace"));
    assert!(!runs(script, "cargo test"));
    assert!(!runs(script, "cargo run"));
    assert_eq!(without_comment("cargo run   # the suite"), "cargo run");
}
