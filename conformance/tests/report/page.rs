//! The HTML page, as far as it can be tested without a browser.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use wasi_mcp_conformance::model::Status;
use wasi_mcp_conformance::model::requirements::catalog;
use wasi_mcp_conformance::report::{areas, page};

use crate::fixture::{every_outcome, hostile, huge, report};

/// Returns the first text between two others.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).expect(start);
    rest.split_once(end).expect(end).0
}

#[test]
fn the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else() {
    let page = page::write(&report());
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (directive, element) in [("style-src", "style"), ("script-src", "script")] {
        let content = between(&page, &format!("<{element}>"), &format!("</{element}>"));
        let hash = STANDARD.encode(Sha256::digest(content));
        let allowed = format!("{directive} 'sha256-{hash}';");
        assert!(policy.contains(&allowed), "{policy} lacks {allowed}");
    }
    assert!(!policy.contains("unsafe"));
}

#[test]
fn the_page_needs_no_other_resource_and_no_script() {
    let page = page::write(&every_outcome());
    for loading in [
        " src=",
        "<link",
        "<iframe",
        "<object",
        "@import",
        "url(",
        " style=",
        " onclick=",
    ] {
        assert!(!page.contains(loading), "{loading}");
    }
    assert!(
        page.contains("<form id=\"filters\" hidden>"),
        "useless filters are visible without the script"
    );
    for link in page.split("href=\"").skip(1) {
        assert!(
            link.starts_with("https://modelcontextprotocol.io/specification/2025-06-18"),
            "{}",
            &link[..40]
        );
    }
}

/// Returns the elements of a page in order. Panics if it is not well-formed.
fn elements(page: &str) -> Vec<String> {
    const VOID: [&str; 3] = ["meta", "input", "!DOCTYPE"];
    let (mut open, mut all): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut rest = page;
    while let Some((_, tag)) = rest.split_once('<') {
        let (tag, after) = tag.split_once('>').expect("a tag ends");
        rest = after;
        let name = tag.split(' ').next().unwrap_or(tag);
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "elements are nested");
            continue;
        }
        all.push(name.to_owned());
        if ["style", "script"].contains(&name) {
            // Their content is not HTML up to the end tag.
            let end = format!("</{name}>");
            rest = rest.split_once(&end).expect("it ends").1;
        } else if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?} do not end");
    all
}

#[test]
fn a_hostile_text_stays_text() {
    let (hostile, tame) = (page::write(&hostile()), page::write(&every_outcome()));
    let odd = |character: &char| character.is_control() && !"\n\t".contains(*character);
    assert_eq!(hostile.chars().find(odd), None);
    let scripts = |page: &str| {
        elements(page)
            .iter()
            .filter(|name| *name == "script")
            .count()
    };
    assert_eq!((scripts(&hostile), scripts(&tame)), (1, 1));
    assert!(elements(&tame).len() > 200);
    assert!(!elements(&hostile).contains(&"img".to_owned()));
    assert!(hostile.contains("␛[31mred"));
}

#[test]
fn every_check_is_on_the_page_with_its_status() {
    let report = every_outcome();
    let page = page::write(&report);
    for status in Status::ALL {
        let rows = format!(" data-status=\"{}\"", status.name());
        assert_eq!(page.matches(&rows).count(), report.summary.of(status));
    }
    let texts = [
        "tools/list lists \"a\" twice\nand 2 more".replace('"', "&quot;"),
        "Reason: issue 7: not yet".to_owned(),
        "Reason: no tool was seen to echo".to_owned(),
        "it is annotated as destructive".to_owned(),
        "&lt;/script&gt;&lt;b&gt;&amp;".to_owned(),
        "← 3 ms, session 1 (shared), POST 1, status 200".to_owned(),
    ];
    for text in texts {
        assert!(page.contains(&text), "{text} is missing");
    }
}

#[test]
fn a_huge_message_is_cut() {
    let page = page::write(&huge(3, 3_000_000));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    assert!(page.contains("characters more)"));
}

#[test]
fn the_areas_count_every_requirement_that_a_server_shows_once() {
    let areas = areas::all(&every_outcome());
    let shown = catalog().rows().iter().filter(|row| row.server_testable);
    let total: usize = areas.iter().map(areas::Area::total).sum();
    assert_eq!(total, shown.count());
    let area = |name: &str| areas.iter().find(|area| area.name == name).expect(name);
    assert_eq!(area("utilities/ping").held, 1, "passed in both runs");
    let tools = area("server/tools");
    assert_eq!((tools.violated, tools.held, tools.skipped), (2, 0, 0));
    let logging = area("server/logging");
    assert_eq!(logging.violated, 1, "the worst outcome counts");
    assert_eq!(
        area("server/prompts").unjudged,
        area("server/prompts").total()
    );
}
