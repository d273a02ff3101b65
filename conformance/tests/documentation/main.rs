//! The pages for people: their commands run, their data parse, their links resolve.
//!
//! A fenced block of the language `sh` or `console` is run, in the order of the page and in one
//! temporary folder for each page. A word after the language changes this:
//!
//! | the block begins with | effect |
//! |---|---|
//! | `sh` | a script for bash that ends with status 0 |
//! | `sh status=1` | ends with this status |
//! | `sh server` | one command, started and stopped with SIGTERM after the page, or before the next server; ends with status 0 |
//! | `sh build` | compiles components: run by an ignored test, which `.ci/run` includes |
//! | `sh ci` | run by `.ci/run`, whose lines are compared |
//! | `console` | commands behind `$ ` and what they print; `...` stands for any text |
//! | `json file=NAME` | any language: the file `NAME`, for the commands that follow |
//!
//! A block behind the comment `<!-- untested: REASON -->` is checked for its syntax alone. The
//! port 8080 of a page stands for a free one, and so does 9090. Each page finds the component
//! `hello.wasm`, which the README builds.
#![cfg(unix)]

mod blocks;
mod ci;
mod data;
mod embedding;
mod help;
mod links;
mod options;
mod output;
mod pages;
mod programs;
mod run;
mod stage;

use blocks::{Block, Claim};

/// The number of blocks with commands that no test runs. Raise it with a reason beside the block.
const UNTESTED: usize = 46;

/// The blocks of all pages.
fn blocks() -> Vec<Block> {
    let pages = pages::with_commands();
    pages.iter().flat_map(Block::all).collect()
}

/// Fails with all of these lines.
#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn the_readme_fits_200_lines() {
    let readme = pages::page("README.md");
    let lines = readme.text.lines().count();
    assert!(
        lines <= 200,
        "README.md has {lines} lines: move text to docs/"
    );
}

/// The servers that the README shows are files that are built and judged.
#[test]
fn the_servers_of_the_readme_are_those_of_the_libraries() {
    let readme = pages::page("README.md");
    let blocks = Block::all(&readme);
    for (language, file) in [
        ("rust", "guest-libraries/rust/hello/src/lib.rs"),
        ("python", "guest-libraries/python/hello/app.py"),
        ("typescript", "guest-libraries/typescript/example/hello.ts"),
    ] {
        let block = blocks.iter().find(|block| block.language == language);
        let block = block.unwrap_or_else(|| panic!("README.md shows no {language}"));
        let shown = &block.text;
        let source = pages::page(file).text;
        assert!(source.ends_with(shown.as_str()), "{file} is not\n{shown}");
    }
}

#[test]
fn each_block_with_commands_has_a_runner_or_a_reason() {
    let blocks = blocks();
    let commands = || blocks.iter().filter(|block| block.is_commands());
    let complaints: Vec<String> = blocks.iter().filter_map(Block::complaint).collect();
    assert_none(&complaints);
    let count =
        |wanted: fn(&Claim) -> bool| commands().filter(|block| wanted(&block.claim)).count();
    let untested = count(|claim| matches!(claim, Claim::Untested(_)));
    println!(
        "{} blocks with commands: {} run here, {} build components, {} run by .ci/run, {untested} untested",
        commands().count(),
        count(|claim| matches!(claim, Claim::Script { .. } | Claim::Server)),
        count(|claim| matches!(claim, Claim::Build)),
        count(|claim| matches!(claim, Claim::Ci)),
    );
    let places: Vec<String> = commands()
        .filter_map(|block| match &block.claim {
            Claim::Untested(reason) => Some(format!("{}: {reason}", block.place())),
            _ => None,
        })
        .collect();
    assert_eq!(untested, UNTESTED, "\n{}\n", places.join("\n"));
}

#[test]
fn commands_that_ci_runs_are_lines_of_its_script() {
    let complaints: Vec<String> = blocks().iter().flat_map(ci::missing).collect();
    assert_none(&complaints);
}

#[test]
fn untested_commands_are_valid_shell() {
    let complaints: Vec<String> = blocks().iter().filter_map(run::syntax_error).collect();
    assert_none(&complaints);
}

// One page after the other: the suite uses all processors by itself.
#[test]
fn commands_run() {
    let pages = pages::with_commands();
    let failures: Vec<String> = pages
        .iter()
        .filter_map(|page| run::page(page).err())
        .collect();
    assert_none(&failures);
}

#[test]
#[ignore = "compiles components, which takes minutes; .ci/run runs it"]
fn components_build() {
    let pages = pages::with_commands();
    let with_builds = |page: &&pages::Page| {
        let builds = |block: &Block| matches!(block.claim, Claim::Build);
        Block::all(page).iter().any(builds)
    };
    let built: Vec<_> = pages.iter().filter(with_builds).collect();
    assert!(!built.is_empty(), "no page builds a component");
    let failures: Vec<String> = built
        .into_iter()
        .filter_map(|page| run::page_with_builds(page).err())
        .collect();
    assert_none(&failures);
}

#[test]
fn data_parse() {
    let blocks = blocks();
    let complaints: Vec<String> = blocks.iter().filter_map(data::complaint).collect();
    assert_none(&complaints);
}

#[test]
fn inputs_of_the_action_are_documented() {
    assert_none(&data::undocumented_inputs());
}

#[test]
fn links_resolve() {
    let pages = pages::all();
    let complaints: Vec<String> = pages.iter().flat_map(links::broken).collect();
    assert_none(&complaints);
}

#[test]
fn help_is_well_formed() {
    assert_none(&help::complaints());
}

#[test]
fn options_exist_and_are_documented() {
    let complaints = options::complaints(&pages::with_options());
    assert_none(&complaints);
}
