//! Tests that change the examples of the table.

use serde_json::value::RawValue;

use super::table::{Entry, entries};
use crate::json::{Object, Writer};

fn rewritten(entry: &Entry, json: &str) -> String {
    let written = (entry.rewrite)(json.as_bytes())
        .unwrap_or_else(|fault| panic!("{}: {fault}: {json}", entry.wit));
    String::from_utf8(written).expect("JSON is UTF-8")
}

fn records() -> impl Iterator<Item = Entry> {
    entries()
        .into_iter()
        .filter(|entry| !entry.members.is_empty())
}

fn example<'a>(entry: &'a Entry) -> Object<'a> {
    Object::parse(entry.example).expect("the examples of records are objects")
}

/// Returns the example with each member replaced by the output of `change`.
fn changed(entry: &Entry, change: impl Fn(&str, &RawValue) -> Option<String>) -> String {
    let mut writer = Writer::new();
    writer.begin_object();
    for (name, value) in example(entry).iter() {
        if let Some(value) = change(&name, value) {
            writer.key(&name).raw(&value);
        }
    }
    writer.end_object();
    writer.into_string()
}

#[test]
fn an_example_comes_back_as_it_was() {
    for entry in entries() {
        assert_eq!(rewritten(&entry, entry.example), entry.example);
    }
}

#[test]
fn an_example_has_every_member() {
    for entry in records() {
        let object = example(&entry);
        let lacking: Vec<_> = entry
            .members
            .iter()
            .filter(|name| object.get(name).is_none())
            .collect();
        let withheld: &[&&str] = match entry.wit {
            "text-resource-contents" => &[&"blob"],
            "blob-resource-contents" => &[&"text"],
            "string-schema" => &[&"enum"],
            "call-tool-params"
            | "read-resource-params"
            | "get-prompt-params"
            | "complete-params" => &[&"_meta"],
            _ => &[],
        };
        assert_eq!(lacking, withheld, "{}", entry.wit);
    }
}

#[test]
fn exactly_the_required_members_are_required() {
    for entry in records() {
        for (removed, _) in example(&entry).iter() {
            let json = changed(&entry, |name, value| {
                (name != removed).then(|| value.get().to_owned())
            });
            match (entry.rewrite)(json.as_bytes()) {
                Ok(written) => {
                    assert!(
                        !entry.required.contains(&removed.as_ref()),
                        "{}: {removed} is required",
                        entry.wit
                    );
                    assert_eq!(String::from_utf8(written).as_deref(), Ok(json.as_str()));
                }
                Err(fault) => {
                    assert!(
                        entry.required.contains(&removed.as_ref()),
                        "{}: {fault}",
                        entry.wit
                    );
                    assert_eq!(fault.path, removed, "{}", entry.wit);
                }
            }
        }
    }
}

#[test]
fn null_and_other_kinds_are_refused_for_named_members() {
    for entry in records() {
        for (mistyped, value) in example(&entry).iter() {
            let wrong = if value.get().starts_with('[') {
                "{}"
            } else {
                "[]"
            };
            for wrong in ["null", wrong] {
                let json = changed(&entry, |name, value| {
                    Some(if name == mistyped { wrong } else { value.get() }.to_owned())
                });
                let result = (entry.rewrite)(json.as_bytes());
                let any_kind = entry.wit == "error" && mistyped == "data";
                if any_kind || !entry.members.contains(&mistyped.as_ref()) {
                    assert_eq!(result, Ok(json.into_bytes()), "{}", entry.wit);
                } else {
                    let fault = result.expect_err(&json);
                    assert_eq!(fault.path, mistyped, "{}: {fault}", entry.wit);
                }
            }
        }
    }
}

/// Variants that take an object of an unknown `type` as their case `other`.
const OPEN_VARIANTS: [&str; 4] = [
    "completion-reference",
    "content-block",
    "primitive-schema",
    "sampling-content",
];

#[test]
fn no_type_is_satisfied_by_another_kind() {
    for entry in entries() {
        for json in ["null", "[]", "{\"type\":\"nothing\"}", "1e999"] {
            let all_optional = json.starts_with('{') && entry.required.is_empty();
            let result = (entry.rewrite)(json.as_bytes());
            let is_other = json.starts_with('{') && OPEN_VARIANTS.contains(&entry.wit);
            let is_any_value = entry.wit == "elicit-value" && json != "1e999";
            if is_other || is_any_value || (all_optional && !entry.members.is_empty()) {
                assert!(result.is_ok(), "{}: {json}", entry.wit);
            } else {
                assert!(result.is_err(), "{}: {json}", entry.wit);
            }
        }
    }
}

#[test]
fn escapes_white_space_and_order_in_what_comes_in_do_not_matter() {
    for entry in records() {
        let mut members: Vec<String> = example(&entry)
            .iter()
            .map(|(name, value)| {
                let escaped: String = name
                    .encode_utf16()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect();
                format!("\r\n\t\"{escaped}\" :\n{}", value.get())
            })
            .collect();
        members.reverse();
        let json = format!(" {{{}\n}}\n", members.join(" ,"));
        assert_eq!(rewritten(&entry, &json), entry.example);
    }
}

#[test]
fn short_values_are_written_whole_and_long_ones_not_at_all() {
    use wasi_mcp_types::content::{CallToolResult, ContentBlock, TextContent};
    let result = |text: &str, structured: Option<&str>| CallToolResult {
        content: vec![ContentBlock::Text(TextContent {
            text: text.to_owned(),
            annotations: None,
            meta: None,
            extra: None,
        })],
        structured_content: structured.map(str::to_owned),
        is_error: None,
        meta: None,
        extra: None,
    };
    let short = result("short", Some("{}"));
    let whole = crate::wire::to_json(&short).unwrap();
    let size = whole.len();
    assert_eq!(crate::wire::to_short_json(&short, size), Some(Ok(whole)));
    assert_eq!(crate::wire::to_short_json(&short, size - 1), None);
    let faulty = result("short", Some("["));
    assert!(matches!(
        crate::wire::to_short_json(&faulty, 1000),
        Some(Err(_))
    ));
    // Text that does not fit is not even checked.
    let long = result("short", Some(&"[".repeat(2000)));
    assert_eq!(crate::wire::to_short_json(&long, 1000), None);
    let many = result(&"x".repeat(2000), None);
    assert_eq!(crate::wire::to_short_json(&many, 1000), None);
}
