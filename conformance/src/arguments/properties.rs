//! Properties of generated values for every schema.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::mutation::MAX_MUTATIONS;
use super::*;

#[test]
fn examples_and_defaults_of_the_author_are_used() {
    let schema = json!({"type": "object", "properties": {
        "a": {"type": "string", "examples": ["named"]},
        "b": {"type": "integer", "default": 7},
        "c": {"const": null},
        "d": {"enum": ["x", "y"]},
    }, "required": ["a", "b", "c", "d"]});
    assert_eq!(
        valid(&schema),
        Ok(json!({"a": "named", "b": 7, "c": null, "d": "x"}))
    );
}

#[test]
fn invalid_examples_and_defaults_are_ignored() {
    let schema = json!({"type": "object", "properties": {
        "a": {"type": "string", "default": null},
    }, "required": ["a"]});
    assert_eq!(valid(&schema), Ok(json!({"a": "text"})));
}

#[test]
fn references_unions_and_conditions_are_followed() {
    let schema = json!({
        "type": "object",
        "$defs": {"address": {"$anchor": "addressDef", "type": "object",
            "properties": {"street": {"type": "string"}}, "required": ["street"]}},
        "properties": {"address": {"$ref": "#/$defs/address"}, "other": {"$ref": "#addressDef"}},
        "required": ["address", "other"],
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["mail"]}]}],
        "additionalProperties": true,
    });
    let value = valid(&schema).expect("a value");
    assert_eq!(value["address"]["street"], "text");
    assert_eq!(value["other"]["street"], "text");
    assert_eq!(value["phone"], "text");
}

/// Schemas with each supported keyword, in both drafts.
fn by_keyword() -> Vec<(&'static str, Value)> {
    vec![
        (
            "dependentRequired",
            json!({"properties": {"a": {}, "b": {}}, "required": ["a"], "dependentRequired": {"a": ["b", "c"]}}),
        ),
        (
            "dependencies",
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "required": ["a"], "dependencies": {"a": ["b"], "b": {"required": ["c"], "properties": {"c": {"type": "integer"}}}}}),
        ),
        (
            "dependentSchemas",
            json!({"required": ["a"], "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": {"const": 7}}}}}),
        ),
        (
            "if then",
            json!({"properties": {"kind": {"enum": ["x", "y"]}}, "required": ["kind"], "if": {"properties": {"kind": {"const": "x"}}}, "then": {"required": ["only"]}, "else": {"required": ["other"]}}),
        ),
        (
            "not",
            json!({"properties": {"a": {"type": ["integer", "string"], "not": {"type": "string"}}}, "required": ["a"]}),
        ),
        (
            "oneOf",
            json!({"oneOf": [{"required": ["a"], "properties": {"a": {"type": "integer"}}, "additionalProperties": false}, {"required": ["b"], "properties": {"b": {"type": "string"}}, "additionalProperties": false}]}),
        ),
        (
            "prefixItems",
            json!({"properties": {"a": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false, "minItems": 2}}, "required": ["a"]}),
        ),
        (
            "items as list",
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"type": "array", "items": [{"type": "string"}, {"type": "integer"}], "additionalItems": {"type": "null"}, "minItems": 3}}, "required": ["a"]}),
        ),
        (
            "contains",
            json!({"properties": {"a": {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 50}, "minContains": 2, "minItems": 4}}, "required": ["a"]}),
        ),
        (
            "uniqueItems",
            json!({"properties": {"a": {"type": "array", "items": {"enum": ["x", "y", "z"]}, "uniqueItems": true, "minItems": 3}}, "required": ["a"]}),
        ),
        (
            "unique booleans",
            json!({"properties": {"a": {"type": "array", "items": {"type": "boolean"}, "uniqueItems": true, "minItems": 2}}, "required": ["a"]}),
        ),
        (
            "minProperties",
            json!({"minProperties": 3, "propertyNames": {"pattern": "^[a-z]{4}$"}, "additionalProperties": {"type": "integer"}}),
        ),
        (
            "patternProperties",
            json!({"patternProperties": {"^x-[a-z]+$": {"type": "integer"}}, "additionalProperties": false, "minProperties": 2}),
        ),
        (
            "maxProperties",
            json!({"properties": {"a": {}, "b": {}, "c": {}}, "maxProperties": 1}),
        ),
        (
            "two references",
            json!({"$defs": {"a": {"required": ["a"]}, "b": {"required": ["b"]}}, "allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}]}),
        ),
        (
            "two unions",
            json!({"allOf": [{"anyOf": [{"required": ["a"]}]}, {"anyOf": [{"required": ["b"]}]}]}),
        ),
        (
            "a recursive tree",
            json!({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"left": {"$ref": "#/$defs/node"}, "right": {"$ref": "#/$defs/node"}, "value": {"type": "integer"}}, "required": ["value"]}}}),
        ),
        (
            "a recursive list",
            json!({"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}, "required": ["children"]}),
        ),
        (
            "an escaped reference",
            json!({"$defs": {"a/b c": {"type": "integer"}}, "properties": {"a": {"$ref": "#/$defs/a~1b%20c"}}, "required": ["a"]}),
        ),
        (
            "bounds",
            json!({"properties": {
            "a": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.1},
            "b": {"type": "integer", "exclusiveMinimum": 1.5, "maximum": 2},
            "c": {"type": "number", "multipleOf": 0.25, "minimum": 3.1},
            "d": {"type": "integer", "maximum": -3, "multipleOf": 5},
        }, "required": ["a", "b", "c", "d"]}),
        ),
        (
            "formats",
            json!({"properties": {
            "a": {"type": "string", "format": "uuid"}, "b": {"type": "string", "format": "ipv6"},
            "c": {"type": "string", "format": "date-time"}, "d": {"type": "string", "format": "email"},
            "e": {"type": "string", "format": "uri"}, "f": {"type": "string", "format": "ipv4"},
            "g": {"type": "string", "format": "duration"}, "h": {"type": "string", "format": "time"},
            "i": {"type": "string", "format": "hostname"}, "j": {"type": "string", "format": "json-pointer"},
            "k": {"type": "string", "format": "uri-template"}, "l": {"type": "string", "format": "regex"},
            "m": {"type": "string", "format": "relative-json-pointer"}, "n": {"type": "string", "format": "date"},
        }, "required": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"]}),
        ),
        (
            "a long pattern",
            json!({"properties": {"a": {"type": "string", "pattern": "^[a-z]+$", "minLength": 40, "maxLength": 60}}, "required": ["a"]}),
        ),
        (
            "null first",
            json!({"properties": {"a": {"anyOf": [{"type": "null"}, {"type": "string"}], "default": null}}, "required": ["a"]}),
        ),
        (
            "unevaluated",
            json!({"properties": {"a": {"type": "string"}}, "required": ["a"], "unevaluatedProperties": false}),
        ),
        (
            "closed",
            json!({"properties": {"a": true}, "required": ["a"], "additionalProperties": false}),
        ),
    ]
}

#[test]
fn every_keyword_is_supported() {
    for (name, schema) in by_keyword() {
        let validator = compile(&schema).expect(name);
        let made = instances(&schema, 7).unwrap_or_else(|why| panic!("{name}: {why}"));
        for value in &made {
            assert!(validator.is_valid(value), "{name}: {value}");
        }
        assert_eq!(instances(&schema, 7).as_ref(), Ok(&made), "{name}");
    }
}

#[test]
fn chance_follows_the_seed() {
    let schema = json!({"type": "object", "properties": {
        "a": {"type": "integer"}, "b": {"type": "string"}, "c": {"type": "boolean"},
    }});
    let seen: BTreeSet<String> = (0..10)
        .map(|seed| format!("{:?}", instances(&schema, seed)))
        .collect();
    assert!(seen.len() > 1, "all seeds lead to the same values");
}

#[test]
fn every_choice_is_a_variant() {
    let schema = json!({"type": "object", "properties": {
        "kind": {"enum": ["a", "b"]}, "note": {"type": "string"},
    }, "required": ["kind"]});
    assert_eq!(
        variants(&schema),
        [
            json!({"kind": "a"}),
            json!({"kind": "a", "note": "text"}),
            json!({"kind": "b"})
        ]
    );
    assert!(variants(&json!({"type": "no type"})).is_empty());
}

#[test]
fn impossible_schemas_are_reported() {
    let with = |property: Value| json!({"type": "object", "properties": {"a": property}, "required": ["a"]});
    for (schema, reason) in [
        (
            with(json!({"type": "string", "pattern": "^(?=zq)z"})),
            "lookaround",
        ),
        (with(json!({"$ref": "file:///etc/passwd"})), ""),
        (json!({"$ref": "#"}), "nested too deeply"),
        (with(json!(false)), "allows nothing"),
        (
            with(json!({"type": "array", "minItems": 1_000_000})),
            "1000000 items",
        ),
        (
            with(json!({"type": "string", "minLength": 1_000_000_000})),
            "1000000000 characters",
        ),
        (with(json!({"$ref": "#/properties/a"})), "nested too deeply"),
    ] {
        let told = valid(&schema).expect_err("nothing can be made");
        assert!(told.contains(reason), "{told} for {schema}");
        assert!(!told.is_empty());
    }
}

#[test]
fn each_mutation_has_one_fault() {
    let schema = json!({"type": "object", "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^[^~]*$"},
        "level": {"enum": ["low", "high"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 1},
        "list": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
            "minItems": 1, "maxItems": 3, "uniqueItems": true},
    }, "required": ["text"], "additionalProperties": false, "dependentRequired": {"level": ["count"]}});
    let mutations = invalid(&schema);
    let told: Vec<&str> = mutations
        .iter()
        .map(|mutation| mutation.what.as_str())
        .collect();
    for expected in [
        "without the required `text`",
        "with `text` as {\"not\":\"expected\"}, which breaks `type`",
        "with `text` as \"\", which breaks `minLength`",
        "with `level` as \"none of the allowed values\", which breaks `enum`",
        "with `count` as 0, which breaks `minimum`",
        "with `count` as 10, which breaks `maximum`",
        "with the additional member `unexpectedMember`, which breaks `additionalProperties`",
        "without the required `list[0].id`",
        "without the required `count`",
        "with `list` as [], which breaks `minItems`",
    ] {
        assert!(
            told.contains(&expected),
            "{expected} is missing in {told:#?}"
        );
    }
    let keywords: BTreeSet<&str> = mutations
        .iter()
        .map(|mutation| mutation.keyword.as_str())
        .collect();
    for keyword in ["pattern", "maxLength", "uniqueItems", "type"] {
        assert!(
            keywords.contains(keyword),
            "{keyword} is missing in {told:#?}"
        );
    }
}

#[test]
fn a_violated_format_is_not_a_fault() {
    let schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
        "properties": {"mail": {"type": "string", "format": "email"}}});
    assert!(
        invalid(&schema)
            .iter()
            .all(|mutation| mutation.keyword != "format")
    );
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0u64..20, 0u64..20).prop_map(
            |(least, more)| json!({"type": "string", "minLength": least, "maxLength": least + more})
        ),
        prop::sample::select(vec!["email", "uri", "date", "date-time", "uuid", "ipv4"])
            .prop_map(|format| json!({"type": "string", "format": format})),
        prop::sample::select(vec![
            "^[a-z]+$",
            r"^\d{3}$",
            "^(a|b)*c$",
            "^[A-Z][a-z]{2,5}$"
        ])
        .prop_map(|pattern| json!({"type": "string", "pattern": pattern})),
        (-50i64..50, 0i64..50).prop_map(
            |(low, more)| json!({"type": "integer", "minimum": low, "maximum": low + more})
        ),
        (-50i64..50).prop_map(|high| json!({"type": "integer", "exclusiveMaximum": high})),
        (-50i64..50).prop_map(|low| json!({"type": "number", "exclusiveMinimum": low})),
        (1u32..20).prop_map(|step| json!({"type": "integer", "multipleOf": step, "minimum": 3})),
        Just(json!({"type": "boolean"})),
        Just(json!({"type": ["null", "string"]})),
        Just(json!(true)),
        prop::collection::vec("[a-z]{1,3}", 1..4).prop_map(|words| json!({"enum": words})),
        "[a-z]{1,3}".prop_map(|word| json!({"const": word})),
    ]
}

fn schema() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (inner.clone(), 0u64..4, 0u64..4)
                .prop_map(|(items, least, more)| json!({"type": "array", "items": items, "minItems": least, "maxItems": least + more})),
            (inner.clone(), inner.clone())
                .prop_map(|(first, rest)| json!({"type": "array", "prefixItems": [first], "items": rest})),
            prop::collection::btree_map("[a-z]{1,4}", (inner.clone(), any::<bool>()), 0..4).prop_map(object),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|options| json!({"anyOf": options})),
            inner.clone().prop_map(|part| json!({"allOf": [part]})),
            inner.prop_map(|part| json!({"$defs": {"part": part}, "type": "object",
                "properties": {"a": {"type": "string"}}, "dependentRequired": {"a": ["b"]}})),
        ]
    })
}

fn object(properties: BTreeMap<String, (Value, bool)>) -> Value {
    let required: Vec<&String> = properties
        .iter()
        .filter(|(_, (_, needed))| *needed)
        .map(|(name, _)| name)
        .collect();
    let members: Map<String, Value> = properties
        .iter()
        .map(|(name, (schema, _))| (name.clone(), schema.clone()))
        .collect();
    json!({"type": "object", "properties": members, "required": required, "additionalProperties": false})
}

proptest! {
    #[test]
    fn what_is_made_is_allowed(schema in schema(), seed in any::<u64>()) {
        let validator = compile(&schema).expect("a generated schema is valid");
        let made = instances(&schema, seed).map_err(TestCaseError::fail)?;
        let full = valid_with_everything(&schema).map_err(TestCaseError::fail)?;
        for value in made.iter().chain([&full]) {
            prop_assert!(validator.is_valid(value), "{value} for {schema}");
        }
        prop_assert_eq!(instances(&schema, seed), Ok(made));
    }

    #[test]
    fn what_is_made_to_be_invalid_breaks_one_keyword(
        properties in prop::collection::btree_map("[a-z]{1,4}", (schema(), any::<bool>()), 0..4)
    ) {
        let schema = object(properties);
        let validator = compile(&schema).expect("a generated schema is valid");
        let mutations = invalid(&schema);
        prop_assert!(!mutations.is_empty());
        for mutation in mutations {
            let errors: Vec<String> = validator
                .iter_errors(&mutation.arguments)
                .map(|error| error.kind().keyword().to_owned())
                .collect();
            prop_assert_eq!(errors, vec![mutation.keyword], "{} for {}", mutation.what, schema);
        }
    }

    #[test]
    fn no_schema_makes_it_panic(
        text in ".{0,40}",
        keyword in "type|properties|required|items|\\$ref|allOf|anyOf|enum|minimum|minItems|minLength|pattern|\
            prefixItems|contains|if|not|dependentRequired|dependencies|patternProperties|propertyNames|multipleOf"
    ) {
        for value in [json!(text.clone()), json!([text.clone()]), json!({text.clone(): text.clone()}), json!(1e300), json!(-1), Value::Null] {
            let schema = json!({keyword.clone(): value});
            if let Ok(made) = valid(&schema) {
                prop_assert!(compile(&schema).is_ok_and(|validator| validator.is_valid(&made)));
            }
            prop_assert!(invalid(&schema).len() <= MAX_MUTATIONS);
        }
    }
}
