//! The objects of MCP 2025-06-18, written by hand from the pages of the specification:
//! <https://modelcontextprotocol.io/specification/2025-06-18>.
//!
//! A test compares names, members and obligations with the official schema if that is available.

use serde_json::{Map, Value};

use super::shapes::Format::{Base64, MediaType, Timestamp, Uri, UriTemplate};
use super::shapes::Shape::{
    Any, Boolean, Bounded, ByType, Contents, FormAnswer, FormField, Formatted, Identifier, Integer,
    List, Meta, Number, Object, Priority, Text, Word,
};
use super::shapes::{Breach, Member, Record, Rule, Shape, optional, required};

/// The eight severities of RFC 5424, from least to most severe.
pub const LOGGING_LEVELS: &[&str] = &[
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
];

/// The highest number of values in a completion.
pub const COMPLETION_LIMIT: usize = 100;

const ROLE: Shape = Word(&["user", "assistant"]);
const LEVEL: Shape = Word(LOGGING_LEVELS);
const TEXTS: Shape = List(&Text);
const META: Member = optional("_meta", Meta);
const TITLE: Member = optional("title", Text);
const DESCRIPTION: Member = optional("description", Text);
const NAME: Member = required("name", Text);
const URI: Member = required("uri", Formatted(Uri));
const MIME_TYPE: Member = optional("mimeType", Formatted(MediaType));
const ANNOTATED: Member = optional("annotations", Shape::Record(&ANNOTATIONS));
const CURSOR: Member = optional("cursor", Text);
const NEXT_CURSOR: Member = optional("nextCursor", Text);

const CONTENT_BLOCK: Shape = ByType(&[
    ("text", &TEXT_CONTENT),
    ("image", &IMAGE_CONTENT),
    ("audio", &AUDIO_CONTENT),
    ("resource_link", &RESOURCE_LINK),
    ("resource", &EMBEDDED_RESOURCE),
]);

const SAMPLING_CONTENT: Shape = ByType(&[
    ("text", &TEXT_CONTENT),
    ("image", &IMAGE_CONTENT),
    ("audio", &AUDIO_CONTENT),
]);

const REFERENCE: Shape = ByType(&[
    ("ref/prompt", &PROMPT_REFERENCE),
    ("ref/resource", &RESOURCE_TEMPLATE_REFERENCE),
]);

macro_rules! records {
    ($($(#[$doc:meta])* $ident:ident = $name:literal [$($member:expr),* $(,)?] $(with $rule:path)?;)*) => {
        $(
            $(#[$doc])*
            pub static $ident: Record = Record {
                name: $name,
                members: &[$($member),*],
                rule: records!(@rule $($rule)?),
            };
        )*
        /// Every object of the revision.
        pub static ALL: &[&Record] = &[$(&$ident),*];
    };
    (@rule $rule:path) => { Some($rule) };
    (@rule) => { None };
}

records! {
    /// Hints on who something is for and how much it matters.
    ANNOTATIONS = "Annotations" [
        optional("audience", List(&ROLE)),
        optional("priority", Priority),
        optional("lastModified", Formatted(Timestamp)),
    ];
    /// A text block.
    TEXT_CONTENT = "TextContent" [required("type", Word(&["text"])), required("text", Text), ANNOTATED, META];
    /// An image block.
    IMAGE_CONTENT = "ImageContent" [
        required("type", Word(&["image"])),
        required("data", Formatted(Base64)),
        required("mimeType", Formatted(MediaType)),
        ANNOTATED,
        META,
    ];
    /// An audio block.
    AUDIO_CONTENT = "AudioContent" [
        required("type", Word(&["audio"])),
        required("data", Formatted(Base64)),
        required("mimeType", Formatted(MediaType)),
        ANNOTATED,
        META,
    ];
    /// A block that points to a resource.
    RESOURCE_LINK = "ResourceLink" [
        required("type", Word(&["resource_link"])),
        URI, NAME, TITLE, DESCRIPTION, MIME_TYPE, ANNOTATED, optional("size", Integer), META,
    ];
    /// A block that carries a resource's contents.
    EMBEDDED_RESOURCE = "EmbeddedResource" [
        required("type", Word(&["resource"])),
        required("resource", Contents),
        ANNOTATED,
        META,
    ];
    /// The members that all contents of resources have.
    RESOURCE_CONTENTS = "ResourceContents" [URI, MIME_TYPE, META] with contents_rule;
    /// Contents that are text.
    TEXT_RESOURCE_CONTENTS = "TextResourceContents" [URI, MIME_TYPE, required("text", Text), META] with contents_rule;
    /// Contents that are binary.
    BLOB_RESOURCE_CONTENTS = "BlobResourceContents" [URI, MIME_TYPE, required("blob", Formatted(Base64)), META]
        with contents_rule;

    /// Name and version of an implementation.
    IMPLEMENTATION = "Implementation" [NAME, TITLE, required("version", Text)];
    /// The capabilities of a client.
    CLIENT_CAPABILITIES = "ClientCapabilities" [
        optional("experimental", Shape::Map(&Object)),
        optional("roots", Shape::Record(&ROOTS_CAPABILITY)),
        optional("sampling", Object),
        optional("elicitation", Object),
    ];
    /// Detail of the roots capability.
    ROOTS_CAPABILITY = "ClientCapabilities.roots" [optional("listChanged", Boolean)];
    /// The capabilities of a server.
    SERVER_CAPABILITIES = "ServerCapabilities" [
        optional("experimental", Shape::Map(&Object)),
        optional("logging", Object),
        optional("completions", Object),
        optional("prompts", Shape::Record(&PROMPTS_CAPABILITY)),
        optional("resources", Shape::Record(&RESOURCES_CAPABILITY)),
        optional("tools", Shape::Record(&TOOLS_CAPABILITY)),
    ];
    /// Detail of the prompts capability.
    PROMPTS_CAPABILITY = "ServerCapabilities.prompts" [optional("listChanged", Boolean)];
    /// Detail of the resources capability.
    RESOURCES_CAPABILITY = "ServerCapabilities.resources" [
        optional("subscribe", Boolean),
        optional("listChanged", Boolean),
    ];
    /// Detail of the tools capability.
    TOOLS_CAPABILITY = "ServerCapabilities.tools" [optional("listChanged", Boolean)];

    /// Parameters of `initialize`.
    INITIALIZE_PARAMS = "InitializeRequest.params" [
        required("protocolVersion", Text),
        required("capabilities", Shape::Record(&CLIENT_CAPABILITIES)),
        required("clientInfo", Shape::Record(&IMPLEMENTATION)),
    ];
    /// Result of `initialize`.
    INITIALIZE_RESULT = "InitializeResult" [
        required("protocolVersion", Text),
        required("capabilities", Shape::Record(&SERVER_CAPABILITIES)),
        required("serverInfo", Shape::Record(&IMPLEMENTATION)),
        optional("instructions", Text),
        META,
    ];

    /// The request's `_meta`, which every method allows.
    REQUEST_META = "Request.params._meta" [optional("progressToken", Identifier)];
    /// Parameters of methods and notifications that define none of their own.
    BARE_PARAMS = "Request.params" [];
    /// A result without data.
    EMPTY_RESULT = "EmptyResult" [META] with empty_rule;

    /// Parameters of the four list methods.
    PAGINATED_PARAMS = "PaginatedRequest.params" [CURSOR];
    /// Result of `tools/list`.
    LIST_TOOLS_RESULT = "ListToolsResult" [required("tools", List(&Shape::Record(&TOOL))), NEXT_CURSOR, META];
    /// Result of `resources/list`.
    LIST_RESOURCES_RESULT = "ListResourcesResult" [
        required("resources", List(&Shape::Record(&RESOURCE))), NEXT_CURSOR, META,
    ];
    /// Result of `resources/templates/list`.
    LIST_RESOURCE_TEMPLATES_RESULT = "ListResourceTemplatesResult" [
        required("resourceTemplates", List(&Shape::Record(&RESOURCE_TEMPLATE))), NEXT_CURSOR, META,
    ];
    /// Result of `prompts/list`.
    LIST_PROMPTS_RESULT = "ListPromptsResult" [required("prompts", List(&Shape::Record(&PROMPT))), NEXT_CURSOR, META];

    /// A tool.
    TOOL = "Tool" [
        NAME, TITLE, DESCRIPTION,
        required("inputSchema", Shape::Record(&INPUT_SCHEMA)),
        optional("outputSchema", Shape::Record(&OUTPUT_SCHEMA)),
        optional("annotations", Shape::Record(&TOOL_ANNOTATIONS)),
        META,
    ];
    /// The schema of a tool's arguments.
    INPUT_SCHEMA = "Tool.inputSchema" [
        required("type", Word(&["object"])),
        optional("properties", Shape::Map(&Object)),
        optional("required", TEXTS),
    ];
    /// The schema of a tool's structured content.
    OUTPUT_SCHEMA = "Tool.outputSchema" [
        required("type", Word(&["object"])),
        optional("properties", Shape::Map(&Object)),
        optional("required", TEXTS),
    ];
    /// Hints on what a tool does.
    TOOL_ANNOTATIONS = "ToolAnnotations" [
        TITLE,
        optional("readOnlyHint", Boolean),
        optional("destructiveHint", Boolean),
        optional("idempotentHint", Boolean),
        optional("openWorldHint", Boolean),
    ];
    /// Parameters of `tools/call`.
    CALL_TOOL_PARAMS = "CallToolRequest.params" [NAME, optional("arguments", Object)];
    /// Result of `tools/call`.
    CALL_TOOL_RESULT = "CallToolResult" [
        required("content", List(&CONTENT_BLOCK)),
        optional("structuredContent", Object),
        optional("isError", Boolean),
        META,
    ];

    /// A resource.
    RESOURCE = "Resource" [
        URI, NAME, TITLE, DESCRIPTION, MIME_TYPE, ANNOTATED, optional("size", Integer), META,
    ];
    /// A family of resources.
    RESOURCE_TEMPLATE = "ResourceTemplate" [
        required("uriTemplate", Formatted(UriTemplate)),
        NAME, TITLE, DESCRIPTION, MIME_TYPE, ANNOTATED, META,
    ];
    /// Parameters of `resources/read`.
    READ_RESOURCE_PARAMS = "ReadResourceRequest.params" [URI];
    /// Result of `resources/read`.
    READ_RESOURCE_RESULT = "ReadResourceResult" [required("contents", List(&Contents)), META];
    /// Parameters of `resources/subscribe`.
    SUBSCRIBE_PARAMS = "SubscribeRequest.params" [URI];
    /// Parameters of `resources/unsubscribe`.
    UNSUBSCRIBE_PARAMS = "UnsubscribeRequest.params" [URI];
    /// Parameters of `notifications/resources/updated`.
    RESOURCE_UPDATED_PARAMS = "ResourceUpdatedNotification.params" [URI];

    /// A prompt.
    PROMPT = "Prompt" [
        NAME, TITLE, DESCRIPTION,
        optional("arguments", List(&Shape::Record(&PROMPT_ARGUMENT))),
        META,
    ];
    /// An argument of a prompt.
    PROMPT_ARGUMENT = "PromptArgument" [NAME, TITLE, DESCRIPTION, optional("required", Boolean)];
    /// Parameters of `prompts/get`.
    GET_PROMPT_PARAMS = "GetPromptRequest.params" [NAME, optional("arguments", Shape::Map(&Text))];
    /// Result of `prompts/get`.
    GET_PROMPT_RESULT = "GetPromptResult" [
        DESCRIPTION,
        required("messages", List(&Shape::Record(&PROMPT_MESSAGE))),
        META,
    ];
    /// A message of a prompt.
    PROMPT_MESSAGE = "PromptMessage" [required("role", ROLE), required("content", CONTENT_BLOCK)];

    /// Parameters of `completion/complete`.
    COMPLETE_PARAMS = "CompleteRequest.params" [
        required("ref", REFERENCE),
        required("argument", Shape::Record(&COMPLETE_ARGUMENT)),
        optional("context", Shape::Record(&COMPLETE_CONTEXT)),
    ];
    /// The argument to complete.
    COMPLETE_ARGUMENT = "CompleteRequest.params.argument" [NAME, required("value", Text)];
    /// The values that are already known.
    COMPLETE_CONTEXT = "CompleteRequest.params.context" [optional("arguments", Shape::Map(&Text))];
    /// Reference to a prompt.
    PROMPT_REFERENCE = "PromptReference" [required("type", Word(&["ref/prompt"])), NAME, TITLE];
    /// Reference to a resource or a template.
    RESOURCE_TEMPLATE_REFERENCE = "ResourceTemplateReference" [
        required("type", Word(&["ref/resource"])),
        required("uri", Formatted(UriTemplate)),
    ];
    /// Result of `completion/complete`.
    COMPLETE_RESULT = "CompleteResult" [required("completion", Shape::Record(&COMPLETION)), META];
    /// The completions.
    COMPLETION = "CompleteResult.completion" [
        required("values", Bounded(&Text, COMPLETION_LIMIT)),
        optional("total", Integer),
        optional("hasMore", Boolean),
    ] with completion_rule;

    /// Parameters of `logging/setLevel`.
    SET_LEVEL_PARAMS = "SetLevelRequest.params" [required("level", LEVEL)];
    /// Parameters of `notifications/message`.
    LOGGING_MESSAGE_PARAMS = "LoggingMessageNotification.params" [
        required("level", LEVEL),
        optional("logger", Text),
        required("data", Any),
    ];

    /// Parameters of `notifications/progress`.
    PROGRESS_PARAMS = "ProgressNotification.params" [
        required("progressToken", Identifier),
        required("progress", Number),
        optional("total", Number),
        optional("message", Text),
    ];
    /// Parameters of `notifications/cancelled`.
    CANCELLED_PARAMS = "CancelledNotification.params" [required("requestId", Identifier), optional("reason", Text)];

    /// Parameters of `sampling/createMessage`.
    CREATE_MESSAGE_PARAMS = "CreateMessageRequest.params" [
        required("messages", List(&Shape::Record(&SAMPLING_MESSAGE))),
        required("maxTokens", Number),
        optional("modelPreferences", Shape::Record(&MODEL_PREFERENCES)),
        optional("systemPrompt", Text),
        optional("includeContext", Word(&["none", "thisServer", "allServers"])),
        optional("temperature", Number),
        optional("stopSequences", TEXTS),
        optional("metadata", Object),
    ];
    /// A message to sample from.
    SAMPLING_MESSAGE = "SamplingMessage" [required("role", ROLE), required("content", SAMPLING_CONTENT)];
    /// Preferences for the model.
    MODEL_PREFERENCES = "ModelPreferences" [
        optional("hints", List(&Shape::Record(&MODEL_HINT))),
        optional("costPriority", Priority),
        optional("speedPriority", Priority),
        optional("intelligencePriority", Priority),
    ];
    /// Part of a model's name.
    MODEL_HINT = "ModelHint" [optional("name", Text)];
    /// Result of `sampling/createMessage`.
    CREATE_MESSAGE_RESULT = "CreateMessageResult" [
        required("role", ROLE),
        required("content", SAMPLING_CONTENT),
        required("model", Text),
        optional("stopReason", Text),
        META,
    ];

    /// Result of `roots/list`.
    LIST_ROOTS_RESULT = "ListRootsResult" [required("roots", List(&Shape::Record(&ROOT))), META];
    /// A root.
    ROOT = "Root" [URI, optional("name", Text), META];

    /// Parameters of `elicitation/create`.
    ELICIT_PARAMS = "ElicitRequest.params" [
        required("message", Text),
        required("requestedSchema", Shape::Record(&REQUESTED_SCHEMA)),
    ];
    /// The form that elicitation asks for.
    REQUESTED_SCHEMA = "ElicitRequest.params.requestedSchema" [
        required("type", Word(&["object"])),
        required("properties", Shape::Map(&FormField)),
        optional("required", TEXTS),
    ] with form_rule;
    /// A text field.
    STRING_SCHEMA = "StringSchema" [
        required("type", Word(&["string"])),
        TITLE, DESCRIPTION,
        optional("minLength", Integer),
        optional("maxLength", Integer),
        optional("format", Word(&["email", "uri", "date", "date-time"])),
    ];
    /// A number field.
    NUMBER_SCHEMA = "NumberSchema" [
        required("type", Word(&["number", "integer"])),
        TITLE, DESCRIPTION,
        optional("minimum", Number),
        optional("maximum", Number),
    ];
    /// A yes-or-no field.
    BOOLEAN_SCHEMA = "BooleanSchema" [
        required("type", Word(&["boolean"])),
        TITLE, DESCRIPTION,
        optional("default", Boolean),
    ];
    /// A field with a choice.
    ENUM_SCHEMA = "EnumSchema" [
        required("type", Word(&["string"])),
        TITLE, DESCRIPTION,
        required("enum", TEXTS),
        optional("enumNames", TEXTS),
    ] with enumeration_rule;
    /// Result of `elicitation/create`.
    ELICIT_RESULT = "ElicitResult" [
        required("action", Word(&["accept", "decline", "cancel"])),
        optional("content", Shape::Map(&FormAnswer)),
        META,
    ];
}

fn breach(rule: Rule, member: &'static str, text: String) -> Option<Breach> {
    Some(Breach { rule, member, text })
}

/// Annotations belong to the block or the listed resource, not to its contents.
fn contents_rule(members: &Map<String, Value>) -> Option<Breach> {
    members.get("annotations")?;
    breach(
        Rule::Placement,
        "annotations",
        "is not allowed in the contents of a resource".to_owned(),
    )
}

fn empty_rule(members: &Map<String, Value>) -> Option<Breach> {
    let name = members.keys().find(|name| *name != "_meta")?;
    breach(
        Rule::NotEmpty,
        "",
        format!("has the member `{name}`, expected an empty object"),
    )
}

/// `total` counts all values and is never smaller than the number of those given.
fn completion_rule(members: &Map<String, Value>) -> Option<Breach> {
    let given = members.get("values")?.as_array()?.len() as u64;
    let total = members.get("total")?.as_u64()?;
    let more = members.get("hasMore").and_then(Value::as_bool);
    if total < given {
        return breach(
            Rule::Count,
            "total",
            format!("is {total}, but {given} values are given"),
        );
    }
    (total > given && more == Some(false)).then_some(())?;
    breach(
        Rule::Count,
        "hasMore",
        format!("is false, but {given} of {total} values are given"),
    )
}

fn form_rule(members: &Map<String, Value>) -> Option<Breach> {
    let fields = members.get("properties")?.as_object()?;
    let wanted = members.get("required")?.as_array()?;
    let unknown = wanted
        .iter()
        .filter_map(Value::as_str)
        .find(|name| !fields.contains_key(*name))?;
    breach(
        Rule::UnknownRequired,
        "required",
        format!("requires `{unknown}`, which is not a property"),
    )
}

fn enumeration_rule(members: &Map<String, Value>) -> Option<Breach> {
    let words = members.get("enum")?.as_array()?;
    let names = members.get("enumNames")?.as_array()?;
    if words.len() == names.len() {
        return None;
    }
    breach(
        Rule::Enumeration,
        "enumNames",
        format!("has {} names for {} values", names.len(), words.len()),
    )
}
