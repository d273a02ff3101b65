//! Records with every field, for the host to write, and the records that it passes to the
//! component.

use serde_json::{Value, json};

use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::types::Role;
#[cfg(not(feature = "service"))]
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, LogLevel};
use crate::host::RequestContext;
#[cfg(not(feature = "service"))]
use crate::host::logging;
use crate::report::{structured, text};
use crate::shown::Shown;

/// Letters that a host must neither normalise nor lose: composed, combining, astral, invisible,
/// separators of lines, controls.
const LETTERS: &str = "\u{e9} e\u{301} \u{1f980} \u{200b} \u{2028} \u{85} \u{1f} \" \\ / <a>&";

/// `_meta` with a number whose text counts.
pub fn meta() -> Option<String> {
    Some(r#"{"example.org/m":1.10}"#.into())
}

/// Further members, with numbers whose text counts.
pub fn extra() -> Option<String> {
    Some(r#"{"x-more":[1.10,9007199254740993,{"deep":null}]}"#.into())
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

fn annotations() -> Option<Annotations> {
    Some(Annotations {
        audience: Some(vec![Role::User, Role::Assistant]),
        priority: Some(0.25),
        last_modified: some("2025-01-12T15:00:58Z"),
    })
}

fn text_content() -> TextContent {
    TextContent {
        text: LETTERS.into(),
        annotations: annotations(),
        meta: meta(),
        extra: extra(),
    }
}

fn image() -> ImageContent {
    ImageContent {
        data: vec![0, 255, 254],
        mime_type: "image/png".into(),
        annotations: annotations(),
        meta: meta(),
        extra: extra(),
    }
}

fn audio() -> AudioContent {
    AudioContent {
        data: vec![251],
        mime_type: "audio/wav".into(),
        annotations: annotations(),
        meta: meta(),
        extra: extra(),
    }
}

fn text_contents() -> ResourceContents {
    ResourceContents::Text(TextResourceContents {
        uri: "probe:///full#text".into(),
        mime_type: some("text/plain"),
        text: LETTERS.into(),
        meta: meta(),
        extra: extra(),
    })
}

fn blob_contents() -> ResourceContents {
    ResourceContents::Blob(BlobResourceContents {
        uri: "probe:///full#blob".into(),
        mime_type: some(""),
        blob: vec![255, 239],
        meta: meta(),
        extra: extra(),
    })
}

fn embedded(resource: ResourceContents) -> ContentBlock {
    ContentBlock::EmbeddedResource(EmbeddedResource {
        resource,
        annotations: annotations(),
        meta: meta(),
        extra: extra(),
    })
}

fn link() -> ResourceLink {
    ResourceLink {
        uri: "probe:///linked".into(),
        name: "linked".into(),
        title: some("Linked"),
        description: some("A link."),
        mime_type: some("text/plain"),
        size: Some(3.0),
        annotations: annotations(),
        meta: meta(),
        extra: extra(),
    }
}

/// Every kind of content with every field, and with the required fields only.
fn blocks() -> Vec<ContentBlock> {
    let annotated = |annotations| {
        ContentBlock::Text(TextContent {
            annotations: Some(annotations),
            ..TextContent::default()
        })
    };
    vec![
        ContentBlock::Text(text_content()),
        ContentBlock::Image(image()),
        ContentBlock::Audio(audio()),
        ContentBlock::ResourceLink(link()),
        embedded(text_contents()),
        embedded(blob_contents()),
        text("plain"),
        // An empty list is not `none`, and neither is a record without any field.
        annotated(Annotations {
            audience: Some(Vec::new()),
            priority: Some(0.0),
            last_modified: some(""),
        }),
        annotated(Annotations {
            priority: Some(1.0),
            ..Annotations::default()
        }),
        annotated(Annotations::default()),
    ]
}

/// A result with every field.
pub fn result() -> CallToolResult {
    CallToolResult {
        content: blocks(),
        structured_content: some(r#"{"a":1.10,"z":[9007199254740993]}"#),
        is_error: Some(false),
        meta: meta(),
        extra: extra(),
    }
}

/// A result with its required field only.
#[cfg(not(feature = "service"))]
pub fn bare_result() -> CallToolResult {
    CallToolResult::default()
}

/// The contents of a resource, with every field.
pub fn contents() -> ReadResourceResult {
    ReadResourceResult {
        contents: vec![text_contents(), blob_contents()],
        meta: meta(),
        extra: extra(),
    }
}

pub fn tools() -> Vec<Tool> {
    let schema = r#"{"properties":{"n":{"default":1.10}},"type":"object"}"#;
    vec![
        Tool {
            name: "full".into(),
            title: some("Full"),
            description: some(LETTERS),
            input_schema: schema.into(),
            output_schema: some(schema),
            annotations: Some(ToolAnnotations {
                title: some("A full tool"),
                read_only_hint: Some(true),
                destructive_hint: Some(false),
                idempotent_hint: Some(true),
                open_world_hint: Some(false),
            }),
            meta: meta(),
            extra: extra(),
        },
        Tool {
            name: "full-empty".into(),
            title: some(""),
            input_schema: r#"{"type":"object"}"#.into(),
            annotations: Some(ToolAnnotations::default()),
            ..Tool::default()
        },
    ]
}

pub fn resources() -> Vec<Resource> {
    vec![
        Resource {
            uri: "probe:///full".into(),
            name: "full".into(),
            title: some("Full"),
            description: some(LETTERS),
            mime_type: some("text/plain"),
            size: Some(0.0),
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        },
        Resource {
            uri: "probe:///large".into(),
            name: "large".into(),
            size: Some(9_007_199_254_740_992.0),
            ..Resource::default()
        },
    ]
}

pub fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate {
            uri_template: "probe:///full/{part}".into(),
            name: "full".into(),
            title: some("Full"),
            description: some(LETTERS),
            mime_type: some("text/plain"),
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        },
        ResourceTemplate {
            uri_template: "probe:///bare/{part}".into(),
            name: "bare".into(),
            ..ResourceTemplate::default()
        },
    ]
}

pub fn prompts() -> Vec<Prompt> {
    let argument = |name: &str, required| PromptArgument {
        name: name.into(),
        required,
        ..PromptArgument::default()
    };
    vec![
        Prompt {
            name: "full".into(),
            title: some("Full"),
            description: some(LETTERS),
            arguments: Some(vec![
                PromptArgument {
                    title: some("First"),
                    description: some("The first argument."),
                    extra: extra(),
                    ..argument("first", Some(true))
                },
                argument("second", Some(false)),
                argument("third", None),
            ]),
            meta: meta(),
            extra: extra(),
        },
        Prompt {
            name: "full-empty".into(),
            arguments: Some(Vec::new()),
            ..Prompt::default()
        },
    ]
}

/// A prompt with every field; its first message shows the parameters.
pub fn prompt(params: &GetPromptParams) -> GetPromptResult {
    let shown = text(params.shown().to_string());
    let mut messages = vec![PromptMessage {
        role: Role::User,
        content: shown,
    }];
    messages.extend(blocks().into_iter().map(|content| PromptMessage {
        role: Role::Assistant,
        content,
    }));
    GetPromptResult {
        description: some(LETTERS),
        messages,
        meta: meta(),
        extra: extra(),
    }
}

/// A completion with every field, whose one value shows the parameters.
#[cfg(not(feature = "service"))]
pub fn completion(params: &CompleteParams) -> CompleteResult {
    CompleteResult {
        values: vec![params.shown().to_string(), String::new()],
        total: Some(u32::MAX),
        has_more: Some(true),
        meta: meta(),
        extra: extra(),
    }
}

/// The parameters and the context, as received from the host.
pub fn show(context: &RequestContext, params: Value) -> CallToolResult {
    let shown = json!({
        "params": params,
        "client": context.get_client().shown(),
        "id": context.get_id(),
        "meta": context.get_meta(),
        "token": context.get_progress_token(),
        "cancelled": context.is_cancelled(),
    });
    structured(shown.to_string())
}

/// Sends progress and a log message with every field, and with the required fields only.
#[cfg(not(feature = "service"))]
pub fn report(context: &RequestContext) -> Result<(), Error> {
    context.report_progress(&Progress {
        progress: 0.5,
        total: Some(3.0),
        message: some(LETTERS),
    })?;
    context.report_progress(&Progress {
        progress: 1.0,
        ..Progress::default()
    })?;
    let emergency = |logger, data| logging::log(Some(context), LogLevel::Emergency, logger, data);
    emergency(Some(LETTERS), r#"{"n":1.10,"z":[]}"#)?;
    emergency(Some(""), "null")?;
    emergency(None, "\"\"")
}

/// An error with every field.
#[cfg(not(feature = "service"))]
pub fn failure() -> Error {
    Error {
        code: ErrorCode::Other(i32::MIN),
        message: LETTERS.into(),
        data: some(r#"[1.10,null]"#),
    }
}

/// Sampling requests: every field, and the required fields only.
#[cfg(not(feature = "service"))]
pub fn question(kind: &str) -> CreateMessageParams {
    let message = |role, content| SamplingMessage { role, content };
    let least = CreateMessageParams {
        messages: vec![],
        ..CreateMessageParams::default()
    };
    let including = |context| CreateMessageParams {
        include_context: Some(context),
        ..least.clone()
    };
    match kind {
        "full" => CreateMessageParams {
            messages: vec![
                message(Role::User, SamplingContent::Text(text_content())),
                message(Role::Assistant, SamplingContent::Image(image())),
                message(Role::User, SamplingContent::Audio(audio())),
            ],
            max_tokens: u32::MAX,
            model_preferences: Some(ModelPreferences {
                hints: Some(vec![
                    ModelHint {
                        name: some("first"),
                    },
                    ModelHint { name: None },
                    ModelHint { name: some("") },
                ]),
                cost_priority: Some(0.0),
                speed_priority: Some(1.0),
                intelligence_priority: Some(0.5),
            }),
            system_prompt: some(LETTERS),
            include_context: Some(IncludeContext::ThisServer),
            temperature: Some(0.7),
            stop_sequences: Some(vec!["a".into(), String::new()]),
            metadata: some(r#"{"n":1.10}"#),
            meta: meta(),
            extra: extra(),
        },
        "empty" => CreateMessageParams {
            model_preferences: Some(ModelPreferences::default()),
            system_prompt: some(""),
            stop_sequences: Some(Vec::new()),
            temperature: Some(2.0),
            metadata: some("{}"),
            ..including(IncludeContext::AllServers)
        },
        "none" => including(IncludeContext::None),
        _ => least,
    }
}

/// Forms for a user: every field, and the required fields only.
#[cfg(not(feature = "service"))]
pub fn form(kind: &str) -> ElicitParams {
    use PrimitiveSchema::{Boolean, Enumeration, Number, Text};
    let format = |format| {
        Text(StringSchema {
            format: Some(format),
            ..StringSchema::default()
        })
    };
    let number = |kind| NumberSchema {
        type_: kind,
        title: None,
        description: None,
        minimum: None,
        maximum: None,
        extra: None,
    };
    let choice = EnumSchema {
        enum_: vec!["a".into(), String::new()],
        ..EnumSchema::default()
    };
    // Their order is not that of the alphabet.
    let fields = vec![
        (
            "z-text",
            Text(StringSchema {
                title: some("Text"),
                description: some(LETTERS),
                min_length: Some(0),
                max_length: Some(u32::MAX),
                format: Some(StringFormat::Email),
                extra: extra(),
            }),
        ),
        ("uri", format(StringFormat::Uri)),
        ("date", format(StringFormat::Date)),
        ("time", format(StringFormat::DateTime)),
        ("bare-text", Text(StringSchema::default())),
        (
            "number",
            Number(NumberSchema {
                title: some("Number"),
                description: some("A number."),
                minimum: Some(-0.5),
                maximum: Some(10.0),
                extra: extra(),
                ..number(NumberType::Number)
            }),
        ),
        ("integer", Number(number(NumberType::Integer))),
        (
            "boolean",
            Boolean(BooleanSchema {
                title: some("Yes or no"),
                description: some("A choice."),
                default: Some(false),
                extra: extra(),
            }),
        ),
        ("bare-boolean", Boolean(BooleanSchema::default())),
        (
            "choice",
            Enumeration(EnumSchema {
                title: some("Choice"),
                description: some("One of two."),
                enum_names: Some(vec!["A".into(), "Nothing".into()]),
                extra: extra(),
                ..choice.clone()
            }),
        ),
        ("a-choice", Enumeration(choice)),
    ];
    let fields = fields.into_iter();
    let fields = fields.map(|(name, field)| (name.to_owned(), field));
    match kind {
        "full" => ElicitParams {
            message: LETTERS.into(),
            requested_schema: RequestedSchema {
                properties: fields.collect(),
                required: Some(vec!["z-text".into(), "number".into()]),
                extra: extra(),
            },
            meta: meta(),
            extra: extra(),
        },
        "empty" => ElicitParams {
            requested_schema: RequestedSchema {
                required: Some(Vec::new()),
                ..RequestedSchema::default()
            },
            ..ElicitParams::default()
        },
        "twice" => ElicitParams {
            requested_schema: RequestedSchema {
                properties: ["same", "same"]
                    .map(|name| (name.to_owned(), Text(StringSchema::default())))
                    .into(),
                ..RequestedSchema::default()
            },
            ..ElicitParams::default()
        },
        _ => ElicitParams::default(),
    }
}
