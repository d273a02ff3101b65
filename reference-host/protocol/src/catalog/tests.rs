//! Tests of the catalog and of schemas.

use serde_json::{Value, json};

use super::*;

fn tool(name: &str, input: &str) -> ToolEntry {
    ToolEntry {
        name: name.to_owned(),
        json: format!("{{\"name\":{name:?},\n\"inputSchema\":{input}}}"),
        input_schema: input.to_owned(),
        output_schema: None,
    }
}

const OBJECT: &str = r#"{"type":"object"}"#;

fn resource(name: &str) -> ResourceEntry {
    ResourceEntry {
        uri: format!("x:{name}"),
        json: "{}".to_owned(),
    }
}

#[test]
fn a_call_registers_all_or_nothing() {
    let mut catalog = Catalog::new(4);
    assert_eq!(catalog.add_tools(vec![]), Ok(()));
    assert!(catalog.is_empty());
    catalog
        .add_tools(vec![tool("a", OBJECT), tool("", OBJECT)])
        .unwrap();
    let duplicate = CatalogError::Duplicate {
        list: List::Tools,
        key: "a".to_owned(),
    };
    assert_eq!(
        catalog.add_tools(vec![tool("b", OBJECT), tool("a", OBJECT)]),
        Err(duplicate)
    );
    let twice = catalog
        .add_tools(vec![tool("b", OBJECT), tool("b", OBJECT)])
        .unwrap_err();
    assert_eq!(twice.to_string(), "there is a tool \"b\" already");
    assert!(matches!(
        catalog.add_tools(vec![tool("b", OBJECT), tool("c", "{}")]),
        Err(CatalogError::Schema { .. })
    ));
    let scalar = ToolEntry {
        json: "1".to_owned(),
        ..tool("c", OBJECT)
    };
    assert!(matches!(
        catalog.add_tools(vec![tool("b", OBJECT), scalar]),
        Err(CatalogError::NoObject { .. })
    ));
    let full = catalog.add_resources(vec![resource("a"), resource("b"), resource("c")]);
    assert_eq!(full, Err(CatalogError::Full { limit: 4 }));
    assert_eq!(catalog.len(List::Tools), 2);
    assert_eq!(catalog.len(List::Resources), 0);
    let unknown = CatalogError::Unknown {
        list: List::Tools,
        key: "b".to_owned(),
    };
    assert_eq!(catalog.remove_tools(&["a", "b"]), Err(unknown));
    assert!(catalog.remove_tools(&["a", "a"]).is_err());
    assert_eq!(catalog.len(List::Tools), 2);
    catalog.remove_tools(&["a"]).unwrap();
    assert_eq!(catalog.len(List::Tools), 1);
}

#[test]
fn the_bytes_of_all_lists_are_bounded_together() {
    let one = tool("a", OBJECT);
    let bytes = one.name.len() + one.json.len();
    let mut catalog = Catalog::new(10).with_most_bytes(2 * bytes);
    catalog.add_tools(vec![one]).unwrap();
    catalog.add_tools(vec![tool("b", OBJECT)]).unwrap();
    let too_large = Err(CatalogError::TooLarge { limit: 2 * bytes });
    assert_eq!(catalog.add_resources(vec![resource("a")]), too_large);
    catalog.remove_tools(&["a"]).unwrap();
    catalog.add_tools(vec![tool("c", OBJECT)]).unwrap();
    assert_eq!(catalog.add_tools(vec![tool("d", OBJECT)]), too_large);
    assert_eq!(catalog.len(List::Tools), 2);
}

#[test]
fn items_are_listed_on_one_line_in_their_order() {
    let mut catalog = Catalog::new(10);
    catalog
        .add_tools(vec![tool("b", OBJECT), tool("a", OBJECT)])
        .unwrap();
    catalog.remove_tools(&["b"]).unwrap();
    catalog.add_tools(vec![tool("b", OBJECT)]).unwrap();
    let items: Vec<_> = catalog.items(List::Tools).collect();
    assert_eq!(
        items,
        [
            r#"{"name":"a","inputSchema":{"type":"object"}}"#,
            r#"{"name":"b","inputSchema":{"type":"object"}}"#
        ]
    );
}

#[test]
fn lists_are_compared_by_items_and_order() {
    let with = |names: &[&str], uris: &[&str]| {
        let mut catalog = Catalog::new(10);
        catalog
            .add_tools(names.iter().map(|name| tool(name, OBJECT)).collect())
            .unwrap();
        let template = |uri: &&str| TemplateEntry {
            uri_template: (*uri).to_owned(),
            json: json!({"u": uri}).to_string(),
        };
        catalog
            .add_templates(uris.iter().map(template).collect())
            .unwrap();
        catalog
    };
    let base = with(&["a", "b"], &["x"]);
    assert_eq!(
        base.differences(&with(&["a", "b"], &["x"])),
        Changed::default()
    );
    let tools = Changed {
        tools: true,
        ..Changed::default()
    };
    assert_eq!(base.differences(&with(&["b", "a"], &["x"])), tools);
    let resources = Changed {
        resources: true,
        ..Changed::default()
    };
    assert_eq!(base.differences(&with(&["a", "b"], &["y"])), resources);
    assert_eq!(base.differences(&with(&["a", "b"], &[])), resources);
}

#[test]
fn a_clone_changes_by_itself() {
    let mut catalog = Catalog::new(10);
    catalog.add_tools(vec![tool("a", OBJECT)]).unwrap();
    let before = catalog.clone();
    catalog.remove_tools(&["a"]).unwrap();
    assert!(before.tool("a").is_some() && catalog.tool("a").is_none());
}

#[test]
fn schemas_that_cannot_be_used_are_refused() {
    for schema in [
        "",
        "{",
        "[]",
        "true",
        "null",
        "{}",
        r#"{"type":"string"}"#,
        r#"{"type":["object"]}"#,
        r#"{"type":"object","title":5}"#,
        r#"{"type":"object","properties":[]}"#,
        r#"{"type":"object","properties":{"a":true}}"#,
        r#"{"type":"object","required":[1]}"#,
        r#"{"type":"object","required":"a"}"#,
        r#"{"type":"object","properties":{"a":{"type":"strin"}}}"#,
        r#"{"type":"object","properties":{"a":{"minLength":-1}}}"#,
        r#"{"type":"object","properties":{"a":{"pattern":"("}}}"#,
        r#"{"$schema":"http://example.com/own","type":"object"}"#,
        r#"{"$schema":"","type":"object"}"#,
        r##"{"$schema":"#","type":"object"}"##,
        r#"{"$schema":7,"type":"object"}"#,
        r#"{"$schema":"draft-07","type":"object"}"#,
        r#"{"type":"object","properties":{"a":{"items":[{"type":"string"}]}}}"#,
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"a":{"items":[{}]}}}"#,
        r##"{"type":"object","properties":{"a":{"$ref":"#/$defs/none"}}}"##,
    ] {
        assert!(Schema::compile(schema).is_err(), "{schema}");
    }
}

#[test]
fn references_out_of_a_schema_are_refused() {
    let folder = std::env::temp_dir();
    let file = format!("file://{}", folder.display());
    for reference in [
        "file:///etc/passwd",
        &file,
        "http://127.0.0.1:1/x.json",
        "https://example.com/x.json",
        "other.json",
        "./x.json",
        "../x.json",
        "//example.com/x",
        "/etc/passwd",
        "urn:example:x",
        "other.json#/a",
        "x:y",
    ] {
        for schema in [
            json!({"type": "object", "$ref": reference}),
            json!({"type": "object", "properties": {"a": {"$ref": reference}}}),
            json!({"type": "object", "$defs": {"unused": {"$ref": reference}}}),
            json!({"type": "object", "properties": {"a": {"$dynamicRef": reference}}}),
            json!({"type": "object", "allOf": [{"items": {"$ref": reference}}]}),
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "definitions": {"a": {"$ref": reference}}}),
        ] {
            assert!(Schema::compile(&schema.to_string()).is_err(), "{schema}");
        }
    }
}

#[test]
fn a_base_uri_makes_no_reference_leave_the_schema() {
    for id in [
        "file:///etc/",
        "http://127.0.0.1:1/",
        "https://example.com/a/b",
    ] {
        let schema = json!({"$id": id, "type": "object", "properties": {"a": {"$ref": "passwd"}}});
        assert!(Schema::compile(&schema.to_string()).is_err(), "{id}");
    }
    let schema = json!({"$id": "https://example.com/root", "type": "object",
        "properties": {"a": {"$ref": "https://example.com/root#/$defs/n"}}, "$defs": {"n": {"type": "integer"}}});
    let schema = Schema::compile(&schema.to_string()).unwrap();
    assert!(schema.validate(r#"{"a":1}"#).is_ok() && schema.validate(r#"{"a":"x"}"#).is_err());
}

#[test]
fn references_within_a_schema_are_fine_unless_they_never_end() {
    let tree = r##"{"type":"object","properties":{"child":{"$ref":"#"},"n":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"integer"}}}"##;
    let schema = Schema::compile(tree).unwrap();
    assert!(schema.validate(r#"{"child":{"child":{"n":1}}}"#).is_ok());
    assert_eq!(
        schema
            .validate(r#"{"child":{"child":{"n":"x"}}}"#)
            .unwrap_err()[0]
            .path,
        "/child/child/n"
    );
    for endless in [
        r##"{"type":"object","$ref":"#"}"##,
        r##"{"type":"object","allOf":[{"$ref":"#"}]}"##,
        r##"{"type":"object","$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
    ] {
        assert!(
            matches!(Schema::compile(endless), Err(SchemaError::Form(_))),
            "{endless}"
        );
    }
}

#[test]
fn long_chains_of_references_are_refused_before_they_take_the_stack() {
    let chain = |length: usize| {
        let mut definitions = serde_json::Map::new();
        for at in 0..length {
            definitions.insert(
                format!("d{at}"),
                json!({"$ref": format!("#/$defs/d{}", at + 1)}),
            );
        }
        definitions.insert(format!("d{length}"), json!({"type": "object"}));
        json!({"type": "object", "$ref": "#/$defs/d0", "$defs": definitions}).to_string()
    };
    // On the small stack of a thread.
    let schema =
        std::thread::spawn(move || (Schema::compile(&chain(999)), Schema::compile(&chain(1000))));
    let (longest, longer) = schema.join().unwrap();
    assert!(longest.unwrap().validate("{}").is_ok());
    assert!(matches!(longer, Err(SchemaError::TooLarge(_))));
    let long = format!(
        r#"{{"type":"object","description":"{}"}}"#,
        "x".repeat(Schema::MAX_BYTES)
    );
    assert!(matches!(
        Schema::compile(&long),
        Err(SchemaError::TooLarge(_))
    ));
}

/// Builds definitions each of which applies the next one twice.
fn doubling(length: usize, member: impl Fn(Value) -> Value, last: Value) -> Value {
    let mut definitions = serde_json::Map::new();
    for at in 0..length {
        let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
        definitions.insert(format!("d{at}"), member(next));
    }
    definitions.insert(format!("d{length}"), last);
    json!({"type": "object", "$ref": "#/$defs/d0", "$defs": definitions})
}

#[test]
fn schemas_that_expand_without_measure_are_refused() {
    type Member = fn(Value) -> Value;
    let members: [Member; 12] = [
        |next| json!({"allOf": [next, next]}),
        |next| json!({"anyOf": [next, next]}),
        |next| json!({"oneOf": [next, next]}),
        |next| json!({"not": next, "allOf": [next]}),
        |next| json!({"if": next, "else": next}),
        |next| json!({"if": next, "then": next}),
        |next| json!({"dependentSchemas": {"a": next, "b": next}}),
        |next| json!({"$ref": next["$ref"], "not": next}),
        |next| json!({"allOf": [{"properties": {"a": next}}, {"properties": {"a": next}}]}),
        |next| json!({"properties": {"a": next}, "patternProperties": {"a": next}}),
        |next| json!({"additionalProperties": next, "propertyNames": next}),
        |next| json!({"prefixItems": [next], "items": next, "contains": next}),
    ];
    for member in members {
        let bomb = doubling(60, member, json!({"required": ["a"]})).to_string();
        assert!(
            matches!(Schema::compile(&bomb), Err(SchemaError::TooLarge(_))),
            "{bomb}"
        );
        // A few doublings are accepted.
        let small = doubling(8, member, json!({"type": "object"})).to_string();
        Schema::compile(&small).unwrap().validate("{}").ok();
    }
    // Each level visits the next more than once.
    let mut nested = json!({"properties": {"a": true}});
    for _ in 0..50 {
        nested = json!({"anyOf": [nested], "unevaluatedProperties": false});
    }
    nested["type"] = json!("object");
    let refused = Schema::compile(&nested.to_string());
    assert!(matches!(refused, Err(SchemaError::TooLarge(_))));
    // By name, and in a draft in which a reference stands alone.
    let mut definitions = serde_json::Map::new();
    for at in 0..60 {
        let next = json!({"$ref": format!("#d{}", at + 1)});
        let definition = json!({"$id": format!("#d{at}"), "allOf": [next, next]});
        definitions.insert(format!("d{at}"), definition);
    }
    definitions.insert("d60".to_owned(), json!({"$id": "#d60"}));
    let named = json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
        "allOf": [{"$ref": "#d0"}], "definitions": definitions});
    let refused = Schema::compile(&named.to_string());
    assert!(
        matches!(refused, Err(SchemaError::TooLarge(_))),
        "{refused:?}"
    );
}

#[test]
fn what_would_cost_too_much_is_not_begun() {
    // 2^14 paths, each of several schemas.
    let largest = doubling(
        14,
        |next| json!({"oneOf": [next, next]}),
        json!({"required": ["a"]}),
    );
    let schema = Schema::compile(&largest.to_string()).unwrap();
    assert!(schema.validate("{}").is_err());
    // Validation of a large value of such a schema does not even begin.
    let items = json!({"type": "object", "properties": {"a": {"items": largest}}});
    let schema = Schema::compile(
        &items
            .to_string()
            .replace("#/$defs", "#/properties/a/items/$defs"),
    )
    .unwrap();
    let value = json!({"a": vec![json!({}); 100_000]}).to_string();
    let violations = schema.validate(&value).unwrap_err();
    assert!(violations[0].message.starts_with("too many parts"));
    // Typical schemas are checked whatever the size of the value.
    let plain = json!({"type": "object", "properties": {"a": {"items": {"type": "object",
        "properties": {"b": {"type": "integer"}, "c": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}}}});
    let schema = Schema::compile(&plain.to_string()).unwrap();
    let value = json!({"a": vec![json!({"b": 1, "c": null}); 200_000]}).to_string();
    assert!(schema.validate(&value).is_ok());
}

#[test]
fn schemas_that_apply_themselves_to_the_same_value_are_refused() {
    for schema in [
        json!({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}),
        json!({"anyOf": [{"type": "object"}, {"not": {"$ref": "#"}}]}),
        json!({"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"oneOf": [{"$ref": "#/$defs/a"}]}}}),
        json!({"if": {"$ref": "#"}}),
        json!({"dependentSchemas": {"a": {"$ref": "#"}}}),
        json!({"$dynamicAnchor": "me", "anyOf": [{"$dynamicRef": "#me"}]}),
        json!({"$schema": "https://json-schema.org/draft/2019-09/schema", "allOf": [{"$recursiveRef": "#"}]}),
        // The loop is reached through a part first.
        json!({"properties": {"b": {"$ref": "#/$defs/b"}}, "allOf": [{"$ref": "#/$defs/b"}], "$defs": {"b": {"allOf": [{"$ref": "#"}]}}}),
    ] {
        let mut schema = schema;
        schema["type"] = json!("object");
        let refused = Schema::compile(&schema.to_string());
        assert!(matches!(refused, Err(SchemaError::Form(_))), "{schema}");
    }
}

#[test]
fn recursive_schemas_are_fine_for_values_of_any_depth() {
    let list =
        json!({"type": "object", "properties": {"a": {"$ref": "#"}, "n": {"type": "integer"}}});
    let tree = json!({"type": "object", "properties": {"n": {"type": "integer"}, "a": {"$ref": "#"}, "b": {"$ref": "#"}}});
    let operators = ["and", "or", "not"].map(|operator| {
        json!({"properties": {"op": {"const": operator}, "a": {"$ref": "#/$defs/expression"}}})
    });
    let expressions = json!({"type": "object", "$ref": "#/$defs/expression",
        "$defs": {"expression": {"properties": {"n": {"type": "integer"}}, "anyOf": operators}}});
    let dynamic = json!({"$dynamicAnchor": "node", "type": "object",
        "properties": {"a": {"$dynamicRef": "#node"}, "n": {"type": "integer"}}, "unevaluatedProperties": false});
    let recursive = json!({"$schema": "https://json-schema.org/draft/2019-09/schema", "$recursiveAnchor": true,
        "type": "object", "properties": {"a": {"$recursiveRef": "#"}, "n": {"type": "integer"}}});
    // Each level doubles the number of paths to the next.
    let branches = json!({"type": "object", "properties": {"n": {"type": "integer"}},
        "allOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"a": {"$ref": "#"}}}]});
    for schema in [list, tree, expressions, dynamic, recursive, branches] {
        let compiled = Schema::compile(&schema.to_string()).unwrap();
        for depth in [1, 5, 100] {
            let nested = |last: &str| {
                let (open, close) = ("{\"a\":".repeat(depth), "}".repeat(depth));
                format!("{open}{last}{close}")
            };
            assert_eq!(compiled.validate(&nested("{\"n\":1}")), Ok(()), "{schema}");
            let violations = compiled.validate(&nested("{\"n\":1.5}")).unwrap_err();
            assert!(!violations.is_empty());
        }
    }
}

#[test]
fn the_meta_schema_of_the_draft_may_be_referred_to() {
    for meta in [
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "http://json-schema.org/draft-07/schema#",
    ] {
        let schema =
            json!({"$schema": meta, "type": "object", "properties": {"schema": {"$ref": meta}}});
        let schema = Schema::compile(&schema.to_string()).unwrap();
        assert!(schema.validate(r#"{"schema":{"type":"object"}}"#).is_ok());
        assert!(schema.validate(r#"{"schema":{"type":"objet"}}"#).is_err());
    }
}

#[test]
fn references_in_what_is_no_schema_are_left_alone() {
    let schema = json!({"type": "object", "const": {"$ref": "#/none"}, "default": {"$ref": "#/none"},
        "x-other": {"$ref": "#/none", "$id": "http://["}, "examples": [{"$ref": "#/none"}],
        "properties": {"$ref": {"type": "integer"}}});
    Schema::compile(&schema.to_string()).unwrap();
}

#[test]
fn deeply_nested_definitions_are_refused_before_they_take_the_stack() {
    let nested = |definitions: usize, levels: usize| {
        let mut all = serde_json::Map::new();
        for at in 0..definitions {
            let mut definition = json!({"$ref": format!("#/$defs/d{}", at + 1)});
            for _ in 0..levels {
                definition = json!({"not": definition});
            }
            all.insert(format!("d{at}"), definition);
        }
        all.insert(format!("d{definitions}"), json!({}));
        json!({"type": "object", "$ref": "#/$defs/d0", "$defs": all}).to_string()
    };
    let (longest, longer) = std::thread::spawn(move || {
        (
            Schema::compile(&nested(90, 20)),
            Schema::compile(&nested(900, 20)),
        )
    })
    .join()
    .unwrap();
    longest.unwrap().validate("{}").ok();
    assert!(matches!(longer, Err(SchemaError::TooLarge(_))));
}

#[test]
fn the_draft_is_the_one_that_the_schema_names() {
    let tuple = |draft: Option<&str>| {
        let mut schema =
            json!({"type": "object", "properties": {"a": {"items": [{"type": "integer"}]}}});
        if let Some(draft) = draft {
            schema["$schema"] = json!(draft);
        }
        Schema::compile(&schema.to_string())
    };
    // An array of schemas in `items` is valid in draft 7 but not in 2020-12.
    let draft_7 = tuple(Some("http://json-schema.org/draft-07/schema#")).unwrap();
    assert!(draft_7.validate(r#"{"a":["x"]}"#).is_err());
    assert!(tuple(None).is_err());
    assert!(tuple(Some("https://json-schema.org/draft/2020-12/schema")).is_err());
}

#[test]
fn a_pattern_that_explodes_does_not_hang() {
    let schema = json!({"type": "object", "properties": {"a": {"pattern": "^(?=a)(a+)+\\1$"}}});
    let schema = Schema::compile(&schema.to_string()).unwrap();
    let arguments = json!({"a": "a".repeat(60) + "!"}).to_string();
    assert!(schema.validate(&arguments).is_err());
}

#[test]
fn numbers_of_any_size_match_and_nesting_that_cannot_be_held_does_not() {
    let restrictive = Schema::compile(r#"{"type":"object","required":["a"]}"#).unwrap();
    assert!(
        restrictive
            .validate(r#"{"a":12345678901234567890123}"#)
            .is_ok()
    );
    assert!(restrictive.validate(r#"{"a":1e999}"#).is_ok());
    let nested = format!(r#"{{"a":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let violations = restrictive.validate(&nested).unwrap_err();
    assert_eq!(violations[0].path, "");
    let open = Schema::compile(OBJECT).unwrap();
    assert!(open.validate(&nested).is_ok());
}

#[test]
fn a_cursor_is_bound_to_its_list_place_and_session() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let cursor = Cursor {
        list: List::Tools,
        after: 5,
    };
    let text = cursor.write(7);
    assert_eq!(Cursor::read(&text, List::Tools, 7), Some(cursor));
    assert_eq!(Cursor::read(&text, List::Prompts, 7), None);
    assert_eq!(Cursor::read(&text, List::Tools, 8), None);
    let other_list = Cursor {
        list: List::Prompts,
        ..cursor
    };
    let other_place = Cursor { after: 6, ..cursor };
    let bytes = |cursor: Cursor| URL_SAFE_NO_PAD.decode(cursor.write(7)).unwrap();
    for other in [other_list, other_place] {
        // The position of the other with the checksum of this one.
        let mut forged = bytes(other);
        forged[9..].copy_from_slice(&bytes(cursor)[9..]);
        let forged = URL_SAFE_NO_PAD.encode(forged);
        assert_eq!(Cursor::read(&forged, other.list, 7), None);
    }
}

#[test]
fn equal_schemas_are_compiled_once_while_somebody_uses_them() {
    let schemas = Schemas::default();
    let text = |number: usize| format!(r#"{{"type":"object","title":"{number}"}}"#);
    let first = schemas.compile(&text(0)).unwrap();
    let others: Vec<_> = (1..=100)
        .map(|number| schemas.compile(&text(number)).unwrap())
        .collect();
    assert!(Arc::ptr_eq(&first, &schemas.compile(&text(0)).unwrap()));
    assert!(Arc::ptr_eq(
        &others[99],
        &schemas.clone().compile(&text(100)).unwrap()
    ));
    assert!(!Arc::ptr_eq(&first, &others[0]));
    // Schemas that are used once are not kept.
    for number in 0..10_000 {
        schemas.compile(&text(1000 + number)).unwrap();
    }
    assert!(schemas.len() < 500, "{}", schemas.len());
    assert!(Arc::ptr_eq(&first, &schemas.compile(&text(0)).unwrap()));
    drop((first, others));
    for number in 0..1000 {
        schemas.compile(&text(1000 + number)).unwrap();
    }
    assert!(schemas.len() < 100, "{}", schemas.len());
}

#[test]
fn what_one_only_lists_another_may_not_register() {
    let schemas = Schemas::default();
    let large = format!(
        r#"{{"type":"object","description":"{}"}}"#,
        "x".repeat(Schema::MAX_BYTES)
    );
    assert_eq!(schemas.seen(&large).unwrap().validate("{}"), Ok(()));
    assert!(matches!(
        schemas.compile(&large),
        Err(SchemaError::TooLarge(_))
    ));
    assert!(matches!(schemas.seen("[]"), Err(SchemaError::Form(_))));
}

#[test]
fn what_schemas_take_of_the_host_is_bounded() {
    let pattern = |count: usize| {
        let schema = json!({
            "type": "object",
            "properties": { "a": { "type": "string", "pattern": format!("^.{{1,{count}}}$") } },
        });
        schema.to_string()
    };
    let mut catalog = Catalog::new(10).with_most_schema_bytes(4 << 20);
    catalog.add_tools(vec![tool("a", &pattern(900))]).unwrap();
    catalog.add_tools(vec![tool("b", &pattern(901))]).unwrap();
    let refused = catalog.add_tools(vec![tool("c", &pattern(902))]);
    let limit = CatalogError::SchemasTooLarge { limit: 4 << 20 };
    assert_eq!(refused, Err(limit));
    assert_eq!(catalog.len(List::Tools), 2);
    catalog.add_tools(vec![tool("c", OBJECT)]).unwrap();
    // Removing a tool releases its budget.
    catalog.remove_tools(&["a"]).unwrap();
    catalog.add_tools(vec![tool("d", &pattern(902))]).unwrap();
    catalog.remove_tools(&["b", "c", "d"]).unwrap();
    assert_eq!(catalog.schema_bytes, 0);
    // A single large schema is refused before compiling it, which would take seconds.
    let refused = catalog.add_tools(vec![tool("e", &pattern(100_000))]);
    assert!(
        matches!(
            refused,
            Err(CatalogError::Schema {
                error: SchemaError::TooLarge(_),
                ..
            })
        ),
        "{refused:?}"
    );
}

/// Drafts up to 7 leave it to the implementation whether `format` asserts; the interface decides.
#[test]
fn format_is_an_annotation_in_every_dialect() {
    for dialect in [
        None,
        Some("https://json-schema.org/draft/2020-12/schema"),
        Some("https://json-schema.org/draft/2019-09/schema"),
        Some("http://json-schema.org/draft-07/schema#"),
        Some("http://json-schema.org/draft-06/schema#"),
        Some("http://json-schema.org/draft-04/schema#"),
    ] {
        let mut schema = json!({
            "type": "object",
            "properties": {"when": {"type": "string", "format": "date-time"}},
        });
        if let Some(dialect) = dialect {
            schema["$schema"] = dialect.into();
        }
        let schema = Schema::compile(&schema.to_string()).unwrap();
        let validated = schema.validate(r#"{"when": "tomorrow"}"#);
        assert_eq!(validated, Ok(()), "{dialect:?}");
    }
}

#[test]
fn unknown_dialect_is_refused_by_its_name() {
    let schema = json!({"$schema": "https://example.com/dialect", "type": "object"});
    let error = Schema::compile(&schema.to_string()).unwrap_err();
    assert!(
        error.to_string().contains("https://example.com/dialect"),
        "{error}"
    );
}

#[test]
fn each_dialect_has_its_own_rules() {
    let tuple = |dialect: &str| {
        json!({"$schema": dialect, "type": "object", "properties": {
            "a": {"type": "array", "items": [{"type": "string"}, {"type": "integer"}]}}})
        .to_string()
    };
    for dialect in [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema#",
        "http://json-schema.org/draft-07/schema",
        "https://json-schema.org/draft/2019-09/schema",
    ] {
        let schema = Schema::compile(&tuple(dialect)).unwrap();
        assert!(schema.validate(r#"{"a":["x",1]}"#).is_ok(), "{dialect}");
        assert!(schema.validate(r#"{"a":[1,1]}"#).is_err(), "{dialect}");
    }
    // Beside a reference, only 2019-09 and later look at other keywords.
    let beside = |dialect: &str| {
        json!({"$schema": dialect, "type": "object",
            "definitions": {"a": {}}, "$defs": {"a": {}},
            "properties": {"a": {"$ref": "#/definitions/a", "type": "string"}}})
        .to_string()
    };
    for (dialect, counts) in [
        ("http://json-schema.org/draft-07/schema#", false),
        ("https://json-schema.org/draft/2019-09/schema", true),
        ("https://json-schema.org/draft/2020-12/schema", true),
    ] {
        let schema = Schema::compile(&beside(dialect)).unwrap();
        assert_eq!(schema.validate(r#"{"a":1}"#).is_err(), counts, "{dialect}");
    }
    let plain = r#"{"type":"object","properties":{"a":{"prefixItems":[{"type":"string"}]}}}"#;
    let schema = Schema::compile(plain).unwrap();
    assert!(
        schema.validate(r#"{"a":[1]}"#).is_err(),
        "2020-12 without `$schema`"
    );
}

#[test]
fn an_unusable_schema_is_refused_with_its_tool_path_and_finding() {
    for (schema, parts) in [
        ("hello", &["expected JSON text", "\"hello\""][..]),
        ("5", &["expected a JSON object, found 5"]),
        (
            r#"{"type":"string"}"#,
            &["at /type: expected \"object\", found \"string\""],
        ),
        ("{}", &["at /type", "found nothing"]),
        (
            r#"{"type":"object","properties":{"a/b":7}}"#,
            &["at /properties/a~1b: expected an object, found 7"],
        ),
        (
            r#"{"type":"object","required":["a",null]}"#,
            &["at /required/1: expected a string, found null"],
        ),
        (
            r#"{"type":"object","properties":{"a":{"type":"strin"}}}"#,
            &["at /properties/a/type: \"strin\"", "\"string\""],
        ),
        (
            r#"{"type":"object","properties":{"a":{"minLength":-1}}}"#,
            &["at /properties/a/minLength: -1 is less than the minimum of 0"],
        ),
        (
            r#"{"$schema":"","type":"object"}"#,
            &[
                "at /$schema: expected the URI of a published dialect",
                "found \"\"",
            ],
        ),
        (
            r#"{"type":"object","properties":{"a":{"items":[{}]}}}"#,
            &[
                "at /properties/a/items",
                "valid in draft-07",
                "\"$schema\":",
            ],
        ),
        (
            r##"{"type":"object","properties":{"a/b":{"$ref":"#/$defs/none"}}}"##,
            &["at /properties/a~1b/$ref: \"#/$defs/none\" leads nowhere"],
        ),
        (
            r#"{"type":"object","allOf":[{},{"$ref":"other.json"}]}"#,
            &["at /allOf/1/$ref: \"other.json\" leads nowhere"],
        ),
        (
            r##"{"type":"object","properties":{"a":{"$ref":"#/properties/a"}}}"##,
            &["at /properties/a: it refers to itself"],
        ),
    ] {
        let mut catalog = Catalog::new(10);
        let bad = ToolEntry {
            input_schema: schema.to_owned(),
            ..tool("bad", OBJECT)
        };
        let error = catalog.add_tools(vec![tool("good", OBJECT), bad]);
        let error = error.unwrap_err().to_string();
        assert!(
            error.starts_with("the `inputSchema` of the tool \"bad\": "),
            "{error}"
        );
        for part in parts {
            assert!(error.contains(part), "{part} in {error}");
        }
    }
}

#[test]
fn uris_and_templates_are_checked_with_their_item_named() {
    let mut catalog = Catalog::new(10);
    for uri in ["no uri", "", "x:%zz"] {
        let bad = ResourceEntry {
            uri: uri.to_owned(),
            ..resource("b")
        };
        let error = catalog.add_resources(vec![resource("a"), bad]).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("the resource {uri:?}: ")),
            "{text}"
        );
        assert!(!error.is_limit());
    }
    let template = |text: &str| TemplateEntry {
        uri_template: text.to_owned(),
        json: "{}".to_owned(),
    };
    let error = catalog.add_templates(vec![template("x:é/{a}"), template("x://{")]);
    let text = error.unwrap_err().to_string();
    assert!(
        text.starts_with("the resource template \"x://{\": "),
        "{text}"
    );
    assert!(catalog.is_empty());
    catalog.add_templates(vec![template("x:é/{a}")]).unwrap();
}

#[test]
fn violations_name_all_candidates() {
    let violation = |schema: Value, value: Value| {
        let schema = json!({"type": "object", "properties": {"a": schema}}).to_string();
        let schema = Schema::compile(&schema).unwrap();
        let violations = schema.validate(&json!({"a": value}).to_string());
        violations.unwrap_err().remove(0).message
    };
    let units = ["m", "km", "cm", "mm", "mile", "yard"];
    let constants: Vec<Value> = units.iter().map(|unit| json!({"const": unit})).collect();
    for schema in [
        json!({"enum": units}),
        json!({"anyOf": constants}),
        json!({"oneOf": constants}),
    ] {
        let text = violation(schema, json!("parsec"));
        assert_eq!(
            text,
            r#""parsec" is not one of "m", "km", "cm", "mm", "mile" or "yard""#
        );
    }
    let many: Vec<String> = (0..1000).map(|at| format!("candidate {at}")).collect();
    let text = violation(json!({"enum": many}), json!("x".repeat(10_000)));
    assert!(text.len() <= 2003 && text.ends_with(" more"), "{text}");
    let text = violation(
        json!({"anyOf": [{"type": "integer"}, {"type": "object", "required": ["b"]}]}),
        json!("c"),
    );
    assert_eq!(
        text,
        r#""c" matches no schema of `anyOf`: "c" is not of type "integer"; "c" is not of type "object""#
    );
    // No more schemas are described than the list has room for.
    let text = violation(
        json!({"anyOf": vec![json!({"type": "integer"}); 500]}),
        json!("c"),
    );
    let begin = r#""c" matches no schema of `anyOf`: "c" is not of type "integer"; 4"#;
    assert!(
        text.starts_with(begin) && text.ends_with(" further schemas"),
        "{text}"
    );
    let text = violation(json!({"maxLength": 3}), json!("x".repeat(10_000)));
    assert!(text.ends_with("... is longer than 3 characters"), "{text}");
    let names: Vec<String> = (0..20).map(|at| format!("p{at}")).collect();
    let unknown = names.iter().map(|name| (name.clone(), json!(1))).collect();
    let text = violation(
        json!({"properties": {"x": {}}, "additionalProperties": false}),
        Value::Object(unknown),
    );
    assert!(names.iter().all(|name| text.contains(name)), "{text}");
}

#[test]
fn unexpected_members_are_answered_with_the_allowed_names() {
    let violation = |schema: Value, value: Value| {
        let schema = json!({"type": "object", "properties": {"a": schema},
            "$defs": {"named": {"properties": {"other name": {}}}}});
        let schema = Schema::compile(&schema.to_string()).unwrap();
        let violations = schema.validate(&json!({"a": value}).to_string());
        violations.unwrap_err().remove(0).message
    };
    let strict = json!({"properties": {"color": {}, "size": {}, "gone": false},
        "additionalProperties": false});
    assert_eq!(
        violation(strict.clone(), json!({"colour": 1})),
        "Additional properties are not allowed ('colour' was unexpected): did you mean \"color\" in \
         place of \"colour\"? Expected only \"color\" or \"size\""
    );
    assert_eq!(
        violation(strict.clone(), json!({"SIZE": 1, "zzz": 1})),
        "Additional properties are not allowed ('SIZE', 'zzz' were unexpected): did you mean \
         \"size\" in place of \"SIZE\"? Expected only \"color\" or \"size\""
    );
    assert_eq!(
        violation(strict, json!({"zzz": 1})),
        "Additional properties are not allowed ('zzz' was unexpected): expected only \"color\" or \
         \"size\""
    );
    let pattern = json!({"properties": {"a/b": {}}, "patternProperties": {"^x-": {}},
        "additionalProperties": false});
    let text = violation(pattern, json!({"y": 1}));
    let names = "expected only \"a/b\" or names that match \"^x-\"";
    assert!(text.ends_with(names), "{text}");
    let combined = json!({"allOf": [{"$ref": "#/$defs/named"}, {"properties": {"unit": {}}}],
        "properties": {"value": {}}, "unevaluatedProperties": false});
    let text = violation(combined, json!({"othername": 1}));
    for name in ["did you mean \"other name\"", "\"unit\"", "\"value\""] {
        assert!(text.contains(name), "{text}");
    }
    // In an alternative.
    let text = violation(
        json!({"anyOf": [{"type": "integer"},
            {"properties": {"km": {}}, "additionalProperties": false}]}),
        json!({"KM": 1}),
    );
    assert!(text.contains("did you mean \"km\""), "{text}");
    // However many there are.
    let names: serde_json::Map<_, _> = (0..1000).map(|at| (format!("n{at}"), json!({}))).collect();
    let many = json!({"properties": names, "additionalProperties": false});
    let text = violation(many, json!({"n0000": 1, "x".repeat(5000): 1}));
    assert!(text.len() <= 2003 && text.contains("more"), "{text}");
}

#[test]
fn what_is_too_large_has_a_place() {
    let reason = |schema: Value| match Schema::compile(&schema.to_string()) {
        Err(SchemaError::TooLarge(text)) => text,
        other => panic!("{other:?}"),
    };
    let pattern = json!({"type": "object", "properties": {"a": {"type": "string"},
        "code": {"items": {"pattern": "^.{1,100000}$"}}}});
    let text = reason(pattern);
    assert!(
        text.starts_with("at /properties/code/items/pattern: "),
        "{text}"
    );
    let references: Vec<Value> = (0..1001).map(|_| json!({"$ref": "#/$defs/a"})).collect();
    let text = reason(json!({"type": "object", "$defs": {"a": {}},
        "properties": {"many": {"anyOf": references}}}));
    assert!(text.starts_with("at /properties/many/anyOf: "), "{text}");
    assert!(text.contains("found 1001"), "{text}");
    let bomb = doubling(60, |next| json!({"allOf": [next, next]}), json!({}));
    let text = reason(bomb);
    assert!(text.starts_with("at /$defs/d"), "{text}");
    let text = reason(json!({"type": "object", "description": "x".repeat(Schema::MAX_BYTES)}));
    assert!(text.contains("found 262"), "{text}");
}
