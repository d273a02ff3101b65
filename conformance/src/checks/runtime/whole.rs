//! The records of the probes as they must be on the wire: every field, and the required fields
//! only.
//!
//! Members of objects are in alphabetical order where a host may write them in any order,
//! so that a comparison of texts is one of values.

use serde_json::{Value, json};

/// Letters that a host must neither normalise nor lose.
pub(super) const LETTERS: &str =
    "\u{e9} e\u{301} \u{1f980} \u{200b} \u{2028} \u{85} \u{1f} \" \\ / <a>&";

/// A further member, which every whole record has: as text, since its numbers count.
pub(super) const FURTHER: &str = r#""x-more":[1.10,9007199254740993,{"deep":null}]"#;
/// The one member of `_meta` of every whole record; a request may have the host's token beside it.
pub(super) const NOTE: &str = r#""example.org/m":1.10"#;
/// `_meta`, which every whole record has.
pub(super) const META: &str = r#""_meta":{"example.org/m":1.10}"#;

/// The numbers of further members and of `_meta`; their text is compared separately.
fn further(mut record: Value) -> Value {
    record["x-more"] = json!([1.1, 9_007_199_254_740_993_u64, {"deep": null}]);
    with_meta(record)
}

fn with_meta(mut record: Value) -> Value {
    record["_meta"] = json!({"example.org/m": 1.1});
    record
}

fn annotated(mut record: Value) -> Value {
    record["annotations"] = json!({
        "audience": ["user", "assistant"],
        "priority": 0.25,
        "lastModified": "2025-01-12T15:00:58Z",
    });
    further(record)
}

pub(super) fn text() -> Value {
    annotated(json!({"type": "text", "text": LETTERS}))
}

pub(super) fn image() -> Value {
    annotated(json!({"type": "image", "data": "AP/+", "mimeType": "image/png"}))
}

pub(super) fn audio() -> Value {
    annotated(json!({"type": "audio", "data": "+w==", "mimeType": "audio/wav"}))
}

fn text_contents() -> Value {
    further(json!({
        "uri": "probe:///full#text",
        "mimeType": "text/plain",
        "text": LETTERS,
    }))
}

fn blob_contents() -> Value {
    further(json!({"uri": "probe:///full#blob", "mimeType": "", "blob": "/+8="}))
}

fn described(mut record: Value) -> Value {
    record["title"] = json!("Full");
    record["description"] = json!(LETTERS);
    record
}

/// The blocks of a whole result, and of the messages of a whole prompt.
pub(super) fn blocks() -> Vec<Value> {
    let empty =
        |annotations: Value| json!({"type": "text", "text": "", "annotations": annotations});
    vec![
        text(),
        image(),
        audio(),
        annotated(json!({
            "type": "resource_link",
            "uri": "probe:///linked",
            "name": "linked",
            "title": "Linked",
            "description": "A link.",
            "mimeType": "text/plain",
            "size": 3,
        })),
        annotated(json!({"type": "resource", "resource": text_contents()})),
        annotated(json!({"type": "resource", "resource": blob_contents()})),
        json!({"type": "text", "text": "plain"}),
        empty(json!({"audience": [], "priority": 0, "lastModified": ""})),
        empty(json!({"priority": 1})),
        empty(json!({})),
    ]
}

pub(super) fn result() -> Value {
    further(json!({
        "content": blocks(),
        "structuredContent": {"a": 1.1, "z": [9_007_199_254_740_993_u64]},
        "isError": false,
    }))
}

pub(super) fn contents() -> Value {
    further(json!({"contents": [text_contents(), blob_contents()]}))
}

pub(super) fn tools() -> [Value; 2] {
    let schema = json!({"type": "object", "properties": {"n": {"default": 1.1}}});
    let full = json!({
        "name": "full",
        "inputSchema": schema,
        "outputSchema": schema,
        "annotations": {
            "title": "A full tool",
            "readOnlyHint": true,
            "destructiveHint": false,
            "idempotentHint": true,
            "openWorldHint": false,
        },
    });
    let empty = json!({
        "name": "full-empty",
        "title": "",
        "inputSchema": {"type": "object"},
        "annotations": {},
    });
    [further(described(full)), empty]
}

pub(super) fn resources() -> [Value; 2] {
    let full = json!({
        "uri": "probe:///full",
        "name": "full",
        "mimeType": "text/plain",
        "size": 0,
    });
    let large = json!({
        "uri": "probe:///large",
        "name": "large",
        "size": 9_007_199_254_740_992_u64,
    });
    [annotated(described(full)), large]
}

pub(super) fn templates() -> [Value; 2] {
    let full = json!({
        "uriTemplate": "probe:///full/{part}",
        "name": "full",
        "mimeType": "text/plain",
    });
    let bare = json!({"uriTemplate": "probe:///bare/{part}", "name": "bare"});
    [annotated(described(full)), bare]
}

pub(super) fn prompts() -> [Value; 2] {
    let mut first = json!({
        "name": "first",
        "title": "First",
        "description": "The first argument.",
        "required": true,
    });
    first["x-more"] = further(json!({}))["x-more"].clone();
    let full = json!({
        "name": "full",
        "arguments": [first, {"name": "second", "required": false}, {"name": "third"}],
    });
    let empty = json!({"name": "full-empty", "arguments": []});
    [further(described(full)), empty]
}

/// The prompt without its first message, which shows the parameters.
pub(super) fn prompt(shown: &Value) -> Value {
    let first = json!({"role": "user", "content": {"type": "text", "text": shown}});
    let others = blocks()
        .into_iter()
        .map(|content| json!({"role": "assistant", "content": content}));
    let messages: Vec<Value> = [first].into_iter().chain(others).collect();
    further(json!({"description": LETTERS, "messages": messages}))
}

pub(super) fn server() -> Value {
    json!({
        "serverInfo": {
            "name": "wasi-mcp-probes",
            "title": "Probes",
            "version": "1.0 \u{e9}",
            "x-more": 1.1,
        },
        "capabilities": {
            "completions": {},
            "experimental": {"a.example": {}, "b.example": {"n": 1.1}},
            "logging": {},
            "prompts": {"listChanged": true},
            "resources": {"subscribe": true, "listChanged": true},
            "tools": {"listChanged": true},
            "x-capability": {"n": 1.1},
        },
        "instructions": "Tries its host.\n\u{1f980}",
    })
}

/// The parameters of `sampling/createMessage` for the kind of question.
pub(super) fn question(kind: &str) -> Value {
    let message = |role: &str, content: Value| json!({"role": role, "content": content});
    match kind {
        "full" => further(json!({
            "messages": [
                message("user", text()),
                message("assistant", image()),
                message("user", audio()),
            ],
            "maxTokens": u32::MAX,
            "modelPreferences": {
                "hints": [{"name": "first"}, {}, {"name": ""}],
                "costPriority": 0,
                "speedPriority": 1,
                "intelligencePriority": 0.5,
            },
            "systemPrompt": LETTERS,
            "includeContext": "thisServer",
            "temperature": 0.7,
            "stopSequences": ["a", ""],
            "metadata": {"n": 1.1},
        })),
        "empty" => json!({
            "messages": [],
            "maxTokens": 0,
            "modelPreferences": {},
            "systemPrompt": "",
            "includeContext": "allServers",
            "temperature": 2,
            "stopSequences": [],
            "metadata": {},
        }),
        "none" => json!({"messages": [], "maxTokens": 0, "includeContext": "none"}),
        _ => json!({"messages": [], "maxTokens": 0}),
    }
}

/// The fields of the whole form, in their order.
pub(super) const FIELDS: [&str; 11] = [
    "z-text",
    "uri",
    "date",
    "time",
    "bare-text",
    "number",
    "integer",
    "boolean",
    "bare-boolean",
    "choice",
    "a-choice",
];

/// The parameters of `elicitation/create` for the kind of form.
pub(super) fn form(kind: &str) -> Value {
    let more = further(json!({}))["x-more"].clone();
    let format = |format: &str| json!({"type": "string", "format": format});
    match kind {
        "full" => further(json!({
            "message": LETTERS,
            "requestedSchema": {
                "type": "object",
                "properties": {
                    "z-text": {
                        "type": "string",
                        "title": "Text",
                        "description": LETTERS,
                        "minLength": 0,
                        "maxLength": u32::MAX,
                        "format": "email",
                        "x-more": more,
                    },
                    "uri": format("uri"),
                    "date": format("date"),
                    "time": format("date-time"),
                    "bare-text": {"type": "string"},
                    "number": {
                        "type": "number",
                        "title": "Number",
                        "description": "A number.",
                        "minimum": -0.5,
                        "maximum": 10,
                        "x-more": more,
                    },
                    "integer": {"type": "integer"},
                    "boolean": {
                        "type": "boolean",
                        "title": "Yes or no",
                        "description": "A choice.",
                        "default": false,
                        "x-more": more,
                    },
                    "bare-boolean": {"type": "boolean"},
                    "choice": {
                        "type": "string",
                        "title": "Choice",
                        "description": "One of two.",
                        "enum": ["a", ""],
                        "enumNames": ["A", "Nothing"],
                        "x-more": more,
                    },
                    "a-choice": {"type": "string", "enum": ["a", ""]},
                },
                "required": ["z-text", "number"],
                "x-more": more,
            },
        })),
        "empty" => json!({
            "message": "",
            "requestedSchema": {"type": "object", "properties": {}, "required": []},
        }),
        _ => json!({"message": "", "requestedSchema": {"type": "object", "properties": {}}}),
    }
}

/// The first place where two values differ, if they do.
pub(super) fn difference(right: &Value, came: &Value) -> Option<String> {
    differs(String::new(), right, came)
}

fn differs(place: String, right: &Value, came: &Value) -> Option<String> {
    match (right, came) {
        (Value::Object(one), Value::Object(other)) => {
            let missing = one.iter().find_map(|(name, right)| {
                let place = format!("{place}.{name}");
                match other.get(name) {
                    Some(came) => differs(place, right, came),
                    None => Some(format!("`{}` is missing", place.trim_start_matches('.'))),
                }
            });
            let added = || other.keys().find(|name| !one.contains_key(*name));
            missing.or_else(|| {
                let place = format!("{place}.{}", added()?);
                Some(format!("`{}` was added", place.trim_start_matches('.')))
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            pairs
                .map(|(index, (right, came))| differs(format!("{place}[{index}]"), right, came))
                .find_map(|found| found)
        }
        _ if right == came => None,
        _ => Some(format!(
            "`{}` is {} and should be {}",
            place.trim_start_matches('.'),
            crate::wire::shapes::excerpt(came),
            crate::wire::shapes::excerpt(right)
        )),
    }
}

/// The text of a message without the blanks between its tokens.
pub(super) fn compact(text: &str) -> String {
    let mut compact = String::with_capacity(text.len());
    let (mut inside, mut escaped) = (false, false);
    for character in text.chars() {
        if !inside && character.is_ascii_whitespace() {
            continue;
        }
        if character == '"' && !escaped {
            inside = !inside;
        }
        escaped = character == '\\' && !escaped;
        compact.push(character);
    }
    compact
}

/// A value whose texts of JSON are without blanks: a host may change those.
pub(super) fn tidy(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with(['{', '[']) => compact(text).into(),
        Value::Array(items) => items.iter().map(tidy).collect(),
        Value::Object(members) => {
            let members = members.iter();
            Value::Object(members.map(|(name, it)| (name.clone(), tidy(it))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_found_and_named() {
        let right = json!({"a": [1, {"b": null}], "c": "x"});
        assert_eq!(difference(&right, &right), None);
        for (came, part) in [
            (json!({"a": [1, {"b": null}]}), "`c` is missing"),
            (json!({"a": [1, {}], "c": "x"}), "`a[1].b` is missing"),
            (
                json!({"a": [1, {"b": null}], "c": "x", "d": 1}),
                "`d` was added",
            ),
            (json!({"a": [1.0, {"b": null}], "c": "x"}), "`a[0]` is 1.0"),
            (json!({"a": [1], "c": "x"}), "`a` is [1]"),
        ] {
            let found = difference(&right, &came).expect("they differ");
            assert!(found.contains(part), "{found}");
        }
    }

    #[test]
    fn only_blanks_between_tokens_are_taken_out() {
        assert_eq!(
            compact(" {\"a b\" : \"\\\" c\",\n \"d\": [1, 2]} "),
            r#"{"a b":"\" c","d":[1,2]}"#
        );
    }
}
