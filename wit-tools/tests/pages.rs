//! The pages of the proposal are up to date, and their links lead somewhere.

mod project;

use std::collections::BTreeSet;
use std::fs;

use project::{assert_holds, changed, mapping, package_0_2, package_0_3, proposal, root};
use wasi_mcp_wit::package::first_difference;
use wasi_mcp_wit::{reference, tables};

#[test]
fn the_reference_is_up_to_date() {
    let page = reference::page(&package_0_3(), &package_0_2());
    let found = proposal("reference.md");
    assert!(
        found == page,
        "run `wasi-mcp-wit all`: {}",
        first_difference(&found, &page)
    );
}

#[test]
fn the_mapping_is_up_to_date() {
    let page = tables::mapping_page(&mapping(), &package_0_3());
    let found = proposal("mapping.md");
    assert!(
        found == page,
        "run `wasi-mcp-wit all`: {}",
        first_difference(&found, &page)
    );
}

#[test]
fn the_reference_follows_the_text() {
    let page = proposal("reference.md");
    for (file, from, to) in [
        ("content.wit", "/// The bytes of the image.", "/// Bytes."),
        (
            "content.wit",
            "mime-type: string",
            "mime-type: option<string>",
        ),
        ("runtime.wit", "/// Adds tools.", "/// Adds some tools."),
        (
            "world.wit",
            "/// A backend with everything",
            "/// A backend with all",
        ),
    ] {
        let changed = reference::page(&changed(file, from, to), &package_0_2());
        assert!(changed != page, "{file}: {to}");
    }
}

#[test]
fn the_reference_has_every_item() {
    let page = proposal("reference.md");
    let anchors = anchors(&page);
    let package = package_0_3();
    let mut missing = Vec::new();
    let mut items = 0;
    let mut expect = |place: String| {
        items += 1;
        if !anchors.contains(&place) {
            missing.push(place);
        }
    };
    for (name, _, interface) in package.interfaces() {
        expect(name.to_owned());
        for (type_name, _) in package.own_types(interface) {
            expect(format!("{name}.{type_name}"));
        }
        for function in interface.functions.values() {
            expect(wasi_mcp_wit::rules::function_place(
                &package, name, function,
            ));
        }
    }
    for (name, _, _) in package.worlds() {
        expect(format!("world.{name}"));
    }
    assert_holds(missing);
    assert!(items > 100, "{items} items");
}

#[test]
fn links_lead_somewhere() {
    let mut pages: Vec<String> = fs::read_dir(root().join("proposal"))
        .expect("proposal/ can be read")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".md"))
        .collect();
    pages.sort();
    assert!(pages.len() >= 4, "{pages:?}");
    let mut broken = Vec::new();
    let mut links = 0;
    for page in &pages {
        for target in link_targets(&proposal(page)) {
            links += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = if file.is_empty() { page } else { file };
            let path = root().join("proposal").join(file);
            if !path.exists() {
                broken.push(format!("{page}: there is no {file}"));
            } else if !anchor.is_empty()
                && !anchors(&fs::read_to_string(&path).unwrap_or_default()).contains(anchor)
            {
                broken.push(format!("{page}: there is no anchor {target}"));
            }
        }
    }
    assert_holds(broken);
    assert!(links > 500, "{links} links");
}

#[test]
fn anchors_and_links_are_recognised() {
    let page =
        "# One `two`: three\n\n<a id=\"x.y\"></a> [a](#b) [c](d.md#e) [f](https://g) `[h](i)`\n";
    assert_eq!(
        anchors(page),
        BTreeSet::from(["one-two-three".to_owned(), "x.y".to_owned()])
    );
    assert_eq!(link_targets(page), ["#b", "d.md#e"]);
}

/// The anchors of a page: those that it sets, and those of its headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let set = page
        .split("<a id=\"")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    let of_headings = page
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let title = line.trim_start_matches('#').trim();
            title
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| {
                    if c == ' ' {
                        '-'
                    } else {
                        c.to_ascii_lowercase()
                    }
                })
                .collect()
        });
    set.chain(of_headings)
        .filter(|anchor: &String| !anchor.starts_with("a-id"))
        .collect()
}

/// Returns the link targets of a page, without those to other sites and those in code.
fn link_targets(page: &str) -> Vec<String> {
    let mut targets = Vec::new();
    let mut in_block = false;
    for line in page.lines() {
        in_block ^= line.trim_start().starts_with("```");
        if in_block {
            continue;
        }
        // Code between a pair of backticks is dropped, so that `[a](b)` in it is not a link.
        let text: String = line.split('`').step_by(2).collect();
        targets.extend(
            text.split("](")
                .skip(1)
                .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
                .filter(|target| !target.starts_with("http")),
        );
    }
    targets
}
