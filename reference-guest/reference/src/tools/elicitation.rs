//! Questions to the user behind the client.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation>

use serde_json::{Map, Value, json};

use super::client_requests::failed;
use super::entry::{Call, Entry, Outcome, no_arguments};
use crate::bindings::wasi::mcp::content::{
    BooleanSchema, CallToolResult, ElicitAction, ElicitParams, ElicitResult, ElicitValue,
    EnumSchema, NumberSchema, NumberType, PrimitiveSchema, RequestedSchema, StringFormat,
    StringSchema,
};
use crate::content::{extra, meta, structured_result};
use crate::edge;
use crate::number::number as json_number;

pub fn entries() -> Vec<Entry> {
    vec![Entry::new(
        "elicit",
        "Asks the user for one value of each primitive schema.",
        no_arguments(),
        |call| Box::pin(elicit(call)),
    )]
}

/// Returns one property of each primitive schema, and of each string format.
fn properties() -> Vec<(String, PrimitiveSchema)> {
    let mut properties = vec![
        (
            "name".to_owned(),
            PrimitiveSchema::Text(StringSchema {
                title: Some("Name".into()),
                description: Some("What to call you".into()),
                min_length: Some(1),
                max_length: Some(40),
                format: None,
                extra: Some(r#"{"default": "Ada"}"#.into()),
            }),
        ),
        (
            "ratio".to_owned(),
            PrimitiveSchema::Number(number(NumberType::Number, 0.5, 99.5)),
        ),
        (
            "age".to_owned(),
            PrimitiveSchema::Number(number(NumberType::Integer, 0.0, 150.0)),
        ),
        (
            "agreed".to_owned(),
            PrimitiveSchema::Boolean(BooleanSchema {
                title: Some("Agreed".into()),
                description: Some("Whether you agree".into()),
                default: Some(false),
                extra: None,
            }),
        ),
        (
            "colour".to_owned(),
            PrimitiveSchema::Enumeration(EnumSchema {
                title: Some("Colour".into()),
                description: Some("Which one".into()),
                enum_: vec!["r".into(), "g".into(), "b".into()],
                enum_names: Some(vec!["Red".into(), "Green".into(), "Blue".into()]),
                extra: None,
            }),
        ),
    ];
    let formats = [
        ("email", StringFormat::Email),
        ("homepage", StringFormat::Uri),
        ("birthday", StringFormat::Date),
        ("appointment", StringFormat::DateTime),
    ];
    properties.extend(formats.map(|(name, format)| {
        let schema = StringSchema {
            format: Some(format),
            ..StringSchema::default()
        };
        (name.to_owned(), PrimitiveSchema::Text(schema))
    }));
    properties
}

fn number(kind: NumberType, minimum: f64, maximum: f64) -> NumberSchema {
    NumberSchema {
        type_: kind,
        title: Some("A number".into()),
        description: Some("Within its bounds".into()),
        minimum: Some(minimum),
        maximum: Some(maximum),
        extra: None,
    }
}

async fn elicit(call: Call) -> Outcome {
    let params = ElicitParams {
        message: "Please fill in the form.".into(),
        requested_schema: RequestedSchema {
            properties: properties(),
            required: Some(vec!["name".into(), "age".into()]),
            extra: None,
        },
        meta: Some(meta()),
        extra: Some(extra()),
    };
    match edge::elicit(&call.context, params).await {
        Ok(answer) => Ok(CallToolResult {
            meta: answer.meta.clone(),
            ..structured_result(describe(answer).to_string())
        }),
        Err(error) => failed(error),
    }
}

/// Returns the answer as JSON: `action`, `content`.
pub fn describe(answer: ElicitResult) -> Value {
    let action = match answer.action {
        ElicitAction::Accept => "accept",
        ElicitAction::Decline => "decline",
        ElicitAction::Cancel => "cancel",
    };
    let content = answer.content.map(|content| {
        content
            .into_iter()
            .map(|(name, value)| (name, value_as_json(value)))
            .collect::<Map<_, _>>()
    });
    json!({ "action": action, "content": content })
}

fn value_as_json(value: ElicitValue) -> Value {
    match value {
        ElicitValue::Text(text) => text.into(),
        ElicitValue::Number(value) => json_number(value),
        ElicitValue::Boolean(boolean) => boolean.into(),
        ElicitValue::Other(json) => serde_json::from_str(&json).unwrap_or_default(),
    }
}
