//! The report as Markdown.

use wasi_mcp_conformance::report::markdown;

use crate::fixture::{every_outcome, hostile, huge, report};

#[test]
fn for_the_summary_of_a_job() {
    insta::assert_snapshot!(markdown::write(&every_outcome()));
}

#[test]
fn the_headline_states_the_outcome() {
    let failed = markdown::write(&report());
    assert!(failed.starts_with("## MCP 2025-06-18 conformance: 1 of 5 failed\n"));
    let mut report = report();
    report.runs.remove(0);
    let passed = markdown::write(&wasi_mcp_conformance::report::Report::new(report.runs));
    assert!(passed.starts_with("## MCP 2025-06-18 conformance: 1 passed\n"));
    assert!(!passed.contains("###"), "{passed}");
}

/// Returns the names of the tags in HTML, in order, with a slash for end tags.
fn tags(text: &str) -> Vec<&str> {
    let tags = text.split('<').skip(1);
    tags.map(|rest| rest.split(['>', ' ']).next().unwrap_or(rest))
        .collect()
}

#[test]
fn a_hostile_text_stays_text() {
    let page = markdown::write(&hostile());
    for tag in tags(&page) {
        let known = ["details", "summary", "b", "pre"];
        assert!(known.contains(&tag.trim_start_matches('/')), "<{tag}>");
    }
    for tag in ["details", "summary", "pre"] {
        let closing = format!("/{tag}");
        let count = |name: &str| tags(&page).iter().filter(|tag| **tag == name).count();
        assert!(count(tag) > 0 && count(tag) == count(&closing), "{tag}");
    }
    assert!(!page.contains('@'), "the text may notify a person");
    assert!(page.contains("␛[31mred"));
    let odd = |character: &char| character.is_control() && !"\n\t".contains(*character);
    assert_eq!(page.chars().find(odd), None);
    for line in page.lines().filter(|line| line.starts_with('|')) {
        let bars = line.replace(r"\|", "").matches('|').count();
        assert_eq!(bars, page_columns(&page), "{line}");
    }
    // Within a block of HTML, such as a summary, Markdown has no meaning.
    let outside = page.split("<pre>").map(after_preformatted);
    let outside = outside.flat_map(|part| part.lines());
    let outside: Vec<&str> = outside
        .filter(|line| !line.starts_with("<details><summary>"))
        .collect();
    let outside = outside.join("\n");
    for formula in ["[link](", "**bold**", "$x$", "`code`"] {
        assert!(!outside.contains(formula), "{formula} has a meaning");
    }
}

fn page_columns(page: &str) -> usize {
    let head = page.lines().find(|line| line.starts_with("| Target"));
    head.expect("a table").matches('|').count()
}

fn after_preformatted(part: &str) -> &str {
    part.split_once("</pre>").map_or(part, |(_, rest)| rest)
}

#[test]
fn a_report_is_never_longer_than_a_summary_may_be() {
    for report in [huge(500, 20_000), huge(1, 3_000_000), huge(40_000, 10)] {
        let page = markdown::write(&report);
        assert!(page.len() <= markdown::MAX_LENGTH, "{} bytes", page.len());
    }
    let page = markdown::write(&huge(500, 20_000));
    assert!(
        page.len() > markdown::MAX_LENGTH / 2,
        "less than half of the space is used"
    );
    assert!(page.contains("further parts did not fit"));
    assert!(!markdown::write(&report()).contains("did not fit"));
}
