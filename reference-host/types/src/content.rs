// Written by `wasi-mcp-wit types` from the WIT package: change that instead.
//! The contents of MCP's messages: content blocks, tools, resources, prompts, completion, sampling,
//! elicitation, roots, and the parameters and results of their methods.
//!
//! The text of this interface is the same in both variants of the package. The interface `types`
//! defines how a record becomes JSON. A field `meta` is MCP's `_meta`, and a field `extra` holds
//! the members of the object that its record does not name.
//!
//! A guest's value that breaks a MUST of this interface is malformed, and so is a received value
//! that is out of its range; the interface `types` says what a host does then. A host SHOULD write
//! the rule that a guest's result breaks to its own log.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/schema>

#[cfg(feature = "wasmtime")]
use wasmtime::component::{ComponentType, Lift, Lower};

pub use crate::types::{Cursor, Extra, Json, Meta, Role};

/// Hints to the client on how to use or show an item.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#annotations>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Annotations {
    /// The intended audience. An empty list is legal and different from `none`.
    #[cfg_attr(feature = "wasmtime", component(name = "audience"))]
    pub audience: Option<Vec<Role>>,
    /// The importance, from 0 (optional) to 1 (required). MUST be in that range.
    #[cfg_attr(feature = "wasmtime", component(name = "priority"))]
    pub priority: Option<f64>,
    /// The time of the last change: date and time in ISO 8601, such as `2025-01-12T15:00:58Z`.
    #[cfg_attr(feature = "wasmtime", component(name = "last-modified"))]
    pub last_modified: Option<String>,
}

/// Text for a person or a model.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#textcontent>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct TextContent {
    /// The text. It may be empty.
    #[cfg_attr(feature = "wasmtime", component(name = "text"))]
    pub text: String,
    /// Hints for the client.
    #[cfg_attr(feature = "wasmtime", component(name = "annotations"))]
    pub annotations: Option<Annotations>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// An image.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#imagecontent>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ImageContent {
    /// The bytes of the image.
    #[cfg_attr(feature = "wasmtime", component(name = "data"))]
    pub data: Vec<u8>,
    /// The media type, such as `image/png`.
    #[cfg_attr(feature = "wasmtime", component(name = "mime-type"))]
    pub mime_type: String,
    /// Hints for the client.
    #[cfg_attr(feature = "wasmtime", component(name = "annotations"))]
    pub annotations: Option<Annotations>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A piece of audio.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#audiocontent>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct AudioContent {
    /// The bytes of the audio.
    #[cfg_attr(feature = "wasmtime", component(name = "data"))]
    pub data: Vec<u8>,
    /// The media type, such as `audio/wav`.
    #[cfg_attr(feature = "wasmtime", component(name = "mime-type"))]
    pub mime_type: String,
    /// Hints for the client.
    #[cfg_attr(feature = "wasmtime", component(name = "annotations"))]
    pub annotations: Option<Annotations>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A link to a resource that the client may read. It need not be in the server's list.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/tools#resource-links>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ResourceLink {
    /// The URI of the resource.
    #[cfg_attr(feature = "wasmtime", component(name = "uri"))]
    pub uri: String,
    /// The name for programs.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The name for people. Clients show `name` where it is absent.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// A description of the contents.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The media type, where known.
    #[cfg_attr(feature = "wasmtime", component(name = "mime-type"))]
    pub mime_type: Option<String>,
    /// The size of the contents in bytes, before base64. MUST be a whole number from 0 to 2^53.
    #[cfg_attr(feature = "wasmtime", component(name = "size"))]
    pub size: Option<f64>,
    /// Hints for the client.
    #[cfg_attr(feature = "wasmtime", component(name = "annotations"))]
    pub annotations: Option<Annotations>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// Text contents of a resource.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#textresourcecontents>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct TextResourceContents {
    /// The URI of the resource, or of the part of it that this item holds.
    #[cfg_attr(feature = "wasmtime", component(name = "uri"))]
    pub uri: String,
    /// The media type, where known.
    #[cfg_attr(feature = "wasmtime", component(name = "mime-type"))]
    pub mime_type: Option<String>,
    /// The text.
    #[cfg_attr(feature = "wasmtime", component(name = "text"))]
    pub text: String,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// Binary contents of a resource.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#blobresourcecontents>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct BlobResourceContents {
    /// The URI of the resource, or of the part of it that this item holds.
    #[cfg_attr(feature = "wasmtime", component(name = "uri"))]
    pub uri: String,
    /// The media type, where known.
    #[cfg_attr(feature = "wasmtime", component(name = "mime-type"))]
    pub mime_type: Option<String>,
    /// The bytes.
    #[cfg_attr(feature = "wasmtime", component(name = "blob"))]
    pub blob: Vec<u8>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// Contents of a resource. On the wire the member `text` or `blob` selects the case.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#resource-contents>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum ResourceContents {
    /// Text.
    #[cfg_attr(feature = "wasmtime", component(name = "text"))]
    Text(TextResourceContents),
    /// Bytes.
    #[cfg_attr(feature = "wasmtime", component(name = "blob"))]
    Blob(BlobResourceContents),
}

/// The contents of a resource, embedded in a message.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/tools#embedded-resources>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct EmbeddedResource {
    /// The contents. In a prompt they SHOULD have a media type: MCP's page on prompts requires it,
    /// though its schema does not.
    #[cfg_attr(feature = "wasmtime", component(name = "resource"))]
    pub resource: ResourceContents,
    /// Hints for the client.
    #[cfg_attr(feature = "wasmtime", component(name = "annotations"))]
    pub annotations: Option<Annotations>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// One piece of a tool's result or of a prompt's message. The member `type` selects the case.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#contentblock>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum ContentBlock {
    /// `text`.
    #[cfg_attr(feature = "wasmtime", component(name = "text"))]
    Text(TextContent),
    /// `image`.
    #[cfg_attr(feature = "wasmtime", component(name = "image"))]
    Image(ImageContent),
    /// `audio`.
    #[cfg_attr(feature = "wasmtime", component(name = "audio"))]
    Audio(AudioContent),
    /// `resource_link`.
    #[cfg_attr(feature = "wasmtime", component(name = "resource-link"))]
    ResourceLink(ResourceLink),
    /// `resource`.
    #[cfg_attr(feature = "wasmtime", component(name = "embedded-resource"))]
    EmbeddedResource(EmbeddedResource),
    /// Any other `type`: the whole JSON object.
    #[cfg_attr(feature = "wasmtime", component(name = "other"))]
    Other(Json),
}

/// Hints about a tool's behaviour. None is guaranteed, and a client MUST NOT rely on those of a
/// server that it does not trust.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#toolannotations>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ToolAnnotations {
    /// The name for people, used where the tool itself has no title.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// The tool does not modify its environment. `none` means `false`.
    #[cfg_attr(feature = "wasmtime", component(name = "read-only-hint"))]
    pub read_only_hint: Option<bool>,
    /// The tool may perform destructive updates. `none` means `true`. Meaningless for a read-only
    /// tool.
    #[cfg_attr(feature = "wasmtime", component(name = "destructive-hint"))]
    pub destructive_hint: Option<bool>,
    /// A repeated call with the same arguments has no additional effect. `none` means `false`.
    /// Meaningless for a read-only tool.
    #[cfg_attr(feature = "wasmtime", component(name = "idempotent-hint"))]
    pub idempotent_hint: Option<bool>,
    /// The tool interacts with an open world of external entities, such as the web. `none` means
    /// `true`.
    #[cfg_attr(feature = "wasmtime", component(name = "open-world-hint"))]
    pub open_world_hint: Option<bool>,
}

/// A tool that a model can call.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/tools#tool>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Tool {
    /// The name for programs, unique among the server's tools. This revision limits neither its
    /// length nor its characters, and a host MUST NOT limit them either, except by its limits on
    /// the size of items and messages.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The name for people.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// A description of the tool for a model.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The JSON Schema of the arguments. MUST be an object whose `type` is `"object"`, even for a
    /// tool without arguments. `$schema` names its dialect, and the schema MUST be valid in it.
    /// Without `$schema` it is in the 2020-12 dialect, in which `items` is not an array. A host
    /// MUST accept that dialect. It MAY accept others, by their URIs, and MUST refuse a `$schema`
    /// that names none of those. `format` is an annotation: a host MUST NOT refuse a value for it.
    /// References MUST stay within the schema: a host MUST NOT fetch anything for one, and refuses
    /// the schema instead.
    #[cfg_attr(feature = "wasmtime", component(name = "input-schema"))]
    pub input_schema: Json,
    /// The JSON Schema of `structured-content`, under the same rules. A tool that has one MUST
    /// return structured content that fits, unless the call failed.
    #[cfg_attr(feature = "wasmtime", component(name = "output-schema"))]
    pub output_schema: Option<Json>,
    /// Hints about the tool's behaviour.
    #[cfg_attr(feature = "wasmtime", component(name = "annotations"))]
    pub annotations: Option<ToolAnnotations>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A resource that a client can read.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#resource>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Resource {
    /// The URI, unique among the server's resources. MUST conform to RFC 3986, with a scheme.
    #[cfg_attr(feature = "wasmtime", component(name = "uri"))]
    pub uri: String,
    /// The name for programs.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The name for people. Clients show `name` where it is absent.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// A description of the contents for a model.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The media type, where known.
    #[cfg_attr(feature = "wasmtime", component(name = "mime-type"))]
    pub mime_type: Option<String>,
    /// The size of the contents in bytes, before base64. MUST be a whole number from 0 to 2^53.
    #[cfg_attr(feature = "wasmtime", component(name = "size"))]
    pub size: Option<f64>,
    /// Hints for the client.
    #[cfg_attr(feature = "wasmtime", component(name = "annotations"))]
    pub annotations: Option<Annotations>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A set of resources whose URIs match a template.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#resource-templates>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ResourceTemplate {
    /// The template, unique among the server's templates. MUST conform to RFC 6570.
    #[cfg_attr(feature = "wasmtime", component(name = "uri-template"))]
    pub uri_template: String,
    /// The name for programs.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The name for people. Clients show `name` where it is absent.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// A description of the contents for a model.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The media type, where all resources of the template share it.
    #[cfg_attr(feature = "wasmtime", component(name = "mime-type"))]
    pub mime_type: Option<String>,
    /// Hints for the client.
    #[cfg_attr(feature = "wasmtime", component(name = "annotations"))]
    pub annotations: Option<Annotations>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// An argument of a prompt.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#promptargument>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct PromptArgument {
    /// The name for programs, unique among the prompt's arguments.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The name for people. Clients show `name` where it is absent.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// A description of the expected value.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The argument is required. `none` means `false`.
    #[cfg_attr(feature = "wasmtime", component(name = "required"))]
    pub required: Option<bool>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A prompt, or a template of one, that a user can choose.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/prompts#prompt>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Prompt {
    /// The name for programs, unique among the server's prompts.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The name for people. Clients show `name` where it is absent.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// A description of the prompt's purpose.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The arguments of the prompt.
    #[cfg_attr(feature = "wasmtime", component(name = "arguments"))]
    pub arguments: Option<Vec<PromptArgument>>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The parameters of `tools/call`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#calltoolrequest>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct CallToolParams {
    /// The name of the tool.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The arguments: one JSON object. `none` where the client sent none, which validates as `{}`.
    #[cfg_attr(feature = "wasmtime", component(name = "arguments"))]
    pub arguments: Option<Json>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The result of a tool call.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#calltoolresult>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct CallToolResult {
    /// The result for a model. It may be empty.
    #[cfg_attr(feature = "wasmtime", component(name = "content"))]
    pub content: Vec<ContentBlock>,
    /// The result for a program: one JSON object. A tool that returns one SHOULD also return its
    /// text in `content`, for clients that do not support structured content.
    #[cfg_attr(feature = "wasmtime", component(name = "structured-content"))]
    pub structured_content: Option<Json>,
    /// The tool failed, and the content says how. `none` means `false`. Report tool failures here,
    /// so that the model sees them and can correct its call. Report a bad request as an error.
    #[cfg_attr(feature = "wasmtime", component(name = "is-error"))]
    pub is_error: Option<bool>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The parameters of `resources/read`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#readresourcerequest>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ReadResourceParams {
    /// The URI of the resource, of any scheme.
    #[cfg_attr(feature = "wasmtime", component(name = "uri"))]
    pub uri: String,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The contents of a resource: one item, or several where the URI denotes a collection.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#readresourceresult>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ReadResourceResult {
    /// The contents.
    #[cfg_attr(feature = "wasmtime", component(name = "contents"))]
    pub contents: Vec<ResourceContents>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The parameters of `prompts/get`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#getpromptrequest>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct GetPromptParams {
    /// The name of the prompt.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The arguments: names and values.
    #[cfg_attr(feature = "wasmtime", component(name = "arguments"))]
    pub arguments: Option<Vec<(String, String)>>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A message of a prompt.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#promptmessage>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct PromptMessage {
    /// The sender.
    #[cfg_attr(feature = "wasmtime", component(name = "role"))]
    pub role: Role,
    /// The content.
    #[cfg_attr(feature = "wasmtime", component(name = "content"))]
    pub content: ContentBlock,
}

/// A prompt with its arguments filled in.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#getpromptresult>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct GetPromptResult {
    /// A description of the prompt's purpose.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The messages, in order.
    #[cfg_attr(feature = "wasmtime", component(name = "messages"))]
    pub messages: Vec<PromptMessage>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A prompt, by its name.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#promptreference>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct PromptReference {
    /// The name for programs.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The name for people.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
}

/// The prompt or template whose argument is completed. The member `type` selects the case.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/completion>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum CompletionReference {
    /// `ref/prompt`: a prompt.
    #[cfg_attr(feature = "wasmtime", component(name = "prompt"))]
    Prompt(PromptReference),
    /// `ref/resource`: a resource template, or the URI of a resource.
    #[cfg_attr(feature = "wasmtime", component(name = "resource-template"))]
    ResourceTemplate(String),
    /// Any other `type`: the whole JSON object.
    #[cfg_attr(feature = "wasmtime", component(name = "other"))]
    Other(Json),
}

/// An argument that a user is typing.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#completerequest>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct CompleteArgument {
    /// The name of the argument, or of the template's variable.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The text typed so far. It may be empty.
    #[cfg_attr(feature = "wasmtime", component(name = "value"))]
    pub value: String,
}

/// The parameters of `completion/complete`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#completerequest>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct CompleteParams {
    /// The prompt or template that the argument belongs to.
    #[cfg_attr(feature = "wasmtime", component(name = "ref"))]
    pub ref_: CompletionReference,
    /// The argument to complete.
    #[cfg_attr(feature = "wasmtime", component(name = "argument"))]
    pub argument: CompleteArgument,
    /// Arguments whose values are known: names and values. On the wire `context.arguments`; other
    /// members of `context` are dropped.
    #[cfg_attr(feature = "wasmtime", component(name = "context-arguments"))]
    pub context_arguments: Option<Vec<(String, String)>>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// Values for an argument. On the wire `values`, `total` and `has-more` are members of
/// `completion`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#completeresult>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct CompleteResult {
    /// The values, best first. There MUST be at most 100.
    #[cfg_attr(feature = "wasmtime", component(name = "values"))]
    pub values: Vec<String>,
    /// The total number of values, which may exceed those given here.
    #[cfg_attr(feature = "wasmtime", component(name = "total"))]
    pub total: Option<u32>,
    /// More values exist than are given here. Independent of `total`.
    #[cfg_attr(feature = "wasmtime", component(name = "has-more"))]
    pub has_more: Option<bool>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members of the result that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// One page of a list of tools.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#listtoolsresult>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ListToolsResult {
    /// The tools of this page. A page may be empty and still not be the last.
    #[cfg_attr(feature = "wasmtime", component(name = "tools"))]
    pub tools: Vec<Tool>,
    /// The cursor of the next page; `none` on the last.
    #[cfg_attr(feature = "wasmtime", component(name = "next-cursor"))]
    pub next_cursor: Option<Cursor>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// One page of a list of resources.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#listresourcesresult>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ListResourcesResult {
    /// The resources of this page. A page may be empty and still not be the last.
    #[cfg_attr(feature = "wasmtime", component(name = "resources"))]
    pub resources: Vec<Resource>,
    /// The cursor of the next page; `none` on the last.
    #[cfg_attr(feature = "wasmtime", component(name = "next-cursor"))]
    pub next_cursor: Option<Cursor>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// One page of a list of resource templates.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#listresourcetemplatesresult>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ListResourceTemplatesResult {
    /// The templates of this page. A page may be empty and still not be the last.
    #[cfg_attr(feature = "wasmtime", component(name = "resource-templates"))]
    pub resource_templates: Vec<ResourceTemplate>,
    /// The cursor of the next page; `none` on the last.
    #[cfg_attr(feature = "wasmtime", component(name = "next-cursor"))]
    pub next_cursor: Option<Cursor>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// One page of a list of prompts.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#listpromptsresult>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ListPromptsResult {
    /// The prompts of this page. A page may be empty and still not be the last.
    #[cfg_attr(feature = "wasmtime", component(name = "prompts"))]
    pub prompts: Vec<Prompt>,
    /// The cursor of the next page; `none` on the last.
    #[cfg_attr(feature = "wasmtime", component(name = "next-cursor"))]
    pub next_cursor: Option<Cursor>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// Content of a conversation with the client's model. The member `type` selects the case.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/client/sampling#messages>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum SamplingContent {
    /// `text`.
    #[cfg_attr(feature = "wasmtime", component(name = "text"))]
    Text(TextContent),
    /// `image`.
    #[cfg_attr(feature = "wasmtime", component(name = "image"))]
    Image(ImageContent),
    /// `audio`.
    #[cfg_attr(feature = "wasmtime", component(name = "audio"))]
    Audio(AudioContent),
    /// Any other `type`: the whole JSON object.
    #[cfg_attr(feature = "wasmtime", component(name = "other"))]
    Other(Json),
}

/// One message of a conversation with the client's model.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#samplingmessage>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct SamplingMessage {
    /// The sender.
    #[cfg_attr(feature = "wasmtime", component(name = "role"))]
    pub role: Role,
    /// The content.
    #[cfg_attr(feature = "wasmtime", component(name = "content"))]
    pub content: SamplingContent,
}

/// A hint for the choice of a model.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/client/sampling#model-hints>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ModelHint {
    /// A part of a model's name, such as `sonnet`. The client uses the first hint that matches, or
    /// maps it to a similar model.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: Option<String>,
}

/// Priorities for the client's choice of a model. All of them are advisory.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/client/sampling#model-preferences>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ModelPreferences {
    /// Suitable models, best first.
    #[cfg_attr(feature = "wasmtime", component(name = "hints"))]
    pub hints: Option<Vec<ModelHint>>,
    /// The weight of low cost, from 0 to 1. MUST be in that range.
    #[cfg_attr(feature = "wasmtime", component(name = "cost-priority"))]
    pub cost_priority: Option<f64>,
    /// The weight of speed, from 0 to 1. MUST be in that range.
    #[cfg_attr(feature = "wasmtime", component(name = "speed-priority"))]
    pub speed_priority: Option<f64>,
    /// The weight of capability, from 0 to 1. MUST be in that range.
    #[cfg_attr(feature = "wasmtime", component(name = "intelligence-priority"))]
    pub intelligence_priority: Option<f64>,
}

/// The context that the client should give its model besides the messages. The client MAY ignore
/// it.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#createmessagerequest>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum IncludeContext {
    /// No context.
    #[cfg_attr(feature = "wasmtime", component(name = "none"))]
    None,
    /// Context of this server.
    #[cfg_attr(feature = "wasmtime", component(name = "this-server"))]
    ThisServer,
    /// Context of all servers that the client is connected to.
    #[cfg_attr(feature = "wasmtime", component(name = "all-servers"))]
    AllServers,
}

#[cfg(feature = "guest")]
impl IncludeContext {
    /// Returns the case of a discriminant, for generated bindings.
    ///
    /// # Panics
    ///
    /// Where no case has it.
    #[doc(hidden)]
    #[must_use]
    #[expect(
        unsafe_code,
        reason = "generated bindings call it as an unsafe function"
    )]
    pub unsafe fn _lift(discriminant: u8) -> Self {
        match discriminant {
            0 => Self::None,
            1 => Self::ThisServer,
            2 => Self::AllServers,
            _ => panic!("unknown discriminant {discriminant} of IncludeContext"),
        }
    }
}

/// The parameters of `sampling/createMessage`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#createmessagerequest>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct CreateMessageParams {
    /// The conversation so far.
    #[cfg_attr(feature = "wasmtime", component(name = "messages"))]
    pub messages: Vec<SamplingMessage>,
    /// The maximum number of tokens to sample. The client MAY sample fewer.
    #[cfg_attr(feature = "wasmtime", component(name = "max-tokens"))]
    pub max_tokens: u32,
    /// Preferences for the choice of a model.
    #[cfg_attr(feature = "wasmtime", component(name = "model-preferences"))]
    pub model_preferences: Option<ModelPreferences>,
    /// A system prompt. The client MAY change or omit it.
    #[cfg_attr(feature = "wasmtime", component(name = "system-prompt"))]
    pub system_prompt: Option<String>,
    /// Context to give the model.
    #[cfg_attr(feature = "wasmtime", component(name = "include-context"))]
    pub include_context: Option<IncludeContext>,
    /// The sampling temperature. Its range depends on the model.
    #[cfg_attr(feature = "wasmtime", component(name = "temperature"))]
    pub temperature: Option<f64>,
    /// Texts at which the model stops.
    #[cfg_attr(feature = "wasmtime", component(name = "stop-sequences"))]
    pub stop_sequences: Option<Vec<String>>,
    /// Metadata for the provider of the model: one JSON object.
    #[cfg_attr(feature = "wasmtime", component(name = "metadata"))]
    pub metadata: Option<Json>,
    /// `_meta` of the request.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members of the parameters that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The result of `sampling/createMessage`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#createmessageresult>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct CreateMessageResult {
    /// The sender.
    #[cfg_attr(feature = "wasmtime", component(name = "role"))]
    pub role: Role,
    /// The content.
    #[cfg_attr(feature = "wasmtime", component(name = "content"))]
    pub content: SamplingContent,
    /// The name of the model that generated the message.
    #[cfg_attr(feature = "wasmtime", component(name = "model"))]
    pub model: String,
    /// The reason why the model stopped: `endTurn`, `stopSequence`, `maxTokens`, or another text.
    #[cfg_attr(feature = "wasmtime", component(name = "stop-reason"))]
    pub stop_reason: Option<String>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The format of a text field.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#stringschema>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum StringFormat {
    /// An email address.
    #[cfg_attr(feature = "wasmtime", component(name = "email"))]
    Email,
    /// A URI.
    #[cfg_attr(feature = "wasmtime", component(name = "uri"))]
    Uri,
    /// A date, such as `2025-06-18`.
    #[cfg_attr(feature = "wasmtime", component(name = "date"))]
    Date,
    /// Date and time, such as `2025-06-18T12:00:00Z`. On the wire `date-time`.
    #[cfg_attr(feature = "wasmtime", component(name = "date-time"))]
    DateTime,
}

#[cfg(feature = "guest")]
impl StringFormat {
    /// Returns the case of a discriminant, for generated bindings.
    ///
    /// # Panics
    ///
    /// Where no case has it.
    #[doc(hidden)]
    #[must_use]
    #[expect(
        unsafe_code,
        reason = "generated bindings call it as an unsafe function"
    )]
    pub unsafe fn _lift(discriminant: u8) -> Self {
        match discriminant {
            0 => Self::Email,
            1 => Self::Uri,
            2 => Self::Date,
            3 => Self::DateTime,
            _ => panic!("unknown discriminant {discriminant} of StringFormat"),
        }
    }
}

/// A field for text. Its `type` on the wire is `string`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#stringschema>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct StringSchema {
    /// The name for people.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// A description of the expected value.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The minimum number of characters.
    #[cfg_attr(feature = "wasmtime", component(name = "min-length"))]
    pub min_length: Option<u32>,
    /// The maximum number of characters.
    #[cfg_attr(feature = "wasmtime", component(name = "max-length"))]
    pub max_length: Option<u32>,
    /// The format of the text.
    #[cfg_attr(feature = "wasmtime", component(name = "format"))]
    pub format: Option<StringFormat>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The kind of a number field.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#numberschema>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum NumberType {
    /// Any number.
    #[cfg_attr(feature = "wasmtime", component(name = "number"))]
    Number,
    /// A whole number.
    #[cfg_attr(feature = "wasmtime", component(name = "integer"))]
    Integer,
}

#[cfg(feature = "guest")]
impl NumberType {
    /// Returns the case of a discriminant, for generated bindings.
    ///
    /// # Panics
    ///
    /// Where no case has it.
    #[doc(hidden)]
    #[must_use]
    #[expect(
        unsafe_code,
        reason = "generated bindings call it as an unsafe function"
    )]
    pub unsafe fn _lift(discriminant: u8) -> Self {
        match discriminant {
            0 => Self::Number,
            1 => Self::Integer,
            _ => panic!("unknown discriminant {discriminant} of NumberType"),
        }
    }
}

/// A field for a number.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#numberschema>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct NumberSchema {
    /// The kind of number.
    #[cfg_attr(feature = "wasmtime", component(name = "type"))]
    pub type_: NumberType,
    /// The name for people.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// A description of the expected value.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The minimum value.
    #[cfg_attr(feature = "wasmtime", component(name = "minimum"))]
    pub minimum: Option<f64>,
    /// The maximum value.
    #[cfg_attr(feature = "wasmtime", component(name = "maximum"))]
    pub maximum: Option<f64>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A field for yes or no. Its `type` on the wire is `boolean`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#booleanschema>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct BooleanSchema {
    /// The name for people.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// A description of the expected value.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The value preset in the form.
    #[cfg_attr(feature = "wasmtime", component(name = "default"))]
    pub default: Option<bool>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A field for one of several options. Its `type` on the wire is `string`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#enumschema>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct EnumSchema {
    /// The name for people.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// A description of the expected value.
    #[cfg_attr(feature = "wasmtime", component(name = "description"))]
    pub description: Option<String>,
    /// The options.
    #[cfg_attr(feature = "wasmtime", component(name = "enum"))]
    pub enum_: Vec<String>,
    /// The display name of each option, in the same order.
    #[cfg_attr(feature = "wasmtime", component(name = "enum-names"))]
    pub enum_names: Option<Vec<String>>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A field of a form. On the wire the member `type` selects the case; `enum` distinguishes an
/// enumeration from text.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#primitiveschemadefinition>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum PrimitiveSchema {
    /// Text.
    #[cfg_attr(feature = "wasmtime", component(name = "text"))]
    Text(StringSchema),
    /// A number.
    #[cfg_attr(feature = "wasmtime", component(name = "number"))]
    Number(NumberSchema),
    /// Yes or no.
    #[cfg_attr(feature = "wasmtime", component(name = "boolean"))]
    Boolean(BooleanSchema),
    /// One of several options.
    #[cfg_attr(feature = "wasmtime", component(name = "enumeration"))]
    Enumeration(EnumSchema),
    /// Any other `type`, or none: the whole JSON object.
    #[cfg_attr(feature = "wasmtime", component(name = "other"))]
    Other(Json),
}

/// A flat form. Its `type` on the wire is `object`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation#request-schema>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct RequestedSchema {
    /// The fields by name. Their order is kept.
    #[cfg_attr(feature = "wasmtime", component(name = "properties"))]
    pub properties: Vec<(String, PrimitiveSchema)>,
    /// The names of the required fields.
    #[cfg_attr(feature = "wasmtime", component(name = "required"))]
    pub required: Option<Vec<String>>,
    /// Members of the schema that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The parameters of `elicitation/create`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#elicitrequest>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ElicitParams {
    /// The message to the user.
    #[cfg_attr(feature = "wasmtime", component(name = "message"))]
    pub message: String,
    /// The form.
    #[cfg_attr(feature = "wasmtime", component(name = "requested-schema"))]
    pub requested_schema: RequestedSchema,
    /// `_meta` of the request.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members of the parameters that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The user's action.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation#response-actions>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum ElicitAction {
    /// The user submitted the form.
    #[cfg_attr(feature = "wasmtime", component(name = "accept"))]
    Accept,
    /// The user declined.
    #[cfg_attr(feature = "wasmtime", component(name = "decline"))]
    Decline,
    /// The user dismissed the form without a choice.
    #[cfg_attr(feature = "wasmtime", component(name = "cancel"))]
    Cancel,
}

#[cfg(feature = "guest")]
impl ElicitAction {
    /// Returns the case of a discriminant, for generated bindings.
    ///
    /// # Panics
    ///
    /// Where no case has it.
    #[doc(hidden)]
    #[must_use]
    #[expect(
        unsafe_code,
        reason = "generated bindings call it as an unsafe function"
    )]
    pub unsafe fn _lift(discriminant: u8) -> Self {
        match discriminant {
            0 => Self::Accept,
            1 => Self::Decline,
            2 => Self::Cancel,
            _ => panic!("unknown discriminant {discriminant} of ElicitAction"),
        }
    }
}

/// A value of a submitted form.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#elicitresult>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum ElicitValue {
    /// Text, also for an enumeration.
    #[cfg_attr(feature = "wasmtime", component(name = "text"))]
    Text(String),
    /// A number.
    #[cfg_attr(feature = "wasmtime", component(name = "number"))]
    Number(f64),
    /// Yes or no.
    #[cfg_attr(feature = "wasmtime", component(name = "boolean"))]
    Boolean(bool),
    /// Any other JSON value: an array, an object or `null`.
    #[cfg_attr(feature = "wasmtime", component(name = "other"))]
    Other(Json),
}

/// The result of `elicitation/create`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#elicitresult>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ElicitResult {
    /// The user's action.
    #[cfg_attr(feature = "wasmtime", component(name = "action"))]
    pub action: ElicitAction,
    /// The values by field name. Present only with `accept`: with another action a host MUST ignore
    /// the member `content`, whatever it is.
    #[cfg_attr(feature = "wasmtime", component(name = "content"))]
    pub content: Option<Vec<(String, ElicitValue)>>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// A folder or file that a client lets a server work in.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/client/roots#root>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Root {
    /// The location. In this revision the scheme is `file`; a guest SHOULD check that.
    #[cfg_attr(feature = "wasmtime", component(name = "uri"))]
    pub uri: String,
    /// The name for people.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: Option<String>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The client's roots.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#listrootsresult>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct ListRootsResult {
    /// The roots. The list may be empty.
    #[cfg_attr(feature = "wasmtime", component(name = "roots"))]
    pub roots: Vec<Root>,
    /// `_meta`.
    #[cfg_attr(feature = "wasmtime", component(name = "meta"))]
    pub meta: Option<Meta>,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The progress of a request.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#progressnotification>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Progress {
    /// The work done so far. MUST grow with each report, and be neither NaN nor infinite.
    #[cfg_attr(feature = "wasmtime", component(name = "progress"))]
    pub progress: f64,
    /// The total work, where known.
    #[cfg_attr(feature = "wasmtime", component(name = "total"))]
    pub total: Option<f64>,
    /// A description of the current step, for people.
    #[cfg_attr(feature = "wasmtime", component(name = "message"))]
    pub message: Option<String>,
}
