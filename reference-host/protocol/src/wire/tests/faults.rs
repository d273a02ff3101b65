//! Refusals and their texts.

use super::cases::{meta_of, text_block};
use crate::json::Fault;
use crate::wire::{FromJson, ToJson, from_json, to_json};
use wasi_mcp_types::capabilities::ClientCapabilities;
use wasi_mcp_types::content::{
    Annotations, CallToolParams, CallToolResult, CompleteParams, CompleteResult, ContentBlock,
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, EmbeddedResource,
    GetPromptParams, ListToolsResult, ModelPreferences, PrimitiveSchema, Progress,
    ReadResourceResult, Resource, ResourceLink, Root, Tool,
};
use wasi_mcp_types::types::{Error, ErrorCode, LogLevel};

fn unreadable<T: FromJson>(json: &str) -> String {
    match from_json::<T>(json.as_bytes()) {
        Ok(_) => panic!("{json} is accepted"),
        Err(fault) => fault.to_string(),
    }
}

fn rewrite<T: FromJson + ToJson>(json: &str) -> Result<Vec<u8>, Fault> {
    to_json(&from_json::<T>(json.as_bytes())?)
}

fn unwritable(value: &impl ToJson) -> String {
    match to_json(value) {
        Ok(json) => panic!("{} is accepted", String::from_utf8_lossy(&json)),
        Err(fault) => fault.to_string(),
    }
}

/// A reader, its input and the expected message.
type Case = (fn(&str) -> String, &'static str, &'static str);

#[test]
fn reading() {
    let table: &[Case] = &[
        (
            unreadable::<CallToolParams>,
            r#"{}"#,
            "`name`: a string is expected",
        ),
        (
            unreadable::<CallToolParams>,
            r#"{"name":7}"#,
            "`name`: a string is expected",
        ),
        (
            unreadable::<CallToolParams>,
            r#"{"name":"n","arguments":[]}"#,
            "`arguments`: an object is expected",
        ),
        (unreadable::<CallToolParams>, "[]", "an object is expected"),
        (
            unreadable::<GetPromptParams>,
            r#"{"name":"n","arguments":{"a":"","city":7}}"#,
            "`arguments.city`: a string is expected",
        ),
        (
            unreadable::<CompleteParams>,
            r#"{"ref":{"type":7},"argument":{"name":"n","value":"v"}}"#,
            "`ref.type`: a string is expected",
        ),
        (
            unreadable::<CompleteParams>,
            r#"{"ref":{"type":"ref/prompt"},"argument":{"name":"n","value":"v"}}"#,
            "`ref.name`: a string is expected",
        ),
        (
            unreadable::<CompleteParams>,
            r#"{"ref":{"type":"ref/resource"},"argument":{"name":"n","value":"v"}}"#,
            "`ref.uri`: a string is expected",
        ),
        (
            unreadable::<CompleteParams>,
            r#"{"ref":{"type":"ref/prompt","name":"n"},"argument":{"name":"n"}}"#,
            "`argument.value`: a string is expected",
        ),
        (
            unreadable::<CompleteParams>,
            r#"{"ref":{"type":"ref/prompt","name":"n"},"argument":{"name":"n","value":"v"},"context":{"arguments":{"a":null}}}"#,
            "`context.arguments.a`: a string is expected",
        ),
        (
            unreadable::<CompleteParams>,
            r#"{"ref":{"type":"ref/prompt","name":"n"},"argument":{"name":"n","value":"v"},"context":7}"#,
            "`context`: an object is expected",
        ),
        (
            unreadable::<CompleteResult>,
            r#"{"completion":{"values":[],"total":-1}}"#,
            "`completion.total`: an integer from 0 to 4294967295 is expected",
        ),
        (
            unreadable::<CallToolResult>,
            r#"{"content":[{"type":"text","text":""},{"type":{}}]}"#,
            "`content[1].type`: a string is expected",
        ),
        (
            unreadable::<CallToolResult>,
            r#"{"content":[{"text":""}]}"#,
            "`content[0].type`: a string is expected",
        ),
        (
            unreadable::<ContentBlock>,
            r#"{"type":"image","data":"AA","mimeType":"a/b"}"#,
            "`data`: a string in base64 is expected",
        ),
        (
            unreadable::<ContentBlock>,
            r#"{"type":"image","data":"-_8=","mimeType":"a/b"}"#,
            "`data`: a string in base64 is expected",
        ),
        (
            unreadable::<EmbeddedResource>,
            r#"{"type":"resource","resource":{"uri":"a:b"}}"#,
            "`resource`: one of the members `text` and `blob` is expected",
        ),
        (
            unreadable::<ReadResourceResult>,
            r#"{"contents":[{"uri":"a:b","text":"","blob":""}]}"#,
            "`contents[0]`: one of the members `text` and `blob` is expected",
        ),
        (
            unreadable::<Resource>,
            r#"{"uri":"a:b","name":"n","size":1.5}"#,
            "`size`: an integer from 0 to 9007199254740992 is expected",
        ),
        (
            unreadable::<Annotations>,
            r#"{"priority":1.01}"#,
            "`priority`: a number from 0 to 1 is expected",
        ),
        (
            unreadable::<Annotations>,
            r#"{"audience":["user","system"]}"#,
            "`audience[1]`: one of `user`, `assistant` is expected",
        ),
        (
            unreadable::<CreateMessageParams>,
            r#"{"messages":[],"maxTokens":4294967296}"#,
            "`maxTokens`: an integer from 0 to 4294967295 is expected",
        ),
        (
            unreadable::<CreateMessageParams>,
            r#"{"messages":[{"role":"user","content":{"uri":"a:b","name":"n"}}],"maxTokens":1}"#,
            "`messages[0].content.type`: a string is expected",
        ),
        (
            unreadable::<CreateMessageResult>,
            r#"{"role":"assistant","content":[],"model":"m"}"#,
            "`content`: an object is expected",
        ),
        (
            unreadable::<ElicitResult>,
            r#"{"action":"accept","content":[]}"#,
            "`content`: an object is expected",
        ),
        (
            unreadable::<ElicitResult>,
            r#"{"action":"accept","content":{"a":1e400}}"#,
            "`content.a`: a number in the range of 64-bit floating point is expected",
        ),
        (
            unreadable::<ElicitParams>,
            r#"{"message":"m","requestedSchema":{"type":"object","properties":{"p":{"type":7}}}}"#,
            "`requestedSchema.properties.p.type`: a string is expected",
        ),
        (
            unreadable::<ElicitParams>,
            r#"{"message":"m","requestedSchema":{"properties":{}}}"#,
            "`requestedSchema.type`: `object` is expected",
        ),
        (
            unreadable::<PrimitiveSchema>,
            r#"{"type":"string","enum":"a"}"#,
            "`enum`: an array is expected",
        ),
        (
            unreadable::<PrimitiveSchema>,
            r#"{"type":"string","format":"ipv4"}"#,
            "`format`: one of `email`, `uri`, `date`, `date-time` is expected",
        ),
        (
            unreadable::<LogLevel>,
            r#""warn""#,
            "one of `debug`, `info`, `notice`, `warning`, `error`, `critical`, `alert`, `emergency` is expected",
        ),
        (
            unreadable::<ClientCapabilities>,
            r#"{"experimental":{"a":true}}"#,
            "`experimental.a`: an object is expected",
        ),
        (
            unreadable::<Error>,
            r#"{"code":1.5,"message":""}"#,
            "`code`: an integer from -2147483648 to 2147483647 is expected",
        ),
        (
            unreadable::<Root>,
            "{",
            "valid JSON (the text is not JSON: EOF while parsing an object at line 1 column 1) is expected",
        ),
        (
            unreadable::<Root>,
            r#"{"uri":"\ud800"}"#,
            "valid JSON (a string holds half of a surrogate pair) is expected",
        ),
    ];
    for (read, json, text) in table {
        assert_eq!(read(json), *text, "{json}");
    }
}

/// Tests every member that has a range, at its ends and just outside.
#[test]
fn ranges() {
    let priority = "a number from 0 to 1";
    let size = "an integer from 0 to 9007199254740992";
    type Read = fn(&str) -> Result<Vec<u8>, Fault>;
    let table: &[(Read, &str, &str, &str)] = &[
        (rewrite::<Annotations>, "", "priority", priority),
        (rewrite::<ModelPreferences>, "", "costPriority", priority),
        (rewrite::<ModelPreferences>, "", "speedPriority", priority),
        (
            rewrite::<ModelPreferences>,
            "",
            "intelligencePriority",
            priority,
        ),
        (
            rewrite::<Resource>,
            r#""uri":"a:b","name":"n","#,
            "size",
            size,
        ),
        (
            rewrite::<ResourceLink>,
            r#""type":"resource_link","uri":"a:b","name":"n","#,
            "size",
            size,
        ),
    ];
    for (rewrite, others, name, expected) in table {
        let (largest, beyond) = if *expected == size {
            ("9007199254740992", ["-1", "0.5", "9007199254740994"])
        } else {
            ("1", ["-0.000001", "1.000001", "1e400"])
        };
        for value in ["0", largest] {
            let json = format!("{{{others}\"{name}\":{value}}}");
            assert_eq!(rewrite(&json), Ok(json.into_bytes()));
        }
        for value in beyond {
            let json = format!("{{{others}\"{name}\":{value}}}");
            let fault = rewrite(&json).expect_err(&json);
            assert_eq!(fault.path, *name);
            if value != "1e400" {
                assert_eq!(fault.expected, *expected);
            }
        }
    }
}

#[test]
fn integers_may_have_an_empty_fraction() {
    let params: CreateMessageParams =
        from_json(br#"{"messages":[],"maxTokens":5.0}"#).expect("5.0 is an integer");
    assert_eq!(params.max_tokens, 5);
    let resource: Resource =
        from_json(br#"{"uri":"a:b","name":"n","size":1e3}"#).expect("1e3 is an integer");
    assert_eq!(resource.size, Some(1000.0));
}

/// Tests JSON text where an object is required.
#[test]
fn writing_json_text() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(128), "]".repeat(128));
    let table = [
        (
            "",
            "valid JSON (the text is not JSON: EOF while parsing a value at line 1 column 0)",
        ),
        (
            "{",
            "valid JSON (the text is not JSON: EOF while parsing an object at line 1 column 1)",
        ),
        (
            "{} {}",
            "valid JSON (the text is not JSON: trailing characters at line 1 column 4)",
        ),
        (
            "{},\"jsonrpc\":1",
            "valid JSON (the text is not JSON: trailing characters at line 1 column 3)",
        ),
        (
            r#"{"a":"\udc00"}"#,
            "valid JSON (a string holds half of a surrogate pair)",
        ),
        (
            deep.as_str(),
            "valid JSON (the value is nested more than 128 levels deep)",
        ),
        ("[]", "an object"),
        ("null", "an object"),
        (" \"{}\"", "an object"),
    ];
    for (text, expected) in table {
        let tool = |input_schema: &str| Tool {
            name: "n".into(),
            title: None,
            description: None,
            input_schema: input_schema.into(),
            output_schema: None,
            annotations: None,
            meta: None,
            extra: None,
        };
        let list = ListToolsResult {
            tools: vec![tool("{}"), tool(text)],
            next_cursor: None,
            meta: None,
            extra: None,
        };
        let at = |path: &str| format!("`{path}`: {expected} is expected");
        assert_eq!(unwritable(&list), at("tools[1].inputSchema"));
        let tool = Tool {
            output_schema: Some(text.into()),
            ..tool("{}")
        };
        assert_eq!(unwritable(&tool), at("outputSchema"));
        assert_eq!(unwritable(&meta_of(text)), at("_meta"));
        let result = CallToolResult {
            structured_content: Some(text.into()),
            ..text_block("t")
        };
        assert_eq!(unwritable(&result), at("structuredContent"));
        let result = CallToolResult {
            extra: Some(text.into()),
            ..text_block("t")
        };
        assert_eq!(unwritable(&result), at("extra"));
        let params = CallToolParams {
            name: "n".into(),
            arguments: Some(text.into()),
            extra: None,
        };
        assert_eq!(unwritable(&params), at("arguments"));
        let params = CallToolParams {
            arguments: None,
            extra: Some(text.into()),
            ..params
        };
        assert_eq!(unwritable(&params), at("extra"));
        let capabilities = ClientCapabilities {
            extra: None,
            experimental: Some(vec![("com.example".into(), text.into())]),
            roots: None,
            sampling: None,
            elicitation: None,
        };
        assert_eq!(unwritable(&capabilities), at("experimental.com.example"));
        let capabilities = ClientCapabilities {
            experimental: None,
            sampling: Some(text.into()),
            ..capabilities
        };
        assert_eq!(unwritable(&capabilities), at("sampling"));
    }
}

#[test]
fn writing_numbers() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let progress = Progress {
            progress: value,
            total: None,
            message: None,
        };
        assert_eq!(
            unwritable(&progress),
            "`progress`: a finite number is expected"
        );
    }
    for value in [f64::NAN, -0.1, 1.5, f64::INFINITY] {
        let preferences = ModelPreferences {
            hints: None,
            cost_priority: None,
            speed_priority: Some(value),
            intelligence_priority: None,
        };
        assert_eq!(
            unwritable(&preferences),
            "`speedPriority`: a number from 0 to 1 is expected"
        );
    }
    for value in [f64::NAN, -1.0, 0.5, 9_007_199_254_740_994.0] {
        let resource = Resource {
            uri: "a:b".into(),
            name: "n".into(),
            title: None,
            description: None,
            mime_type: None,
            size: Some(value),
            annotations: None,
            meta: None,
            extra: None,
        };
        assert_eq!(
            unwritable(&resource),
            "`size`: an integer from 0 to 9007199254740992 is expected"
        );
    }
}

#[test]
fn writing_lists() {
    let result = CompleteResult {
        values: vec![String::new(); 101],
        total: None,
        has_more: None,
        meta: None,
        extra: None,
    };
    assert_eq!(
        unwritable(&result),
        "`completion.values`: an array of at most 100 values is expected"
    );
    let params = GetPromptParams {
        name: "n".into(),
        arguments: Some(vec![
            ("a".into(), "1".into()),
            ("b".into(), "2".into()),
            ("a".into(), "3".into()),
        ]),
        extra: None,
    };
    assert_eq!(
        unwritable(&params),
        "`arguments.a`: a name that occurs once is expected"
    );
}

#[test]
fn writing_error_data() {
    let error = Error {
        code: ErrorCode::InternalError,
        message: "m".into(),
        data: Some("{".into()),
    };
    assert_eq!(
        unwritable(&error),
        "`data`: valid JSON (the text is not JSON: EOF while parsing an object at line 1 column 1) is expected"
    );
}
