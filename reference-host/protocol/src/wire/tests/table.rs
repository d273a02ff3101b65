//! Every type of the mapping, with the place of its definition in MCP's schema, its required
//! members, and an example that has each member.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use super::generate::Generate;
use crate::json::Fault;
use crate::wire::{FromJson, Keyword, Record, ToJson, from_json, to_json};
use wasi_mcp_types::capabilities::{
    ClientCapabilities, PromptsCapability, ResourcesCapability, RootsCapability,
    ServerCapabilities, ToolsCapability,
};
use wasi_mcp_types::content::{
    Annotations, AudioContent, BlobResourceContents, BooleanSchema, CallToolParams, CallToolResult,
    CompleteArgument, CompleteParams, CompleteResult, CompletionReference, ContentBlock,
    CreateMessageParams, CreateMessageResult, ElicitAction, ElicitParams, ElicitResult,
    ElicitValue, EmbeddedResource, EnumSchema, GetPromptParams, GetPromptResult, ImageContent,
    IncludeContext, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListRootsResult, ListToolsResult, ModelHint, ModelPreferences, NumberSchema, NumberType,
    PrimitiveSchema, Progress, Prompt, PromptArgument, PromptMessage, PromptReference,
    ReadResourceParams, ReadResourceResult, RequestedSchema, Resource, ResourceContents,
    ResourceLink, ResourceTemplate, Root, SamplingContent, SamplingMessage, StringFormat,
    StringSchema, TextContent, TextResourceContents, Tool, ToolAnnotations,
};
use wasi_mcp_types::types::{Error, Implementation, LogLevel, Role};

/// One type.
pub(super) struct Entry {
    /// Its name in WIT.
    pub(super) wit: &'static str,
    /// The place in the schema that defines it, below `definitions`.
    pub(super) definition: &'static str,
    /// The members that an object must have.
    pub(super) required: &'static [&'static str],
    /// JSON text in the form in which it is written, with every member.
    pub(super) example: &'static str,
    /// The members that the mapping names; empty unless the type is a record.
    pub(super) members: &'static [&'static str],
    /// The keywords; empty unless the type is an enumeration.
    pub(super) words: Vec<&'static str>,
    /// Reads a value and writes it again.
    pub(super) rewrite: fn(&[u8]) -> Result<Vec<u8>, Fault>,
    /// Returns the JSON of a generated value.
    pub(super) made_up: fn(&mut TestRunner) -> Vec<u8>,
    /// Writes generated values and reads them again.
    pub(super) round_trip: fn(),
}

trait Mapped:
    ToJson + FromJson + Generate + crate::wire::codec::Codec<Value = Self> + PartialEq + std::fmt::Debug
{
}

impl<T> Mapped for T where
    T: ToJson
        + FromJson
        + Generate
        + crate::wire::codec::Codec<Value = T>
        + PartialEq
        + std::fmt::Debug
{
}

fn entry<T: Mapped>(wit: &'static str, definition: &'static str, example: &'static str) -> Entry {
    Entry {
        wit,
        definition,
        required: &[],
        example,
        members: &[],
        words: Vec::new(),
        rewrite: |json| to_json(&from_json::<T>(json)?),
        made_up: |runner| {
            let tree = T::strategy()
                .new_tree(runner)
                .expect("the strategies reject nothing");
            to_json(&tree.current()).expect("made-up values follow the rules")
        },
        round_trip: super::round_trip::check::<T>,
    }
}

fn record<T: Mapped + Record>(
    wit: &'static str,
    definition: &'static str,
    required: &'static [&'static str],
    example: &'static str,
) -> Entry {
    Entry {
        required,
        members: T::MEMBERS,
        ..entry::<T>(wit, definition, example)
    }
}

fn keyword<T: Mapped + Keyword>(
    wit: &'static str,
    definition: &'static str,
    example: &'static str,
) -> Entry {
    Entry {
        words: T::ALL.iter().map(|case| case.word()).collect(),
        ..entry::<T>(wit, definition, example)
    }
}

pub(super) fn entries() -> Vec<Entry> {
    [types(), capabilities(), blocks(), server(), client()]
        .into_iter()
        .flatten()
        .collect()
}

fn types() -> Vec<Entry> {
    vec![
        keyword::<Role>("role", "Role", r#""assistant""#),
        keyword::<LogLevel>("log-level", "LoggingLevel", r#""emergency""#),
        record::<Implementation>(
            "implementation",
            "Implementation",
            &["name", "version"],
            r#"{"name":"n","title":"t","version":"1.0","x":[1.0,1e400]}"#,
        ),
        record::<Error>(
            "error",
            "JSONRPCError/properties/error",
            &["code", "message"],
            r#"{"code":-32002,"message":"m","data":{"uri":"a:b","n":-0}}"#,
        ),
    ]
}

fn capabilities() -> Vec<Entry> {
    vec![
        record::<RootsCapability>(
            "roots-capability",
            "ClientCapabilities/properties/roots",
            &[],
            r#"{"listChanged":true}"#,
        ),
        record::<PromptsCapability>(
            "prompts-capability",
            "ServerCapabilities/properties/prompts",
            &[],
            r#"{"listChanged":false}"#,
        ),
        record::<ToolsCapability>(
            "tools-capability",
            "ServerCapabilities/properties/tools",
            &[],
            r#"{"listChanged":true}"#,
        ),
        record::<ResourcesCapability>(
            "resources-capability",
            "ServerCapabilities/properties/resources",
            &[],
            r#"{"subscribe":true,"listChanged":false}"#,
        ),
        record::<ClientCapabilities>(
            "client-capabilities",
            "ClientCapabilities",
            &[],
            r#"{"experimental":{"b":{"n":1.0},"a":{}},"roots":{"listChanged":true},"sampling":{},"elicitation":{"form":{}},"tasks":{"list":{}}}"#,
        ),
        record::<ServerCapabilities>(
            "server-capabilities",
            "ServerCapabilities",
            &[],
            r#"{"experimental":{},"completions":{"x":1},"prompts":{},"resources":{"subscribe":true},"tools":{"listChanged":true},"logging":{}}"#,
        ),
    ]
}

fn blocks() -> Vec<Entry> {
    vec![
        record::<Annotations>(
            "annotations",
            "Annotations",
            &[],
            r#"{"audience":["user","assistant"],"priority":0.5,"lastModified":"2025-01-12T15:00:58Z"}"#,
        ),
        record::<TextContent>(
            "text-content",
            "TextContent",
            &["type", "text"],
            r#"{"type":"text","text":"\"\\\n\u0000é😀","annotations":{"priority":1},"_meta":{"n":1.0},"x":null}"#,
        ),
        record::<ImageContent>(
            "image-content",
            "ImageContent",
            &["type", "data", "mimeType"],
            r#"{"type":"image","data":"+/8=","mimeType":"image/png","annotations":{},"_meta":{},"x":0}"#,
        ),
        record::<AudioContent>(
            "audio-content",
            "AudioContent",
            &["type", "data", "mimeType"],
            r#"{"type":"audio","data":"","mimeType":"audio/wav","annotations":{"audience":[]},"_meta":{},"x":0}"#,
        ),
        record::<ResourceLink>(
            "resource-link",
            "ResourceLink",
            &["type", "uri", "name"],
            r#"{"type":"resource_link","uri":"a:b","name":"n","title":"t","description":"d","mimeType":"text/plain","size":9007199254740992,"annotations":{"priority":0},"_meta":{},"x":0}"#,
        ),
        record::<TextResourceContents>(
            "text-resource-contents",
            "TextResourceContents",
            &["uri", "text"],
            r#"{"uri":"a:b","mimeType":"text/plain","text":"","_meta":{},"x":0}"#,
        ),
        record::<BlobResourceContents>(
            "blob-resource-contents",
            "BlobResourceContents",
            &["uri", "blob"],
            r#"{"uri":"a:b","mimeType":"a/b","blob":"AAE=","_meta":{},"x":0}"#,
        ),
        entry::<ResourceContents>(
            "resource-contents",
            "ReadResourceResult/properties/contents/items",
            r#"{"uri":"a:b","blob":"AA=="}"#,
        ),
        record::<EmbeddedResource>(
            "embedded-resource",
            "EmbeddedResource",
            &["type", "resource"],
            r#"{"type":"resource","resource":{"uri":"a:b","text":"t"},"annotations":{},"_meta":{},"x":0}"#,
        ),
        entry::<ContentBlock>(
            "content-block",
            "ContentBlock",
            r#"{"type":"resource_link","uri":"a:b","name":"n"}"#,
        ),
    ]
}

fn server() -> Vec<Entry> {
    vec![
        record::<ToolAnnotations>(
            "tool-annotations",
            "ToolAnnotations",
            &[],
            r#"{"title":"t","readOnlyHint":true,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false}"#,
        ),
        record::<Tool>(
            "tool",
            "Tool",
            &["name", "inputSchema"],
            r#"{"name":"n","title":"t","description":"d","inputSchema":{"type":"object","maximum":1.0},"outputSchema":{"type":"object"},"annotations":{"title":"a"},"_meta":{},"icons":[]}"#,
        ),
        record::<Resource>(
            "resource",
            "Resource",
            &["uri", "name"],
            r#"{"uri":"a:b","name":"n","title":"t","description":"d","mimeType":"a/b","size":0,"annotations":{"lastModified":""},"_meta":{},"x":0}"#,
        ),
        record::<ResourceTemplate>(
            "resource-template",
            "ResourceTemplate",
            &["uriTemplate", "name"],
            r#"{"uriTemplate":"a:{b}","name":"n","title":"t","description":"d","mimeType":"a/b","annotations":{},"_meta":{},"x":0}"#,
        ),
        record::<PromptArgument>(
            "prompt-argument",
            "PromptArgument",
            &["name"],
            r#"{"name":"n","title":"t","description":"d","required":true,"x":0}"#,
        ),
        record::<Prompt>(
            "prompt",
            "Prompt",
            &["name"],
            r#"{"name":"n","title":"t","description":"d","arguments":[{"name":"a"}],"_meta":{},"x":0}"#,
        ),
        record::<CallToolParams>(
            "call-tool-params",
            "CallToolRequest/properties/params",
            &["name"],
            r#"{"name":"n","arguments":{"a":1.0,"b":12345678901234567890},"task":{"ttl":6e4}}"#,
        ),
        record::<CallToolResult>(
            "call-tool-result",
            "CallToolResult",
            &["content"],
            r#"{"content":[{"type":"text","text":"t"}],"structuredContent":{"n":-0},"isError":true,"_meta":{},"x":0}"#,
        ),
        record::<ReadResourceParams>(
            "read-resource-params",
            "ReadResourceRequest/properties/params",
            &["uri"],
            r#"{"uri":"a:b","x":0}"#,
        ),
        record::<ReadResourceResult>(
            "read-resource-result",
            "ReadResourceResult",
            &["contents"],
            r#"{"contents":[{"uri":"a:b","text":"t"},{"uri":"a:b","blob":""}],"_meta":{},"x":0}"#,
        ),
        record::<GetPromptParams>(
            "get-prompt-params",
            "GetPromptRequest/properties/params",
            &["name"],
            r#"{"name":"n","arguments":{"z":"1","a":""},"x":0}"#,
        ),
        record::<PromptMessage>(
            "prompt-message",
            "PromptMessage",
            &["role", "content"],
            r#"{"role":"user","content":{"type":"resource","resource":{"uri":"a:b","text":"t"}}}"#,
        ),
        record::<GetPromptResult>(
            "get-prompt-result",
            "GetPromptResult",
            &["messages"],
            r#"{"description":"d","messages":[],"_meta":{},"x":0}"#,
        ),
        record::<PromptReference>(
            "prompt-reference",
            "PromptReference",
            &["type", "name"],
            r#"{"type":"ref/prompt","name":"n","title":"t"}"#,
        ),
        entry::<CompletionReference>(
            "completion-reference",
            "CompleteRequest/properties/params/properties/ref",
            r#"{"type":"ref/resource","uri":"a:{b}"}"#,
        ),
        record::<CompleteArgument>(
            "complete-argument",
            "CompleteRequest/properties/params/properties/argument",
            &["name", "value"],
            r#"{"name":"n","value":""}"#,
        ),
        record::<CompleteParams>(
            "complete-params",
            "CompleteRequest/properties/params",
            &["ref", "argument"],
            r#"{"ref":{"type":"ref/prompt","name":"n"},"argument":{"name":"a","value":"v"},"context":{"arguments":{"b":"c"}},"x":0}"#,
        ),
        record::<CompleteResult>(
            "complete-result",
            "CompleteResult",
            &["completion"],
            r#"{"completion":{"values":["a"],"total":4294967295,"hasMore":false},"_meta":{},"x":0}"#,
        ),
        record::<ListToolsResult>(
            "list-tools-result",
            "ListToolsResult",
            &["tools"],
            r#"{"tools":[{"name":"n","inputSchema":{"type":"object"}}],"nextCursor":"","_meta":{},"x":0}"#,
        ),
        record::<ListResourcesResult>(
            "list-resources-result",
            "ListResourcesResult",
            &["resources"],
            r#"{"resources":[],"nextCursor":"c","_meta":{},"x":0}"#,
        ),
        record::<ListResourceTemplatesResult>(
            "list-resource-templates-result",
            "ListResourceTemplatesResult",
            &["resourceTemplates"],
            r#"{"resourceTemplates":[],"nextCursor":"c","_meta":{},"x":0}"#,
        ),
        record::<ListPromptsResult>(
            "list-prompts-result",
            "ListPromptsResult",
            &["prompts"],
            r#"{"prompts":[],"nextCursor":"c","_meta":{},"x":0}"#,
        ),
    ]
}

fn client() -> Vec<Entry> {
    vec![
        entry::<SamplingContent>(
            "sampling-content",
            "SamplingMessage/properties/content",
            r#"{"type":"audio","data":"AA==","mimeType":"a/b"}"#,
        ),
        record::<SamplingMessage>(
            "sampling-message",
            "SamplingMessage",
            &["role", "content"],
            r#"{"role":"user","content":{"type":"text","text":"t"}}"#,
        ),
        record::<ModelHint>("model-hint", "ModelHint", &[], r#"{"name":"n"}"#),
        record::<ModelPreferences>(
            "model-preferences",
            "ModelPreferences",
            &[],
            r#"{"hints":[{},{"name":"n"}],"costPriority":0,"speedPriority":0.25,"intelligencePriority":1}"#,
        ),
        keyword::<IncludeContext>(
            "include-context",
            "CreateMessageRequest/properties/params/properties/includeContext",
            r#""thisServer""#,
        ),
        record::<CreateMessageParams>(
            "create-message-params",
            "CreateMessageRequest/properties/params",
            &["messages", "maxTokens"],
            r#"{"messages":[],"maxTokens":1,"modelPreferences":{},"systemPrompt":"s","includeContext":"none","temperature":0.1,"stopSequences":["s"],"metadata":{"n":1.0},"_meta":{},"tools":[]}"#,
        ),
        record::<CreateMessageResult>(
            "create-message-result",
            "CreateMessageResult",
            &["role", "content", "model"],
            r#"{"role":"assistant","content":{"type":"text","text":"t"},"model":"m","stopReason":"endTurn","_meta":{},"x":0}"#,
        ),
        keyword::<StringFormat>(
            "string-format",
            "StringSchema/properties/format",
            r#""date-time""#,
        ),
        record::<StringSchema>(
            "string-schema",
            "StringSchema",
            &["type"],
            r#"{"type":"string","title":"t","description":"d","minLength":0,"maxLength":4294967295,"format":"uri","default":"x"}"#,
        ),
        keyword::<NumberType>(
            "number-type",
            "NumberSchema/properties/type",
            r#""integer""#,
        ),
        record::<NumberSchema>(
            "number-schema",
            "NumberSchema",
            &["type"],
            r#"{"type":"number","title":"t","description":"d","minimum":-1.5,"maximum":100000.5,"default":1.0}"#,
        ),
        record::<BooleanSchema>(
            "boolean-schema",
            "BooleanSchema",
            &["type"],
            r#"{"type":"boolean","title":"t","description":"d","default":false,"x":0}"#,
        ),
        record::<EnumSchema>(
            "enum-schema",
            "EnumSchema",
            &["type", "enum"],
            r#"{"type":"string","title":"t","description":"d","enum":["a","b"],"enumNames":["A"],"default":"a"}"#,
        ),
        entry::<PrimitiveSchema>(
            "primitive-schema",
            "PrimitiveSchemaDefinition",
            r#"{"type":"string","enum":[]}"#,
        ),
        record::<RequestedSchema>(
            "requested-schema",
            "ElicitRequest/properties/params/properties/requestedSchema",
            &["type", "properties"],
            r#"{"type":"object","properties":{"z":{"type":"integer"},"a":{"type":"string"}},"required":["z"],"x":0}"#,
        ),
        record::<ElicitParams>(
            "elicit-params",
            "ElicitRequest/properties/params",
            &["message", "requestedSchema"],
            r#"{"message":"m","requestedSchema":{"type":"object","properties":{}},"_meta":{},"x":0}"#,
        ),
        keyword::<ElicitAction>(
            "elicit-action",
            "ElicitResult/properties/action",
            r#""decline""#,
        ),
        entry::<ElicitValue>(
            "elicit-value",
            "ElicitResult/properties/content/additionalProperties",
            r#""text""#,
        ),
        record::<ElicitResult>(
            "elicit-result",
            "ElicitResult",
            &["action"],
            r#"{"action":"accept","content":{"t":"x","n":-1.5,"w":2,"b":true},"_meta":{},"x":0}"#,
        ),
        record::<Root>(
            "root",
            "Root",
            &["uri"],
            r#"{"uri":"file:///a","name":"n","_meta":{},"x":0}"#,
        ),
        record::<ListRootsResult>(
            "list-roots-result",
            "ListRootsResult",
            &["roots"],
            r#"{"roots":[{"uri":"file:///a"}],"_meta":{},"x":0}"#,
        ),
        record::<Progress>(
            "progress",
            "ProgressNotification/properties/params",
            &["progress"],
            r#"{"progress":0.5,"total":100,"message":"m"}"#,
        ),
    ]
}
