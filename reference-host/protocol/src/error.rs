//! Errors on the wire and errors returned to the component.

use std::borrow::Cow;

use crate::json::{Fault, Writer};

/// The error codes of [JSON-RPC](https://www.jsonrpc.org/specification#error_object)
/// and of [MCP](https://modelcontextprotocol.io/specification/2025-06-18/server/resources#error-handling).
pub mod code {
    /// The message is not JSON.
    pub const PARSE_ERROR: i32 = -32700;
    /// The message is JSON but not a request that can be accepted now.
    pub const INVALID_REQUEST: i32 = -32600;
    /// The method is unknown, or its capability is not offered.
    pub const METHOD_NOT_FOUND: i32 = -32601;
    /// The parameters are wrong.
    pub const INVALID_PARAMS: i32 = -32602;
    /// The server failed.
    pub const INTERNAL_ERROR: i32 = -32603;
    /// The resource does not exist.
    pub const RESOURCE_NOT_FOUND: i32 = -32002;
    /// The server is busy: a limit of this host is reached (from the range that JSON-RPC leaves to
    /// implementations).
    pub const BUSY: i32 = -32000;
}

/// The `error` member of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcError {
    /// See [`code`].
    pub code: i32,
    /// One sentence for a person.
    pub message: String,
    /// Details, as valid JSON text.
    pub data: Option<String>,
}

impl RpcError {
    /// Creates an error without data.
    #[must_use]
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }

    /// Adds `data`, which is valid JSON text.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<String>) -> Self {
        self.data = Some(data.into());
        self
    }

    pub(super) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(code::INVALID_REQUEST, message)
    }

    /// Creates the error for a message of more than `limit` bytes.
    pub(super) fn too_large(limit: usize) -> Self {
        Self::invalid_request(format!("the message is larger than {limit} bytes"))
    }

    pub(super) fn invalid_params(message: impl Into<String>) -> Self {
        Self::new(code::INVALID_PARAMS, message)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(code::INTERNAL_ERROR, message)
    }

    pub(super) fn busy(message: impl Into<String>) -> Self {
        Self::new(code::BUSY, message)
    }

    pub(super) fn method_not_found(method: &str) -> Self {
        Self::new(
            code::METHOD_NOT_FOUND,
            format!("method not found: {}", shortened(method)),
        )
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.begin_object().key("code").i64(self.code.into());
        writer.key("message").string(&self.message);
        writer
            .optional_raw("data", self.data.as_deref())
            .end_object();
    }
}

/// Converts a fault inside the members of `params`.
impl From<Fault> for RpcError {
    fn from(fault: Fault) -> Self {
        Self::invalid_params(fault.within("params").to_string())
    }
}

/// Reasons why the host refuses an operation of the component on its context.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContextError {
    /// The client cancelled the request.
    #[error("the request was cancelled")]
    Cancelled,
    /// The request exceeded its time limit.
    #[error("the request timed out")]
    TimedOut,
    /// The operation is not possible now, for example because the request has ended.
    #[error("{0}")]
    InvalidState(String),
    /// The arguments are invalid.
    #[error("{0}")]
    InvalidParams(String),
    /// The client did not declare the capability for this method.
    #[error("the client does not support {0}")]
    NotSupported(&'static str),
    /// A limit of this host is reached.
    #[error("{0}")]
    Busy(String),
}

impl ContextError {
    pub(super) fn ended() -> Self {
        Self::InvalidState("the request has ended".to_owned())
    }
}

/// The maximum length of a client's or component's text that a message quotes, in bytes.
const REPEATED: usize = 200;

/// Returns `text`, truncated if it is too long to be quoted in a message.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    shortened_to(text, REPEATED)
}

/// Returns `text`, truncated to `longest` bytes if it has more.
pub(super) fn shortened_to(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(longest);
    Cow::Owned(format!("{}...", &text[..end]))
}
