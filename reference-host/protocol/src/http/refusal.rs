//! Refusals of HTTP requests that reach no session.

use crate::error::code;
use crate::json::Writer;

/// The methods that an endpoint with sessions supports.
pub const METHODS: &str = "GET, POST, DELETE, OPTIONS";
/// The methods that an endpoint without sessions supports.
pub const METHODS_WITHOUT_SESSIONS: &str = "POST, OPTIONS";
/// The methods that an endpoint supports whose sessions have no streams to listen to.
pub const METHODS_WITHOUT_STREAMS: &str = "POST, DELETE, OPTIONS";

/// The seconds after which a client may retry when the server cannot answer, for `Retry-After`.
pub const RETRY_SECONDS: &str = "30";

/// An answer that refuses a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// The reason, for the client.
    pub reason: &'static str,
    /// A further header field.
    pub field: Option<(&'static str, &'static str)>,
}

impl Refusal {
    /// The path is not the endpoint's.
    pub const ELSEWHERE: Self = Self::new(404, "there is nothing at this path");
    /// The body is not JSON.
    pub const BODY_TYPE: Self = Self {
        field: Some(("accept", "application/json")),
        ..Self::new(415, "Content-Type must be application/json")
    };
    /// The body is compressed.
    pub const BODY_CODING: Self = Self {
        field: Some(("accept-encoding", "identity")),
        ..Self::new(
            415,
            "Content-Encoding is not supported: send the body as it is",
        )
    };
    /// The client does not accept both forms of an answer.
    pub const NOT_ACCEPTABLE: Self = Self::new(
        406,
        "both application/json and text/event-stream must be acceptable",
    );
    /// The message exceeds the limit.
    pub const TOO_LARGE: Self = Self::new(413, "the message is too large");
    /// The body ended early.
    pub const BROKEN: Self = Self::new(400, "the body is broken");
    /// The request names a session, and the server keeps none.
    pub const SESSIONS_UNSUPPORTED: Self = Self::new(
        404,
        "this server keeps no sessions: send requests without Mcp-Session-Id",
    );
    /// The request names no session, or several.
    pub const SESSION_MISSING: Self = Self::new(
        400,
        "one Mcp-Session-Id is required; a session begins with initialize",
    );
    /// There is no such session, or it has ended.
    pub const SESSION_UNKNOWN: Self = Self::new(404, "the session is unknown or has ended");
    /// The request is for a revision other than that of its session.
    pub const VERSION_UNFIT: Self = Self::new(
        400,
        "MCP-Protocol-Version is not the version that was negotiated",
    );
    /// The request is for a revision that is not supported.
    pub const VERSION_UNSUPPORTED: Self = Self::new(
        400,
        "MCP-Protocol-Version is not a version that this server supports: send 2025-06-18",
    );
    /// The method is not supported by the metadata of a protected resource.
    pub const METHOD_OF_METADATA: Self = Self {
        field: Some(("allow", "GET, OPTIONS")),
        ..Self::new(405, "the metadata are read with GET")
    };
    /// The method is not supported by a server without sessions.
    pub const METHOD_WITHOUT_SESSIONS: Self = Self {
        field: Some(("allow", METHODS_WITHOUT_SESSIONS)),
        ..Self::new(
            405,
            "the endpoint takes POST: this server keeps no sessions, so nothing can be listened \
             to, resumed or ended",
        )
    };
    /// The method is not supported by a server whose sessions have no streams to listen to.
    pub const METHOD_WITHOUT_STREAMS: Self = Self {
        field: Some(("allow", METHODS_WITHOUT_STREAMS)),
        ..Self::new(
            405,
            "the endpoint takes POST and DELETE: this server has no streams to listen to or to \
             resume",
        )
    };
    /// The method is not supported by a server with sessions.
    pub const METHOD: Self = Self {
        field: Some(("allow", METHODS)),
        ..Self::new(405, "the endpoint takes GET, POST and DELETE")
    };

    const fn new(status: u16, reason: &'static str) -> Self {
        Self {
            status,
            reason,
            field: None,
        }
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        refusal(self.status, self.reason)
    }
}

/// Returns the body of a refusal: a JSON-RPC error without id, because the request was not read as
/// a message.
#[must_use]
pub fn refusal(status: u16, reason: &str) -> Vec<u8> {
    let code = refusal_code(status);
    let mut error = Writer::new();
    error.begin_object().key("jsonrpc").string("2.0");
    error.key("error").begin_object();
    error.key("code").i64(code.into());
    error.key("message").string(reason);
    error.end_object().end_object();
    error.into_bytes()
}

/// Returns the [`code`] of the JSON-RPC error in an answer with a status that refuses.
#[must_use]
pub fn refusal_code(status: u16) -> i32 {
    if status >= 500 {
        code::BUSY
    } else {
        code::INVALID_REQUEST
    }
}
