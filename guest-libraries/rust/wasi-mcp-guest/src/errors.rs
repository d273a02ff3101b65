//! Errors of the protocol, which end a request with a JSON-RPC error.
//!
//! A tool reports its own failures with [`ToolError`](crate::ToolError) or any other error, and
//! these only for what is wrong with the request itself.

use std::any::Any;
use std::fmt::Display;

use wasi_mcp_types::types::{Error, ErrorCode};

/// Returns the error of a missing or unsuitable parameter, `-32602`.
pub fn invalid_params(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidParams, message)
}

/// Returns the error of a failed server, `-32603`.
pub fn internal(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InternalError, message)
}

/// Returns the error of a resource that does not exist, `-32002`, with its `uri` as data.
pub fn resource_not_found(uri: &str) -> Error {
    Error {
        data: Some(serde_json::json!({ "uri": uri }).to_string()),
        ..Error::new(ErrorCode::ResourceNotFound, "resource not found")
    }
}

/// Returns the error of a prompt's argument that is missing.
pub(crate) fn missing_argument(name: &str) -> Error {
    invalid_params(format!("argument `{name}` is missing"))
}

/// Returns the name of a code as the WIT spells it, or its number where it has no name.
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

/// Returns an [`Error`] as it is, and any other error as a failure of the server.
pub(crate) fn protocol_error<E: Display + 'static>(error: E) -> Error {
    same_type(error).unwrap_or_else(|error| internal(format!("{error:#}")))
}

/// Returns a value as the type that it has, or unchanged where that is another one.
pub(crate) fn same_type<T: 'static, U: 'static>(value: T) -> Result<U, T> {
    let mut value = Some(value);
    if let Some(same) = (&mut value as &mut dyn Any).downcast_mut::<Option<U>>() {
        return Ok(same.take().expect("the value is there until it is taken"));
    }
    Err(value.expect("the value is taken only where its type is the other one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_protocol_keeps_its_code() {
        let error = protocol_error(resource_not_found("a:b"));
        assert_eq!(error.code, ErrorCode::ResourceNotFound);
        assert_eq!(error.data.as_deref(), Some(r#"{"uri":"a:b"}"#));
    }

    #[test]
    fn any_other_error_is_a_failure_of_the_server() {
        let error = protocol_error("x".parse::<i32>().unwrap_err());
        assert_eq!(error.code, ErrorCode::InternalError);
        assert_eq!(error.message, "invalid digit found in string");
    }
}
