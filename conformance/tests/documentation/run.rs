//! Runs the commands of a page.

use std::time::Instant;

use crate::blocks::{Block, Claim};
use crate::output::{matches, shown};
use crate::pages::Page;
use crate::programs;
use crate::stage::{Outcome, Stage};

/// Runs a page's blocks, except those that compile components.
pub(crate) fn page(page: &Page) -> Result<(), String> {
    let blocks = Block::all(page);
    let runs = |block: &Block| matches!(block.claim, Claim::Script { .. } | Claim::Server);
    if !blocks.iter().any(runs) {
        return Ok(());
    }
    all(&blocks, Stage::with_hello(), false)
}

/// Runs a page's blocks, with those that compile components.
pub(crate) fn page_with_builds(page: &Page) -> Result<(), String> {
    all(&Block::all(page), Stage::with_sources(), true)
}

fn all(blocks: &[Block], mut stage: Stage, builds: bool) -> Result<(), String> {
    for block in blocks {
        let began = Instant::now();
        if let Some(file) = &block.file {
            stage.write(file, &block.text);
        }
        let done = match block.claim {
            Claim::Script { status } if block.language == "console" => {
                console(&stage, &block.text, status)
            }
            Claim::Script { status } => script(&stage, &block.text, status),
            Claim::Build if builds => script(&stage, &block.text, 0),
            Claim::Server => stage.stop().and_then(|()| stage.start(&block.text)),
            _ => Ok(()),
        };
        done.map_err(|complaint| format!("{}: {complaint}", block.place()))?;
        println!("{:5.1} s  {}", began.elapsed().as_secs_f64(), block.place());
    }
    let last = blocks.last().map(Block::place).unwrap_or_default();
    stage
        .stop()
        .map_err(|complaint| format!("{last}: {complaint}"))
}

fn script(stage: &Stage, text: &str, status: i32) -> Result<(), String> {
    expect_status(&stage.run(text), status)
}

fn console(stage: &Stage, text: &str, status: i32) -> Result<(), String> {
    let commands = shown(text)?;
    let last = commands.len().saturating_sub(1);
    for (number, shown) in commands.iter().enumerate() {
        let outcome = stage.run(&shown.command);
        expect_status(&outcome, if number == last { status } else { 0 })?;
        if !matches(&shown.output, &outcome.output) {
            return Err(format!(
                "`{}` prints:\n{}the page shows:\n{}",
                shown.command.trim_end(),
                outcome.output,
                shown.output
            ));
        }
    }
    Ok(())
}

fn expect_status(outcome: &Outcome, status: i32) -> Result<(), String> {
    if outcome.status == Some(status) {
        return Ok(());
    }
    Err(format!(
        "expected status {status}, found {:?}; the output:\n{}",
        outcome.status, outcome.output
    ))
}

/// Returns bash's complaint about the syntax of an untested block.
pub(crate) fn syntax_error(block: &Block) -> Option<String> {
    if !block.is_commands() || !matches!(block.claim, Claim::Untested(_)) {
        return None;
    }
    let mut bash = programs::bash();
    let output = bash
        .args(["-n", "-c", &block.text])
        .output()
        .expect("bash starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (!output.status.success() || !said.is_empty()).then(|| format!("{}: {said}", block.place()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Result<(), String> {
        let text = text.to_owned();
        page(&Page {
            path: "page.md".into(),
            text,
        })
    }

    #[test]
    fn failures_name_the_block() {
        assert_eq!(run("```sh\ntest -f hello.wasm\n```\n"), Ok(()));
        let error = run("text\n```sh\nexit 3\n```\n").unwrap_err();
        assert!(
            error.starts_with("page.md:2: expected status 0, found Some(3)"),
            "{error}"
        );
        assert_eq!(run("```sh status=3\nexit 3\n```\n"), Ok(()));
        assert_eq!(run("```console\n$ echo a b\na ...\n```\n"), Ok(()));
        let error = run("```console\n$ echo a\nb\n```\n").unwrap_err();
        assert!(
            error.contains("prints:\na\nthe page shows:\nb\n"),
            "{error}"
        );
    }

    #[test]
    fn files_of_the_page_are_there() {
        assert_eq!(
            run("```toml file=a/b.toml\nx = 1\n```\n```sh\ngrep x a/b.toml\n```\n"),
            Ok(())
        );
    }

    #[test]
    fn a_server_runs_until_the_page_ends() {
        let server = "```sh server\nwasi-mcp serve hello.wasm --http 127.0.0.1:8080\n```\n";
        let client =
            "```sh status=2\nwasi-mcp-conformance run --url http://127.0.0.1:8080/none\n```\n";
        assert_eq!(run(&format!("{server}{client}")), Ok(()));
        let stubborn = "```sh server\nbash -c 'trap \"exit 4\" TERM; wasi-mcp serve hello.wasm --http 127.0.0.1:8080 & wait'\n```\n";
        let error = run(stubborn).unwrap_err();
        assert!(error.contains("status Some(4)"), "{error}");
    }
}
