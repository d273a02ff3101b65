//! Unknown members pass through unchanged.

use proptest::prelude::{any, prop_assert_eq, proptest};

use super::cases::{meta_of, text_block};
use crate::json::Object;
use crate::wire::{Record, ToJson, from_json, to_json};
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, CompleteParams, ContentBlock, GetPromptParams, NumberSchema,
    NumberType, PrimitiveSchema, ReadResourceParams, ResourceContents, StringSchema, TextContent,
    TextResourceContents,
};

fn written(value: &impl ToJson) -> String {
    String::from_utf8(to_json(value).expect("the value follows the rules")).expect("UTF-8")
}

const NUMBERS: &str = r#"{"a":1.0,"b":1e400,"c":12345678901234567890,"d":-0,"e":0.10,"f":1E+2}"#;

#[test]
fn number_text_is_kept() {
    let result = CallToolResult {
        structured_content: Some(NUMBERS.into()),
        extra: Some(NUMBERS.into()),
        ..meta_of(NUMBERS)
    };
    let members = &NUMBERS[1..NUMBERS.len() - 1];
    let json = written(&result);
    assert_eq!(
        json,
        format!(
            r#"{{"content":[{{"type":"text","text":"t"}}],"structuredContent":{NUMBERS},"_meta":{NUMBERS},{members}}}"#
        )
    );
    assert_eq!(from_json::<CallToolResult>(json.as_bytes()), Ok(result));
}

#[test]
fn params_hand_the_arguments_text_on() {
    let text =
        "{\"name\":\"n\",\"arguments\":{ \"x\" : 1.0,\n\"x\": -0 },\"_meta\":{},\"other\":7}";
    let params = CallToolParams::from_object(Object::parse(text).expect("an object"));
    assert_eq!(
        params,
        Ok(CallToolParams {
            name: "n".into(),
            arguments: Some("{ \"x\" : 1.0,\n\"x\": -0 }".into()),
            extra: Some(r#"{"other":7}"#.into()),
        })
    );
}

/// A later revision's members, and the `_meta` that is handled elsewhere.
#[test]
fn params_hand_unknown_members_on_but_not_meta() {
    fn passes<T: Record>(named: &str) {
        let extra = r#""task":{"ttl":1.0},"x":[12345678901234567890]"#;
        let json = format!(r#"{{{named},"_meta":{{"progressToken":1}},{extra}}}"#);
        let read = T::from_object(Object::parse(&json).expect("an object"));
        let read = read.expect("unknown members are not an error");
        assert_eq!(written(&read), format!("{{{named},{extra}}}"));
    }
    passes::<CallToolParams>(r#""name":"n","arguments":{}"#);
    passes::<ReadResourceParams>(r#""uri":"a:b""#);
    passes::<GetPromptParams>(r#""name":"n","arguments":{}"#);
    passes::<CompleteParams>(
        r#""ref":{"type":"ref/resource","uri":"a:b"},"argument":{"name":"n","value":""}"#,
    );

    let bare = r#"{"uri":"a:b","_meta":{}}"#;
    let read = ReadResourceParams::from_object(Object::parse(bare).expect("an object"));
    let params = ReadResourceParams {
        uri: "a:b".into(),
        extra: None,
    };
    assert_eq!(read.as_ref(), Ok(&params));
    let params = ReadResourceParams {
        extra: Some(r#"{"\u005fmeta":{"a":1},"uri":"c:d","x":0}"#.into()),
        ..params
    };
    assert_eq!(written(&params), r#"{"uri":"a:b","x":0}"#);
}

/// MCP nests this in an object, the record has one field, so further members do not fit.
#[test]
fn unknown_members_of_a_completion_context_are_dropped() {
    let json = r#"{"ref":{"type":"ref/prompt","name":"n"},"argument":{"name":"a","value":"v"},"context":{"arguments":{"b":"c"},"x":0}}"#;
    let read =
        from_json::<CompleteParams>(json.as_bytes()).expect("unknown members are not an error");
    assert_eq!(read.extra, None);
    assert_eq!(written(&read), json.replace(r#","x":0"#, ""));
    let with_context = CompleteParams {
        context_arguments: None,
        extra: Some(r#"{"context":{"x":0},"y":1}"#.into()),
        ..read
    };
    assert_eq!(
        written(&with_context),
        r#"{"ref":{"type":"ref/prompt","name":"n"},"argument":{"name":"a","value":"v"},"y":1}"#
    );
}

#[test]
fn line_breaks_between_tokens_go() {
    let json = "\r\n{\n  \"a\" :\r\n [ 1.0,\n\"\\n\" ]\n}\n";
    let result = CallToolResult {
        structured_content: Some(json.into()),
        extra: Some(json.into()),
        ..meta_of(json)
    };
    assert_eq!(
        written(&result),
        concat!(
            r#"{"content":[{"type":"text","text":"t"}],"#,
            r#""structuredContent":{  "a" : [ 1.0,"\n" ]},"#,
            r#""_meta":{  "a" : [ 1.0,"\n" ]},"#,
            r#""a":[ 1.0,"\n" ]}"#
        )
    );
}

#[test]
fn named_members_win_over_extra() {
    let extra = r#"{"type":"image","text":"other","_meta":{},"annotations":{},"x":1,"x":2.0}"#;
    let content = TextContent {
        text: "own".into(),
        annotations: None,
        meta: None,
        extra: Some(extra.into()),
    };
    assert_eq!(written(&content), r#"{"type":"text","text":"own","x":2.0}"#);
    let escaped = TextContent {
        extra: Some(r#"{"\u0074ext":"other"}"#.into()),
        ..content
    };
    assert_eq!(written(&escaped), r#"{"type":"text","text":"own"}"#);
}

/// A member that would turn an object into another definition is not taken from `extra`.
#[test]
fn extra_does_not_change_what_a_value_is() {
    let contents = ResourceContents::Text(TextResourceContents {
        uri: "a:b".into(),
        mime_type: None,
        text: "t".into(),
        meta: None,
        extra: Some(r#"{"blob":"AA=="}"#.into()),
    });
    assert_eq!(written(&contents), r#"{"uri":"a:b","text":"t"}"#);
    let schema = PrimitiveSchema::Text(StringSchema {
        title: None,
        description: None,
        min_length: None,
        max_length: None,
        format: None,
        extra: Some(r#"{"enum":["a"],"default":"b"}"#.into()),
    });
    assert_eq!(written(&schema), r#"{"type":"string","default":"b"}"#);
    let schema = PrimitiveSchema::Number(NumberSchema {
        type_: NumberType::Integer,
        title: None,
        description: None,
        minimum: Some(1.0),
        maximum: None,
        extra: Some(r#"{"type":"string","enum":["a"]}"#.into()),
    });
    assert_eq!(
        written(&schema),
        r#"{"type":"integer","minimum":1,"enum":["a"]}"#
    );
    assert_eq!(
        from_json::<PrimitiveSchema>(written(&schema).as_bytes()).map(|read| match read {
            PrimitiveSchema::Number(number) => number.extra,
            other => panic!("{other:?}"),
        }),
        Ok(Some(r#"{"enum":["a"]}"#.into()))
    );
}

#[test]
fn members_that_nobody_holds_are_ignored() {
    let json = r#"{"role":"user","content":{"type":"text","text":"t"},"_meta":{},"x":null}"#;
    let message: wasi_mcp_types::content::PromptMessage =
        from_json(json.as_bytes()).expect("unknown members are not an error");
    assert_eq!(
        written(&message),
        r#"{"role":"user","content":{"type":"text","text":"t"}}"#
    );
}

#[test]
fn odd_names_and_empty_texts_pass() {
    let params = CallToolParams {
        name: "\u{0}\"/ é\u{2028}".into(),
        arguments: None,
        extra: None,
    };
    assert_eq!(written(&params), "{\"name\":\"\\u0000\\\"/ é\u{2028}\"}");
    assert_eq!(
        written(&text_block("")),
        r#"{"content":[{"type":"text","text":""}]}"#
    );
}

proptest! {
    /// Any text, and bytes of any length, arrive unchanged.
    #[test]
    fn text_and_bytes_are_exact(text: String, bytes: Vec<u8>) {
        let result = text_block(&text);
        let json = to_json(&result).expect("text is always writable");
        let tree: serde_json::Value = serde_json::from_slice(&json).expect("it is JSON");
        prop_assert_eq!(&tree["content"][0]["text"], &serde_json::Value::from(text));

        let image = ContentBlock::Image(wasi_mcp_types::content::ImageContent {
            data: bytes,
            mime_type: "image/png".into(),
            annotations: None,
            meta: None,
            extra: None,
        });
        let json = to_json(&image).expect("bytes are always writable");
        prop_assert_eq!(from_json::<ContentBlock>(&json), Ok(image));
    }

    /// Any JSON from a guest is either refused, or written as one valid message on one line with
    /// the same members.
    #[test]
    fn json_of_a_guest_never_breaks_the_message(meta: String, is_close in any::<bool>()) {
        let meta = if is_close { format!("{{\"a\":\"{meta}\"}}") } else { meta };
        match to_json(&meta_of(&meta)) {
            Ok(json) => {
                let text = std::str::from_utf8(&json).expect("UTF-8");
                prop_assert_eq!(text.contains(['\n', '\r']), false);
                let object = Object::parse(text).expect("an object");
                prop_assert_eq!(object.len(), 2);
            }
            Err(fault) => prop_assert_eq!(fault.path, "_meta"),
        }
    }
}
