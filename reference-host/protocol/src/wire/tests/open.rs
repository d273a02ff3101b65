//! Open variants: unknown kinds pass unchanged, and named kinds cannot hide among them.

use wasi_mcp_types::content::{
    CallToolResult, CompletionReference, ContentBlock, CreateMessageResult, ElicitAction,
    ElicitResult, ElicitValue, PrimitiveSchema, SamplingContent,
};

use crate::wire::{FromJson, ToJson, from_json, to_json};

fn text(value: &impl ToJson) -> Result<String, String> {
    let json = to_json(value).map_err(|fault| fault.to_string())?;
    Ok(String::from_utf8(json).expect("JSON is UTF-8"))
}

fn read<T: FromJson>(json: &str) -> T {
    from_json(json.as_bytes()).unwrap_or_else(|fault| panic!("{json}: {fault}"))
}

#[test]
fn unknown_kinds_pass_with_their_number_text() {
    let json = r#"{"content":[{"type":"tool_use","id":"7","input":{"n":1.10,"big":9007199254740993}},{"type":"text","text":"t"}]}"#;
    let result: CallToolResult = read(json);
    assert!(matches!(result.content[0], ContentBlock::Other(_)));
    assert_eq!(text(&result).as_deref(), Ok(json));

    let json = r#"{"role":"assistant","content":{"type":"resource","a":[1e400]},"model":"m"}"#;
    let result: CreateMessageResult = read(json);
    assert!(matches!(result.content, SamplingContent::Other(_)));
    assert_eq!(text(&result).as_deref(), Ok(json));
}

#[test]
fn line_breaks_leave_unknown_kinds() {
    let block = ContentBlock::Other("{\n \"type\": \"video\",\r\n \"a\": \"\\n\" }\n".to_owned());
    let json = text(&block).expect("the block is sound");
    assert!(!json.contains(['\n', '\r']), "{json}");
    assert_eq!(
        read::<serde_json_value::Value>(&json),
        read(r#"{"type":"video","a":"\n"}"#)
    );
}

/// Compares JSON by value.
mod serde_json_value {
    use crate::json::{Fault, RawValue};
    use crate::wire::FromJson;

    #[derive(Debug, PartialEq)]
    pub(super) struct Value(serde_json::Value);

    impl FromJson for Value {
        const EXPECTED: &'static str = "a JSON value";

        fn read(value: &RawValue) -> Result<Self, Fault> {
            Ok(Self(serde_json::from_str(value.get()).expect("valid JSON")))
        }
    }
}

#[test]
fn named_kinds_are_refused_in_other() {
    let refused = |value: &dyn ToJson| {
        let mut writer = crate::json::Writer::with_capacity(64);
        value
            .write(&mut writer)
            .expect_err("a named kind is refused")
            .to_string()
    };
    let named = "`type`: a kind without a case of its own is expected";
    for tag in ["text", "image", "audio", "resource_link", "resource"] {
        let json = format!(r#"{{"type":"{tag}","text":7}}"#);
        assert_eq!(refused(&ContentBlock::Other(json)), named);
    }
    for tag in ["text", "image", "audio"] {
        let json = format!(r#"{{"type":"{tag}"}}"#);
        assert_eq!(refused(&SamplingContent::Other(json)), named);
    }
    for tag in ["string", "number", "integer", "boolean"] {
        let json = format!(r#"{{"type":"{tag}"}}"#);
        assert_eq!(refused(&PrimitiveSchema::Other(json)), named);
    }
    for tag in ["ref/prompt", "ref/resource"] {
        let json = format!(r#"{{"type":"{tag}"}}"#);
        assert_eq!(refused(&CompletionReference::Other(json)), named);
    }
    for json in [r#""text""#, "1", "true"] {
        assert_eq!(
            refused(&ElicitValue::Other(json.to_owned())),
            "an array, an object or null is expected"
        );
    }
}

#[test]
fn other_is_checked_like_all_text_of_a_guest() {
    for json in ["{", "[]", "7", r#"{"kind":"video"}"#, r#"{"type":1}"#, ""] {
        let block = ContentBlock::Other(json.to_owned());
        assert!(text(&block).is_err(), "{json}");
    }
    let untyped = PrimitiveSchema::Other(r#"{"oneOf":[]}"#.to_owned());
    assert_eq!(text(&untyped).as_deref(), Ok(r#"{"oneOf":[]}"#));
}

#[test]
fn malformed_values_of_named_kinds_stay_errors() {
    for json in [
        r#"{"content":[{"type":"text"}]}"#,
        r#"{"content":[{"type":"image","data":"!","mimeType":"a/b"}]}"#,
    ] {
        assert!(
            from_json::<CallToolResult>(json.as_bytes()).is_err(),
            "{json}"
        );
    }
    let schema = r#"{"type":"integer","minimum":"1"}"#;
    assert!(from_json::<PrimitiveSchema>(schema.as_bytes()).is_err());
}

#[test]
fn refusals_of_a_user_need_no_content() {
    for content in [
        "",
        r#","content":null"#,
        r#","content":{}"#,
        r#","content":7"#,
        r#","content":{"a":"b"}"#,
    ] {
        for (word, action) in [
            ("decline", ElicitAction::Decline),
            ("cancel", ElicitAction::Cancel),
        ] {
            let result: ElicitResult = read(&format!(r#"{{"action":"{word}"{content}}}"#));
            assert_eq!((result.action, result.content), (action, None));
            assert_eq!(result.extra, None);
        }
    }
    let accepted: ElicitResult =
        read(r#"{"action":"accept","content":{"a":["x",1],"b":null,"c":"t"}}"#);
    assert_eq!(
        accepted.content,
        Some(vec![
            ("a".to_owned(), ElicitValue::Other(r#"["x",1]"#.to_owned())),
            ("b".to_owned(), ElicitValue::Other("null".to_owned())),
            ("c".to_owned(), ElicitValue::Text("t".to_owned())),
        ])
    );
    let null = r#"{"action":"accept","content":null}"#;
    assert!(from_json::<ElicitResult>(null.as_bytes()).is_err());
}
