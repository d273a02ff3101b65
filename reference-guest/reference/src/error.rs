//! Errors that this server returns, and the display of those that it receives.

use crate::bindings::wasi::mcp::types::{Error, ErrorCode};

fn error(code: ErrorCode, message: impl Into<String>) -> Error {
    Error {
        code,
        message: message.into(),
        data: None,
    }
}

/// -32602: an unknown name, a missing or unsuitable argument, a cursor that this server did not
/// issue.
pub fn invalid_params(message: impl Into<String>) -> Error {
    error(ErrorCode::InvalidParams, message)
}

/// -32603: a failure of this server.
pub fn internal(message: impl Into<String>) -> Error {
    error(ErrorCode::InternalError, message)
}

/// -32002, with the `uri` as data.
pub fn resource_not_found(uri: &str) -> Error {
    Error {
        data: Some(serde_json::json!({ "uri": uri }).to_string()),
        ..error(ErrorCode::ResourceNotFound, "Resource not found")
    }
}

/// Returns the code's name in the WIT, or its number if it has no name.
pub fn code_name(code: ErrorCode) -> String {
    match code {
        ErrorCode::ParseError => "parse-error".into(),
        ErrorCode::InvalidRequest => "invalid-request".into(),
        ErrorCode::MethodNotFound => "method-not-found".into(),
        ErrorCode::InvalidParams => "invalid-params".into(),
        ErrorCode::InternalError => "internal-error".into(),
        ErrorCode::ResourceNotFound => "resource-not-found".into(),
        ErrorCode::Cancelled => "cancelled".into(),
        ErrorCode::Timeout => "timeout".into(),
        ErrorCode::InvalidState => "invalid-state".into(),
        ErrorCode::Other(code) => code.to_string(),
    }
}

/// Returns the code of a JSON-RPC error, as the WIT spells it.
pub fn code_of_number(number: i32) -> ErrorCode {
    match number {
        -32700 => ErrorCode::ParseError,
        -32600 => ErrorCode::InvalidRequest,
        -32601 => ErrorCode::MethodNotFound,
        -32602 => ErrorCode::InvalidParams,
        -32603 => ErrorCode::InternalError,
        -32002 => ErrorCode::ResourceNotFound,
        other => ErrorCode::Other(other),
    }
}
