//! Changes one thing in a value at any depth: the mapping accepts what MCP's schema accepts, except
//! for a list of places where one of the two is stricter.

use proptest::prelude::{Strategy as _, any};
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::official::{as_defined, official, tree};
use super::table::{Entry, entries};
use crate::json::Fault;

const MUTATIONS: usize = 120;

/// Collects JSON pointers to the value and everything in it.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    places.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                self::places(item, &format!("{at}/{index}"), places);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                self::places(member, &format!("{at}/{name}"), places);
            }
        }
        _ => {}
    }
}

/// Changes the value at one place, or removes the member.
fn mutate(value: &mut Value, place: Index, change: Index) -> String {
    let replacements = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(7.0),
        json!(5e9),
        json!(""),
        json!("text"),
        json!("integer"),
        json!([]),
        json!([{}]),
        json!({}),
        json!({"type": "text", "text": "t"}),
    ];
    let mut pointers = Vec::new();
    places(value, "", &mut pointers);
    let pointer = place.get(&pointers).clone();
    let change = change.index(replacements.len() * 2);
    if let Some(replacement) = replacements.get(change) {
        *value.pointer_mut(&pointer).expect("the place exists") = replacement.clone();
    } else if let Some((parent, name)) = pointer.rsplit_once('/') {
        let name = name.replace("~1", "/").replace("~0", "~");
        if let Some(Value::Object(members)) = value.pointer_mut(parent) {
            members.remove(&name);
        }
    }
    pointer
}

/// Returns whether the mapping may refuse what the schema accepts: rules that the schema states in
/// prose only, gaps in its unions of open objects, and the limits of WIT's types.
fn is_stricter(entry: &Entry, fault: &Fault, value: &Value) -> bool {
    let expected = fault.expected.as_str();
    let is_prose = expected == "a string in base64"
        || expected == "one of the members `text` and `blob`"
        || expected.starts_with("an integer from ");
    // Params of requests may have `_meta`; their typed definitions leave it out.
    let is_meta_of_params = fault.path == "_meta" && entry.wit.ends_with("-params");
    // Of the two definitions with the type `string` the other one accepts it.
    let is_string_schema = entry.wit == "primitive-schema"
        || fault.path.starts_with("requestedSchema.properties.")
        || fault.path.starts_with("properties.");
    is_prose
        || is_meta_of_params
        || (is_string_schema && value.to_string().contains(r#""type":"string""#))
}

/// Returns whether the mapping may accept what the schema refuses: the content of a tool's schema
/// is checked on compiling it.
fn is_more_lenient(pointer: &str) -> bool {
    pointer.contains("/inputSchema") || pointer.contains("/outputSchema")
}

#[test]
fn the_verdict_is_that_of_the_schema() {
    let official = official();
    let (mut accepted, mut refused) = (0, 0);
    for entry in entries() {
        let validator = official.as_ref().map(|schema| schema.validator(&entry));
        let mut runner = TestRunner::deterministic();
        let choice = (any::<Index>(), any::<Index>());
        for number in 0..MUTATIONS {
            let mut value = if number % 2 == 0 {
                tree(entry.example.as_bytes())
            } else {
                tree(&(entry.made_up)(&mut runner))
            };
            let (place, change) = choice
                .new_tree(&mut runner)
                .expect("the strategies reject nothing")
                .current();
            let pointer = mutate(&mut value, place, change);
            let verdict = (entry.rewrite)(value.to_string().as_bytes());
            match &verdict {
                Ok(written) => {
                    accepted += 1;
                    assert_eq!((entry.rewrite)(written).as_ref(), Ok(written), "{value}");
                }
                Err(fault) => {
                    refused += 1;
                    assert!(!fault.expected.is_empty(), "{value}");
                }
            }
            let Some(validator) = &validator else {
                continue;
            };
            match (verdict, validator.validate(&as_defined(&entry, &value))) {
                (Ok(_), Err(error)) => assert!(
                    is_more_lenient(&pointer),
                    "{}: accepted, but {error}: {value}",
                    entry.wit
                ),
                (Err(fault), Ok(())) => assert!(
                    is_stricter(&entry, &fault, &value),
                    "{}: {fault}, but the schema accepts {value}",
                    entry.wit
                ),
                (Ok(_), Ok(())) | (Err(_), Err(_)) => {}
            }
        }
    }
    assert!(accepted > 1000 && refused > 1000, "{accepted}, {refused}");
}
