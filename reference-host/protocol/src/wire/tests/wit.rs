//! The mapping covers the WIT files and names members by rule.

use std::collections::BTreeSet;
use std::path::Path;

use wit_parser::{Resolve, TypeDefKind};

use super::table::entries;

const INTERFACES: [&str; 3] = ["types", "capabilities", "content"];

/// Types that are mapped by functions, each with tests of its own.
const ELSEWHERE: [&str; 4] = ["client", "server", "error-code", "principal"];

fn resolve() -> Resolve {
    let mut resolve = Resolve::default();
    resolve
        .push_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit")))
        .expect("the package parses");
    resolve
}

/// Name and kind of each record, variant and enum.
fn types(resolve: &Resolve) -> impl Iterator<Item = (&str, &TypeDefKind)> {
    resolve
        .interfaces
        .iter()
        .filter(|(_, interface)| {
            interface
                .name
                .as_deref()
                .is_some_and(|name| INTERFACES.contains(&name))
        })
        .flat_map(|(_, interface)| interface.types.iter())
        .map(|(name, id)| (name.as_str(), &resolve.types[*id].kind))
        .filter(|(_, kind)| {
            matches!(
                kind,
                TypeDefKind::Record(_) | TypeDefKind::Variant(_) | TypeDefKind::Enum(_)
            )
        })
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let (initial, rest) = word.split_at(1);
        name.push_str(&initial.to_uppercase());
        name.push_str(rest);
        name
    })
}

#[test]
fn each_type_is_mapped() {
    let resolve = resolve();
    let declared: BTreeSet<_> = types(&resolve).map(|(name, _)| name).collect();
    let mapped: BTreeSet<_> = entries()
        .into_iter()
        .map(|entry| entry.wit)
        .chain(ELSEWHERE)
        .collect();
    assert_eq!(mapped, declared);
}

#[test]
fn members_are_named_by_rule() {
    let resolve = resolve();
    let mut compared = 0;
    for entry in entries() {
        let kind = types(&resolve).find(|(name, _)| *name == entry.wit);
        let Some((_, TypeDefKind::Record(record))) = kind else {
            continue;
        };
        let mut expected: Vec<String> = match entry.wit {
            // The two shapes that are not mechanical.
            "complete-params" => ["ref", "argument", "context", "_meta"]
                .map(Into::into)
                .into(),
            "complete-result" => ["completion", "_meta"].map(Into::into).into(),
            _ => record
                .fields
                .iter()
                .filter(|field| field.name != "extra")
                .map(|field| match field.name.as_str() {
                    "meta" => "_meta".to_owned(),
                    name => camel_case(name),
                })
                .collect(),
        };
        if entry.required.contains(&"type") && !expected.contains(&"type".to_owned()) {
            expected.push("type".to_owned());
        }
        match entry.wit {
            "text-resource-contents" => expected.push("blob".to_owned()),
            "blob-resource-contents" => expected.push("text".to_owned()),
            "string-schema" => expected.push("enum".to_owned()),
            "call-tool-params" | "read-resource-params" | "get-prompt-params" => {
                expected.push("_meta".to_owned());
            }
            _ => {}
        }
        let expected: BTreeSet<_> = expected.iter().map(String::as_str).collect();
        let members: BTreeSet<_> = entry.members.iter().copied().collect();
        assert_eq!(members, expected, "{}", entry.wit);
        compared += 1;
    }
    assert!(compared > 50, "{compared} records");
}

#[test]
fn keywords_are_named_by_rule() {
    let resolve = resolve();
    let mut compared = 0;
    for (name, kind) in types(&resolve) {
        let TypeDefKind::Enum(declared) = kind else {
            continue;
        };
        let expected: Vec<String> = declared
            .cases
            .iter()
            .map(|case| match case.name.as_str() {
                // JSON Schema's word, not MCP's.
                "date-time" => "date-time".to_owned(),
                name => camel_case(name),
            })
            .collect();
        let entry = entries()
            .into_iter()
            .find(|entry| entry.wit == name)
            .unwrap_or_else(|| panic!("{name} is not mapped"));
        assert_eq!(entry.words, expected, "{name}");
        compared += 1;
    }
    assert_eq!(compared, 6);
}
