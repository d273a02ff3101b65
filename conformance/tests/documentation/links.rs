//! Links between pages.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::pages::{self, Page};

/// Returns the links of a page that lead nowhere in the repository.
pub(crate) fn broken(page: &Page) -> Vec<String> {
    let prose = without_code(&page.text);
    let targets = targets(&prose);
    let complaints = targets.iter().filter_map(|target| {
        let complaint = complaint(page, target)?;
        Some(format!(
            "{}: link to {target}: {complaint}",
            page.path.display()
        ))
    });
    complaints.collect()
}

fn complaint(page: &Page, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    if path.is_empty() {
        return missing(anchor, &page.text, &page.path);
    }
    let folder = page.path.parent().expect("a folder");
    let Some(path) = normal(&folder.join(path)) else {
        return Some("leaves the repository".to_owned());
    };
    let file = pages::root().join(&path);
    if !file.exists() {
        return Some(format!("no file {}", path.display()));
    }
    missing(anchor, &fs::read_to_string(file).unwrap_or_default(), &path)
}

fn missing(anchor: Option<&str>, text: &str, path: &Path) -> Option<String> {
    let anchor = anchor?;
    (!anchors(text).contains(anchor)).then(|| format!("no heading #{anchor} in {}", path.display()))
}

/// Returns the path without `..`; `None` if it leaves the repository.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => normal.pop().then_some(())?,
            Component::Normal(name) => normal.push(name),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(normal)
}

/// The lines outside of fenced blocks.
fn outside_blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

/// The text without blocks and spans of code.
fn without_code(text: &str) -> String {
    let lines: Vec<&str> = outside_blocks(text).collect();
    let text = lines.join("\n");
    let (mut prose, mut rest) = (String::new(), text.as_str());
    while let Some(at) = rest.find('`') {
        let ticks = rest[at..].bytes().take_while(|byte| *byte == b'`').count();
        let (fence, inner) = rest[at..].split_at(ticks);
        prose.push_str(&rest[..at]);
        rest = match inner.find(fence) {
            Some(end) => &inner[end + ticks..],
            None => inner,
        };
    }
    prose + rest
}

/// The targets of links and images.
fn targets(prose: &str) -> BTreeSet<String> {
    let inline = prose.split("](").skip(1).filter_map(|rest| {
        let end = rest.find([')', ' ', '\n'])?;
        Some(&rest[..end])
    });
    let definitions = prose.lines().filter_map(|line| {
        let (name, target) = line.strip_prefix('[')?.split_once("]: ")?;
        (!name.contains(']')).then_some(target.trim())
    });
    let html = ["href=\"", "src=\""].into_iter().flat_map(|attribute| {
        let rests = prose.split(attribute).skip(1);
        rests.filter_map(|rest| Some(rest.split_once('"')?.0))
    });
    inline
        .chain(definitions)
        .chain(html)
        .map(str::to_owned)
        .collect()
}

/// The anchors of a page: its headings as GitHub names them, and the ids of its elements.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for line in outside_blocks(text) {
        for attribute in ["id=\"", "name=\""] {
            let ids = line.split(attribute).skip(1);
            anchors.extend(ids.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
        let heading = line.trim_start_matches('#');
        let level = line.len() - heading.len();
        if !(1..=6).contains(&level) || !heading.starts_with(' ') {
            continue;
        }
        let name = slug(heading.trim());
        let count = seen.entry(name.clone()).or_default();
        anchors.insert(match count {
            0 => name,
            ref count => format!("{name}-{count}"),
        });
        *count += 1;
    }
    anchors
}

/// The name of a heading: small letters, hyphens for spaces, no punctuation.
fn slug(heading: &str) -> String {
    let mut text = String::new();
    let mut rest = heading;
    // Only the text of a link counts.
    while let Some((before, after)) = rest.split_once("](") {
        text.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let characters = text.chars().flat_map(char::to_lowercase);
    characters
        .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_the_names_that_github_gives_them() {
        let text = "# The `x-y` world\n## Again\n```sh\n# no heading\n```\n## Again\n### [A link](b.md), too\n";
        let expected = ["again", "again-1", "a-link-too", "the-x-y-world"];
        assert_eq!(anchors(text), expected.map(str::to_owned).into());
    }

    #[test]
    fn links_in_code_do_not_count() {
        let text = "[a](a.md#x), `[b](b.md)` and\n```text\n[c](c.md)\n```\n![d](d.svg \"title\")\n[e]: e.md\n";
        assert_eq!(
            targets(&without_code(text)),
            ["a.md#x", "d.svg", "e.md"].map(str::to_owned).into()
        );
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let page = |text: &str| Page {
            path: "docs/page.md".into(),
            text: text.into(),
        };
        assert!(
            broken(&page(
                "[a](../README.md), [b](https://example.com), [c](#d)\n# D\n"
            ))
            .is_empty()
        );
        for (text, part) in [
            ("[a](none.md)", "no file docs/none.md"),
            (
                "[a](../README.md#no-such-heading)",
                "no heading #no-such-heading",
            ),
            ("[a](../../elsewhere)", "leaves the repository"),
            ("[a](/README.md)", "leaves the repository"),
        ] {
            let broken = broken(&page(text));
            assert!(broken.len() == 1 && broken[0].contains(part), "{broken:?}");
        }
    }
}
