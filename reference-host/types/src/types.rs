// Written by `wasi-mcp-wit types` from the WIT package: change that instead.
//! Types that every other interface uses: JSON text, identifiers, log levels, principals, errors.
//!
//! The text of this interface is the same in both variants of the package.
//!
//! ## Mapping between records and JSON
//!
//! The mapping between the records of this package and MCP's messages is mechanical:
//!
//! - A field is written under its name in camelCase: `mime-type` becomes `mimeType`. There are few
//!   exceptions: `meta` becomes `_meta`, and a field says so where its record flattens a nested
//!   object of MCP.
//! - A field that is `none` is omitted, and `null` is never written for it. On reading, `null` is a
//!   value of the wrong type, not an absent member. The one exception is `elicit-result.content`,
//!   which is read with the action `accept` only.
//! - MCP's discriminator (`type`, or the members that are present) selects the case of a variant.
//!   Discriminators, method names and `jsonrpc` belong to the wire: they have no field, and they
//!   are never part of `extra`. An object that a record flattens (`context` and `completion` of a
//!   completion) is not part of `extra` either.
//! - A case `other` holds the whole JSON value of a kind that no case of the variant names, with
//!   its discriminator. A value of a named kind that is malformed is an error, never `other`. A
//!   guest MUST NOT put a named kind into `other`, and a host MUST refuse it as malformed.
//! - `list<u8>` is base64 (standard alphabet, with padding) on the wire. Other text on the wire is
//!   a value of the wrong type.
//! - An `f64` that is a whole number, up to 2^53 either way, is written without fraction and
//!   exponent: `3`, not `3.0`. NaN and infinities have no JSON form: a guest MUST NOT pass them,
//!   and a host MUST refuse them as malformed. A number on the wire that is beyond the range of its
//!   field is a value of the wrong type. A whole number fits an integer field in any spelling, such
//!   as `3.0`.
//! - A case of an enum is written in MCP's spelling, which is the name in camelCase unless the enum
//!   says otherwise.
//! - A list of `tuple<string, ...>` is a JSON object whose member names are the first elements. A
//!   guest MUST NOT repeat a name, and a host MUST refuse that as malformed.
//! - Where a name repeats in an object on the wire, the last member counts. JSON text keeps all.
//!
//! ## Malformed values of a guest
//!
//! A host MUST check a guest's values before it sends them, and MUST refuse a malformed one: with
//! `invalid-params` from an import, and with `-32603` for the request when it is part of a
//! handler's result or error.
//!
//! ## Malformed messages of a client
//!
//! A malformed notification has no JSON-RPC response, and a host MUST NOT call the guest for it. A
//! malformed response is an `internal-error` of the import that waits for it. A host MUST answer
//! other malformed messages itself, without calling the guest:
//!
//! - `-32700` for text that is not JSON, which includes invalid UTF-8 and half a surrogate pair;
//! - `-32600` for JSON that is not a request, notification or response;
//! - `-32602` for parameters that do not fit the method's records. That includes a `_meta` that is
//!   not an object, a `progressToken` that is neither a string nor an integer, and a number that is
//!   out of range.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic>

#[cfg(feature = "wasmtime")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// One JSON value as text (RFC 8259): an object, array, string, number, `true`, `false` or
/// `null`.
///
/// WIT has no recursive types, so JSON of open shape travels as text: schemas, arguments,
/// structured content, `_meta`, log data. The text is Unicode, without a byte order mark and
/// without an escape of half a surrogate pair.
///
/// - A host MUST check JSON text before it passes it to a guest: the text is valid, and is an
///   object where MCP requires one. White space between tokens MAY differ; number text, members
///   and their order are exactly those that the client sent.
/// - A guest SHOULD pass valid JSON text, and an object where one is required. A host MUST check
///   it and MUST NOT put unchecked text on the wire: invalid text is a malformed value.
/// - A host MUST remove line breaks between tokens from text that it sends, because a line break
///   ends a message on stdio and a field in an event stream. The rest of the text stays as it is.
/// - A host MAY limit length and nesting depth, and refuses text beyond a limit like invalid
///   text.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/basic#messages>
pub type Json = String;

/// MCP's `_meta`: one JSON object, with keys of the form `prefix/name` or `name`.
///
/// A guest MUST NOT invent keys whose prefix MCP reserves. The one key with a meaning in this
/// revision, `progressToken` of a request, belongs to the host: a guest reads it with
/// `request-context.get-progress-token` and MUST NOT set it. A host MAY drop it where a guest
/// does.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/basic#meta>
pub type Meta = Json;

/// Members of an MCP object that this package does not name, as one JSON object.
///
/// MCP's objects are open: later revisions and extensions add members. A host MUST put every
/// member of a received object that the record does not name into `extra`, and MUST write the
/// members of a guest's `extra` into the object that it sends. A member that the record names
/// takes precedence over one of the same name in `extra`, even where the field is `none`. An
/// empty `extra` is `none`. A guest that passes a record on SHOULD pass its `extra` on.
///
/// Where the parameters of a request have no field `meta`, their `extra` has no member `_meta`
/// either, and a host MUST omit one that a guest puts there: a handler gets `_meta` from its
/// context, and an import takes it as an argument.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema>
pub type Extra = Json;

/// A position in a list that is delivered page by page.
///
/// A cursor is opaque to everyone but its maker. The other side returns it unchanged, for the
/// same list and, where there are sessions, in the same session only. An empty text is a cursor
/// like any other; the end of a list is the absence of a cursor.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/pagination>
pub type Cursor = String;

/// The id of a request as JSON text: `7` or `"7"`.
///
/// As text, an id keeps its kind (`7` and `"7"` are two ids) and any size, without 64-bit
/// integers. A guest MAY compare and print it, and MUST NOT interpret it otherwise. Ids are
/// unique only within a session, which is hidden from guests.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/basic#requests>
pub type RequestId = Json;

/// The token with which a client asks for progress, as JSON text: a string or an integer.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/progress>
pub type ProgressToken = Json;

/// The sender of a message, or the audience of a piece of content.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#role>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum Role {
    /// The user, or a program that acts for one.
    #[cfg_attr(feature = "wasmtime", component(name = "user"))]
    User,
    /// The model.
    #[cfg_attr(feature = "wasmtime", component(name = "assistant"))]
    Assistant,
}

#[cfg(feature = "guest")]
impl Role {
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
            0 => Self::User,
            1 => Self::Assistant,
            _ => panic!("unknown discriminant {discriminant} of Role"),
        }
    }
}

/// The severity of a log message: the levels of RFC 5424, least severe first.
///
/// The order matters: a threshold admits its own level and all later ones.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/logging#log-levels>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum LogLevel {
    /// Details for debugging.
    #[cfg_attr(feature = "wasmtime", component(name = "debug"))]
    Debug,
    /// Normal operation.
    #[cfg_attr(feature = "wasmtime", component(name = "info"))]
    Info,
    /// Normal but significant events.
    #[cfg_attr(feature = "wasmtime", component(name = "notice"))]
    Notice,
    /// Conditions that may lead to an error.
    #[cfg_attr(feature = "wasmtime", component(name = "warning"))]
    Warning,
    /// Errors.
    #[cfg_attr(feature = "wasmtime", component(name = "error"))]
    Error,
    /// Failure of a component.
    #[cfg_attr(feature = "wasmtime", component(name = "critical"))]
    Critical,
    /// Conditions that require immediate action.
    #[cfg_attr(feature = "wasmtime", component(name = "alert"))]
    Alert,
    /// The system is unusable.
    #[cfg_attr(feature = "wasmtime", component(name = "emergency"))]
    Emergency,
}

#[cfg(feature = "guest")]
impl LogLevel {
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
            0 => Self::Debug,
            1 => Self::Info,
            2 => Self::Notice,
            3 => Self::Warning,
            4 => Self::Error,
            5 => Self::Critical,
            6 => Self::Alert,
            7 => Self::Emergency,
            _ => panic!("unknown discriminant {discriminant} of LogLevel"),
        }
    }
}

/// The name and version of a piece of software that speaks MCP.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#implementation>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Implementation {
    /// The name for programs.
    #[cfg_attr(feature = "wasmtime", component(name = "name"))]
    pub name: String,
    /// The name for people. Clients show `name` where it is absent.
    #[cfg_attr(feature = "wasmtime", component(name = "title"))]
    pub title: Option<String>,
    /// The version, in any format.
    #[cfg_attr(feature = "wasmtime", component(name = "version"))]
    pub version: String,
    /// Members that this record does not name.
    #[cfg_attr(feature = "wasmtime", component(name = "extra"))]
    pub extra: Option<Extra>,
}

/// The authenticated party on whose behalf a request was made.
///
/// The fields are claims of an access token that the host has verified. At least one of `subject`
/// and `client-id` is present.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization>
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Principal {
    /// The authorization server that vouches for the principal: the claim `iss`.
    #[cfg_attr(feature = "wasmtime", component(name = "issuer"))]
    pub issuer: String,
    /// The identifier of the user, unique only together with `issuer`: the claim `sub`.
    #[cfg_attr(feature = "wasmtime", component(name = "subject"))]
    pub subject: Option<String>,
    /// The OAuth client that the token was issued to: the claim `client_id`.
    #[cfg_attr(feature = "wasmtime", component(name = "client-id"))]
    pub client_id: Option<String>,
    /// The scopes that the token grants, each once: the claim `scope`, split at spaces.
    #[cfg_attr(feature = "wasmtime", component(name = "scopes"))]
    pub scopes: Vec<String>,
    /// Further claims, by name. A host MUST NOT include a claim that its operator has not granted
    /// by name.
    #[cfg_attr(feature = "wasmtime", component(name = "claims"))]
    pub claims: Vec<(String, Json)>,
}

/// The kind of a failure, as a JSON-RPC error code.
///
/// A host maps in both directions, with the numbers given at the cases. Towards the wire, the
/// first six cases become their number and `other` becomes the number it holds. `cancelled`,
/// `timeout` and `invalid-state` have no number: where a handler returns one of them they become
/// `-32603`, with the message kept. (The result of a cancelled request is discarded, whatever it
/// is.) From the wire, a number that a case stands for becomes that case, any other becomes
/// `other`, and a number that does not fit `s32` becomes `internal-error`.
///
/// A failure inside a tool is not an error in this sense. It is a result whose `is-error` is
/// `true`, so that the model can see it.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/basic#responses>
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum ErrorCode {
    /// `-32700`: the text is not JSON.
    #[cfg_attr(feature = "wasmtime", component(name = "parse-error"))]
    ParseError,
    /// `-32600`: the message is not a request, or comes at the wrong time.
    #[cfg_attr(feature = "wasmtime", component(name = "invalid-request"))]
    InvalidRequest,
    /// `-32601`: the method does not exist, or its capability was not declared.
    #[cfg_attr(feature = "wasmtime", component(name = "method-not-found"))]
    MethodNotFound,
    /// `-32602`: a parameter is missing or wrong. Includes an unknown tool, an unknown prompt, and
    /// an invalid cursor.
    #[cfg_attr(feature = "wasmtime", component(name = "invalid-params"))]
    InvalidParams,
    /// `-32603`: the answering side failed.
    #[cfg_attr(feature = "wasmtime", component(name = "internal-error"))]
    InternalError,
    /// `-32002`: the resource does not exist. `data` SHOULD be an object with the member `uri`.
    #[cfg_attr(feature = "wasmtime", component(name = "resource-not-found"))]
    ResourceNotFound,
    /// Not on the wire: the request was cancelled, so its result is no longer needed.
    #[cfg_attr(feature = "wasmtime", component(name = "cancelled"))]
    Cancelled,
    /// Not on the wire: the other side did not answer in time.
    #[cfg_attr(feature = "wasmtime", component(name = "timeout"))]
    Timeout,
    /// Not on the wire: the function cannot be called now, for example on the context of a request
    /// that has ended.
    #[cfg_attr(feature = "wasmtime", component(name = "invalid-state"))]
    InvalidState,
    /// Any other number, for example `-1` for a sampling request that the user rejected.
    #[cfg_attr(feature = "wasmtime", component(name = "other"))]
    Other(i32),
}

/// The reason why a request failed.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/schema#jsonrpcerror>
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "wasmtime",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Error {
    /// The kind of failure.
    #[cfg_attr(feature = "wasmtime", component(name = "code"))]
    pub code: ErrorCode,
    /// One sentence for people. A host MUST NOT put paths, addresses or other facts about its own
    /// machine into the messages that it writes.
    #[cfg_attr(feature = "wasmtime", component(name = "message"))]
    pub message: String,
    /// Details for programs: any JSON value.
    #[cfg_attr(feature = "wasmtime", component(name = "data"))]
    pub data: Option<Json>,
}
