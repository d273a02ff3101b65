//! The tools that MCP's public conformance suite requires of a server, under its names.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::client_requests::failed;
use super::elicitation;
use super::entry::{Call, Entry, Outcome, arguments, no_arguments};
use super::sampling::{describe, text_request};
use crate::bindings::wasi::mcp::content::{
    BooleanSchema, CallToolResult, ContentBlock, ElicitParams, EnumSchema, NumberSchema,
    NumberType, PrimitiveSchema, Progress, RequestedSchema, StringSchema,
};
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::logging;
use crate::bindings::wasi::mcp::types::LogLevel;
use crate::content::{audio, embedded, failed_result, image, text, text_contents, text_result};
use crate::edge;
use crate::error::invalid_params;

/// The pause between two steps of a tool that works for a while.
const STEP_MILLISECONDS: u32 = 50;

pub fn entries() -> Vec<Entry> {
    let mut entries = content_entries();
    entries.extend(interaction_entries());
    entries.extend(later_revision_entries());
    entries
}

fn content_entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "test_simple_text",
            "Answers with a text.",
            no_arguments(),
            |_| {
                Box::pin(content(vec![text(
                    "This is a simple text response for testing.",
                )]))
            },
        ),
        Entry::new(
            "test_image_content",
            "Answers with an image.",
            no_arguments(),
            |_| Box::pin(content(vec![image()])),
        ),
        Entry::new(
            "test_audio_content",
            "Answers with a sound.",
            no_arguments(),
            |_| Box::pin(content(vec![audio()])),
        ),
        Entry::new(
            "test_embedded_resource",
            "Answers with an embedded resource.",
            no_arguments(),
            |_| {
                Box::pin(content(vec![embedded(text_contents(
                    "test://embedded-resource",
                    "text/plain",
                    "This is an embedded resource content.",
                ))]))
            },
        ),
        Entry::new(
            "test_multiple_content_types",
            "Answers with a text, an image and an embedded resource.",
            no_arguments(),
            |_| {
                Box::pin(content(vec![
                    text("Multiple content types test:"),
                    image(),
                    embedded(text_contents(
                        "test://mixed-content-resource",
                        "application/json",
                        r#"{"test":"data","value":123}"#,
                    )),
                ]))
            },
        ),
        Entry::new(
            "test_error_handling",
            "Answers with a failure of the tool.",
            no_arguments(),
            |_| {
                Box::pin(async {
                    Ok(failed_result(
                        "This tool intentionally returns an error for testing",
                    ))
                })
            },
        ),
    ]
}

fn interaction_entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "test_tool_with_logging",
            "Logs three messages, some time apart.",
            no_arguments(),
            |call| Box::pin(with_logging(call)),
        ),
        Entry::new(
            "test_tool_with_progress",
            "Reports progress three times, some time apart.",
            no_arguments(),
            |call| Box::pin(with_progress(call)),
        ),
        Entry::new(
            "test_sampling",
            "Asks the client's model.",
            arguments(json!({ "prompt": { "type": "string" } }), &["prompt"]),
            |call| Box::pin(sampling(call)),
        ),
        Entry::new(
            "test_elicitation",
            "Asks the user for a name and an address.",
            arguments(json!({ "message": { "type": "string" } }), &["message"]),
            |call| Box::pin(ask_username(call)),
        ),
    ]
}

/// Returns the tools that the suite requires at later revisions, as far as this one can express
/// them.
fn later_revision_entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "json_schema_2020_12_tool",
            "Has an input schema that uses much of JSON Schema 2020-12.",
            json_schema_2020_12(),
            |call| Box::pin(contact(call)),
        ),
        Entry::new(
            "test_elicitation_sep1034_defaults",
            "Asks the user for values that have defaults.",
            no_arguments(),
            |call| Box::pin(elicitation_defaults(call)),
        ),
        Entry::new(
            "test_elicitation_sep1330_enums",
            "Asks the user to choose, in each form of a choice of one.",
            no_arguments(),
            |call| Box::pin(elicitation_enums(call)),
        ),
        Entry::new(
            "test_reconnection",
            "Works for a while, so that the client can come back for the answer.",
            no_arguments(),
            |_| {
                Box::pin(async {
                    edge::sleep(2 * STEP_MILLISECONDS).await;
                    Ok(text_result("Reconnection test completed"))
                })
            },
        ),
    ]
}

async fn content(content: Vec<ContentBlock>) -> Outcome {
    Ok(CallToolResult {
        content,
        ..CallToolResult::default()
    })
}

async fn with_logging(call: Call) -> Outcome {
    let log = |message: &str| {
        let data = json!(message).to_string();
        logging::log(Some(&call.context), LogLevel::Info, None, &data)
    };
    log("Tool execution started")?;
    edge::sleep(STEP_MILLISECONDS).await;
    log("Tool processing data")?;
    edge::sleep(STEP_MILLISECONDS).await;
    log("Tool execution completed")?;
    Ok(text_result("Logged three messages"))
}

async fn with_progress(call: Call) -> Outcome {
    let report = |progress| {
        call.context.report_progress(&Progress {
            progress,
            total: Some(100.0),
            message: None,
        })
    };
    report(0.0)?;
    edge::sleep(STEP_MILLISECONDS).await;
    report(50.0)?;
    edge::sleep(STEP_MILLISECONDS).await;
    report(100.0)?;
    Ok(text_result("Reported three times"))
}

#[derive(Deserialize)]
struct Prompt {
    prompt: String,
}

async fn sampling(call: Call) -> Outcome {
    let Prompt { prompt } = call.arguments.parse()?;
    match edge::create_message(&call.context, text_request(prompt)).await {
        Ok(answer) => {
            let content = describe(&answer.content);
            let words = content["text"]
                .as_str()
                .map_or(content.to_string(), str::to_owned);
            Ok(text_result(format!("LLM response: {words}")))
        }
        Err(error) => failed(error),
    }
}

#[derive(Deserialize)]
struct Message {
    message: String,
}

async fn ask_username(call: Call) -> Outcome {
    let Message { message } = call.arguments.parse()?;
    let string = |description: &str| {
        PrimitiveSchema::Text(StringSchema {
            description: Some(description.into()),
            ..StringSchema::default()
        })
    };
    let properties = vec![
        ("username".into(), string("The user's name")),
        ("email".into(), string("The user's address")),
    ];
    let required = vec!["username".into(), "email".into()];
    ask(&call.context, message, properties, Some(required)).await
}

async fn elicitation_defaults(call: Call) -> Outcome {
    let default = |value| Some(json!({ "default": value }).to_string());
    let number = |kind, value: f64| {
        PrimitiveSchema::Number(NumberSchema {
            type_: kind,
            title: None,
            description: None,
            minimum: None,
            maximum: None,
            extra: Some(format!(r#"{{"default":{value}}}"#)),
        })
    };
    let properties = vec![
        (
            "name".into(),
            PrimitiveSchema::Text(StringSchema {
                extra: default("John Doe"),
                ..StringSchema::default()
            }),
        ),
        ("age".into(), number(NumberType::Integer, 30.0)),
        ("score".into(), number(NumberType::Number, 95.5)),
        (
            "status".into(),
            PrimitiveSchema::Enumeration(EnumSchema {
                enum_: vec!["active".into(), "inactive".into(), "pending".into()],
                extra: default("active"),
                ..EnumSchema::default()
            }),
        ),
        (
            "verified".into(),
            PrimitiveSchema::Boolean(BooleanSchema {
                default: Some(true),
                ..BooleanSchema::default()
            }),
        ),
    ];
    ask(
        &call.context,
        "Please check the defaults.".into(),
        properties,
        None,
    )
    .await
}

/// Asks for one of several values. Choices of several are invalid at this revision, so it uses only
/// the three forms of one value.
async fn elicitation_enums(call: Call) -> Outcome {
    let values = || ["option1", "option2", "option3"].map(String::from).to_vec();
    let titled = json!({ "oneOf": [
        { "const": "value1", "title": "First" },
        { "const": "value2", "title": "Second" },
        { "const": "value3", "title": "Third" },
    ] });
    let properties = vec![
        (
            "untitledSingle".into(),
            PrimitiveSchema::Enumeration(EnumSchema {
                enum_: values(),
                ..EnumSchema::default()
            }),
        ),
        (
            "titledSingle".into(),
            PrimitiveSchema::Text(StringSchema {
                extra: Some(titled.to_string()),
                ..StringSchema::default()
            }),
        ),
        (
            "legacyEnum".into(),
            PrimitiveSchema::Enumeration(EnumSchema {
                enum_: values(),
                enum_names: Some(["One", "Two", "Three"].map(String::from).to_vec()),
                ..EnumSchema::default()
            }),
        ),
    ];
    ask(&call.context, "Please choose.".into(), properties, None).await
}

async fn ask(
    context: &RequestContext,
    message: String,
    properties: Vec<(String, PrimitiveSchema)>,
    required: Option<Vec<String>>,
) -> Outcome {
    let params = ElicitParams {
        message,
        requested_schema: RequestedSchema {
            properties,
            required,
            extra: None,
        },
        ..ElicitParams::default()
    };
    match edge::elicit(context, params).await {
        Ok(answer) => {
            let answer = elicitation::describe(answer);
            Ok(text_result(format!("User response: {answer}")))
        }
        Err(error) => failed(error),
    }
}

/// The arguments of the schema below, for a host that does not check them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Contact {
    #[serde(default, rename = "name", deserialize_with = "present")]
    _name: Option<String>,
    /// A map, since a structure would also be read from an array.
    #[serde(default, deserialize_with = "present")]
    address: Option<BTreeMap<String, Value>>,
    #[serde(default, deserialize_with = "present")]
    contact_method: Option<ContactMethod>,
    #[serde(default, deserialize_with = "present")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "present")]
    email: Option<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum ContactMethod {
    Phone,
    Email,
}

/// Reads a member that may be absent, but not `null`.
fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

async fn contact(call: Call) -> Outcome {
    let contact: Contact = call.arguments.parse()?;
    let address = contact.address.unwrap_or_default();
    for line in ["street", "city"] {
        if address.get(line).is_some_and(|line| !line.is_string()) {
            return Err(invalid_params(format!(
                "`address.{line}`: a string is expected"
            )));
        }
    }
    let (needed, name) = match contact.contact_method {
        Some(ContactMethod::Phone) => (contact.phone, "phone"),
        _ => (contact.email, "email"),
    };
    if needed.is_none() {
        return Err(invalid_params(format!("`{name}` is missing")));
    }
    Ok(text_result(call.arguments.text()))
}

fn json_schema_2020_12() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
            },
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": {
            "properties": { "contactMethod": { "const": "phone" } },
            "required": ["contactMethod"],
        },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}
