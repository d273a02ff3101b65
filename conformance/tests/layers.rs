//! The layers of the suite: a module imports only from its own layer and from those below.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The layers from the bottom up: the modules at the root of the crate.
const LAYERS: [&str; 14] = [
    "model",
    "wire",
    "arguments",
    "driver",
    "observe",
    "targets",
    "survey",
    "runtime",
    "checks",
    "expectations",
    "runner",
    "coverage",
    "report",
    "cli",
];

/// Modules outside the layers: the root of the crate and the binary.
const ROOTS: &[&str] = &["lib", "main"];

/// The layer of a module, counted from the bottom.
fn layer(module: &str) -> Option<usize> {
    let root = module.split("::").next();
    LAYERS.iter().position(|layer| Some(*layer) == root)
}

/// The code of a file without comments, literals and its unit tests.
fn code(text: &str) -> String {
    let text = without_tests(text);
    let mut code = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = literal(rest).unwrap_or(0);
        if length > 0 {
            // An identifier before a literal does not run on into the next one.
            code.push(' ');
            rest = &rest[length..];
        } else {
            code.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    code
}

/// The text up to the unit tests at its end.
fn without_tests(text: &str) -> &str {
    const MARK: &str = "\n#[cfg(test)]\n";
    let tests = text.match_indices(MARK).find(|(index, _)| {
        let next = text[index + MARK.len()..]
            .lines()
            .next()
            .unwrap_or_default();
        next.contains("mod ") && next.ends_with('{')
    });
    tests.map_or(text, |(index, _)| &text[..index])
}

/// The length of the comment or literal with which a text begins, if it does.
fn literal(text: &str) -> Option<usize> {
    let quoted = |text: &str, quote: char| {
        let mut escaped = false;
        let end = text.char_indices().skip(1).find(|(_, character)| {
            let ends = *character == quote && !escaped;
            escaped = *character == '\\' && !escaped;
            ends
        });
        end.map(|(index, _)| index + 1)
    };
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("r\"") || text.starts_with("r#") {
        let hashes = text[1..]
            .chars()
            .take_while(|character| *character == '#')
            .count();
        let inside = text[1 + hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(2 + hashes + inside.find(&end)? + end.len());
    }
    if text.starts_with('"') {
        return quoted(text, '"');
    }
    // A lifetime is not a literal.
    let mut characters = text.strip_prefix('\'')?.chars();
    let is_character = characters.next()? == '\\' || characters.next()? == '\'';
    is_character.then(|| quoted(text, '\'')).flatten()
}

/// The paths at the leaves of a use tree: `a::{b, c::d}` has the leaves `a::b` and `a::c::d`.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.split(" as ").next().unwrap_or(tree).trim();
    let Some((prefix, group)) = tree.split_once('{') else {
        return vec![tree.to_owned()];
    };
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    let mut depth = 0;
    let branches = group.split(|character| {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    });
    let branches = branches.filter(|branch| !branch.trim().is_empty());
    branches
        .flat_map(|branch| leaves(branch.trim()))
        .map(|leaf| format!("{}{leaf}", prefix.trim()))
        .collect()
}

/// The paths in this crate that a file mentions, from the root: in `use` declarations and elsewhere.
fn paths(module: &str, text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut mentioned = Vec::new();
    for (start, _) in code.match_indices("use ") {
        let before = code[..start].chars().next_back();
        if before.is_none_or(|character| !character.is_alphanumeric() && character != '_')
            && let Some(end) = code[start..].find(';')
        {
            mentioned.extend(leaves(&code[start + 4..start + end]));
        }
    }
    for (start, _) in code.match_indices("::") {
        let begins = |character: char| !(character.is_alphanumeric() || "_:".contains(character));
        let from = code[..start].rfind(begins).map_or(0, |index| index + 1);
        let to = code[start..].find(begins);
        let to = to.map_or(code.len(), |index| start + index);
        mentioned.push(code[from..to].to_owned());
    }
    let parents: Vec<&str> = module.split("::").collect();
    let absolute = mentioned.into_iter().filter_map(|path| {
        let segments: Vec<&str> = path.split("::").map(str::trim).collect();
        let ups = segments.iter().take_while(|name| **name == "super").count();
        let (base, below) = match segments[0] {
            "crate" => (0, 1),
            "super" => (parents.len().checked_sub(ups)?, ups),
            // What a module calls its own stands in its own layer.
            _ => return None,
        };
        let absolute = [&parents[..base], &segments[below..]].concat().join("::");
        Some(absolute.trim_end_matches("::self").to_owned())
    });
    absolute.filter(|path| !path.is_empty()).collect()
}

/// Everything against the order of the layers in these modules (names and texts).
fn violations(modules: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    let mut uses: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (module, text) in modules {
        if ROOTS.contains(&module.as_str()) {
            continue;
        }
        let Some(from) = layer(module) else {
            found.push(format!("{module} belongs to no layer: add it to LAYERS"));
            continue;
        };
        for path in paths(module, text) {
            let Some(to) = layer(&path) else {
                continue;
            };
            uses.entry(from).or_default().insert(to);
            if to > from {
                let (lower, upper) = (LAYERS[from], LAYERS[to]);
                found.push(format!(
                    "{module} ({lower}) uses {path} ({upper}), which is above it"
                ));
            }
        }
    }
    found.extend(circles(&uses));
    found
}

/// The pairs of layers that reach each other.
fn circles(uses: &BTreeMap<usize, BTreeSet<usize>>) -> Vec<String> {
    let reached = |from: usize| {
        let mut reached = BTreeSet::new();
        let mut left = vec![from];
        while let Some(layer) = left.pop() {
            for next in uses.get(&layer).into_iter().flatten() {
                if *next != layer && reached.insert(*next) {
                    left.push(*next);
                }
            }
        }
        reached
    };
    let all: Vec<BTreeSet<usize>> = (0..LAYERS.len()).map(reached).collect();
    let pairs = (0..LAYERS.len()).flat_map(|one| (0..one).map(move |other| (other, one)));
    pairs
        .filter(|(one, other)| all[*one].contains(other) && all[*other].contains(one))
        .map(|(one, other)| format!("circle between {} and {}", LAYERS[one], LAYERS[other]))
        .collect()
}

/// The modules below a folder, with their texts.
fn modules(folder: &Path, parent: &[String], found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let mut segments = parent.to_vec();
        if name != "mod" {
            segments.push(name.into_owned());
        }
        if path.is_dir() {
            modules(&path, &segments, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("UTF-8");
            found.push((segments.join("::"), text));
        }
    }
}

#[test]
fn imports_keep_to_the_order_of_the_layers() {
    let mut found = Vec::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    modules(&source, &[], &mut found);
    assert!(found.len() > 100, "only {} modules were read", found.len());
    let violations = violations(&found);
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn every_layer_has_modules() {
    let mut found = Vec::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    modules(&source, &[], &mut found);
    for layer in LAYERS {
        let exists = found.iter().any(|(module, _)| module == layer);
        assert!(exists, "layer {layer}: there is no such module");
    }
}

/// The violations of one module with this text.
fn seeded(module: &str, text: &str) -> Vec<String> {
    violations(&[(module.to_owned(), text.to_owned())])
}

#[test]
fn an_import_from_above_is_found_in_every_form() {
    for text in [
        "use crate::checks::Finding;",
        "use crate::{checks, wire};",
        "pub use crate::checks as above;",
        "use crate::{\n    wire::envelope,\n    checks::{self, Finding},\n};",
        "use super::super::checks::Finding;",
        "fn f(finding: crate::checks::Finding) {}",
        "const A: &str = \"//\"; use crate::checks::Finding;",
    ] {
        let found = seeded("driver::reply", text);
        assert!(
            !found.is_empty()
                && found
                    .iter()
                    .all(|one| one.starts_with("driver::reply (driver) uses checks")),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn what_is_no_import_from_above_passes() {
    for text in [
        "use crate::wire::envelope::Message;",
        "use super::log::Log;",
        "// use crate::checks::Finding;",
        "/// See [`crate::checks`].",
        "const TEXT: &str = \"crate::checks\";",
        "const TEXT: &str = r#\"\"crate::checks\"\"#;",
        "const QUOTE: char = '\"'; // use crate::checks::Finding; '\"'",
        "use std::fmt;\n\n#[cfg(test)]\nmod tests {\n    use crate::checks::judge;\n}",
    ] {
        assert_eq!(
            seeded("driver::reply", text),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

#[test]
fn a_circle_of_layers_is_found() {
    let both = [
        (
            "survey::make".to_owned(),
            "use crate::checks::CheckContext;".to_owned(),
        ),
        (
            "checks::context".to_owned(),
            "use crate::survey::Survey;".to_owned(),
        ),
    ];
    let found = violations(&both);
    assert!(
        found.contains(&"circle between survey and checks".to_owned()),
        "{found:?}"
    );
    let through_a_third = [
        ("survey".to_owned(), "use crate::runner::run;".to_owned()),
        ("runner".to_owned(), "use crate::checks::all;".to_owned()),
        ("checks".to_owned(), "use crate::survey::Survey;".to_owned()),
    ];
    let found = violations(&through_a_third);
    assert!(
        found.contains(&"circle between survey and runner".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_module_without_a_layer_is_found() {
    assert_eq!(
        seeded("helpers", ""),
        ["helpers belongs to no layer: add it to LAYERS"]
    );
}
