//! The output conforms to MCP's schema.
//!
//! The required members are always compared with the table, everything else if the [official
//! schema](super::official) is available.

use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::official::{as_defined, official, tree};
use super::table::entries;

const SAMPLES: usize = 48;

#[test]
fn values_conform() {
    let official = official();
    for entry in entries() {
        let validator = official.as_ref().map(|schema| schema.validator(&entry));
        let mut runner = TestRunner::deterministic();
        let mut written: Vec<Vec<u8>> =
            (0..SAMPLES).map(|_| (entry.made_up)(&mut runner)).collect();
        written.push(entry.example.into());
        for json in written {
            let value = tree(&json);
            for name in entry.required {
                assert!(value.get(name).is_some(), "{}: {name}: {value}", entry.wit);
            }
            if let Some(validator) = &validator
                && let Err(error) = validator.validate(&as_defined(&entry, &value))
            {
                panic!("{}: {error}: {value}", entry.wit);
            }
        }
    }
}

#[test]
fn the_table_requires_what_the_schema_requires() {
    let official = official();
    let mut required = 0;
    for entry in entries() {
        required += entry.required.len();
        if let Some(schema) = &official {
            let definition = schema.definition(&entry);
            let mut names: Vec<&str> = definition["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .filter(|name| !(entry.wit == "progress" && *name == "progressToken"))
                .collect();
            let mut expected = entry.required.to_vec();
            names.sort_unstable();
            expected.sort_unstable();
            assert_eq!(expected, names, "{}", entry.wit);
            let words = definition["enum"].as_array().into_iter().flatten();
            let mut words: Vec<&str> = words.filter_map(Value::as_str).collect();
            let mut expected = entry.words.clone();
            words.sort_unstable();
            expected.sort_unstable();
            assert_eq!(expected, words, "{}", entry.wit);
            let properties = definition["properties"].as_object();
            for name in properties.into_iter().flat_map(|members| members.keys()) {
                let is_hosts = matches!(
                    (entry.wit, name.as_str()),
                    ("progress", "progressToken") | ("server-capabilities", "logging")
                );
                assert!(
                    entry.members.is_empty() || is_hosts || entry.members.contains(&name.as_str()),
                    "{}: {name} is not mapped",
                    entry.wit
                );
            }
        }
    }
    assert_eq!(required, 68, "required members in the table");
}
