//! A report of the host's answers, step by step.

use serde_json::{Map, Value};

use crate::bindings::wasi::mcp::content::{CallToolResult, ContentBlock, TextContent};
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};

/// Names of steps, and what the host answered: `ok`, the name of an error's code, or anything else.
#[derive(Clone, Default)]
pub struct Report(Map<String, Value>);

impl Report {
    /// Notes what a call of the host gave.
    pub fn note<T>(&mut self, step: &str, answer: Result<T, Error>) {
        self.tell(step, answer_name(answer));
    }

    /// Records the result of a call of the host, and the message of its error.
    #[cfg(not(feature = "service"))]
    pub fn note_words<T>(&mut self, step: &str, answer: Result<T, Error>) {
        if let Err(error) = &answer {
            self.tell(&format!("{step}-message"), error.message.clone());
        }
        self.note(step, answer);
    }

    /// Notes anything.
    pub fn tell(&mut self, step: &str, what: impl Into<Value>) {
        self.0.insert(step.to_owned(), what.into());
    }

    /// The report itself.
    #[cfg(not(feature = "service"))]
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    /// The report as the result of a tool.
    pub fn result(self) -> CallToolResult {
        structured(Value::Object(self.0).to_string())
    }
}

/// The name of the error's code, or `ok`.
pub fn answer_name<T>(answer: Result<T, Error>) -> String {
    let Err(error) = answer else {
        return "ok".into();
    };
    match error.code {
        ErrorCode::ParseError => "parse-error".into(),
        ErrorCode::InvalidRequest => "invalid-request".into(),
        ErrorCode::MethodNotFound => "method-not-found".into(),
        ErrorCode::InvalidParams => "invalid-params".into(),
        ErrorCode::InternalError => "internal-error".into(),
        ErrorCode::ResourceNotFound => "resource-not-found".into(),
        ErrorCode::Cancelled => "cancelled".into(),
        ErrorCode::Timeout => "timeout".into(),
        ErrorCode::InvalidState => "invalid-state".into(),
        ErrorCode::Other(code) => format!("other({code})"),
    }
}

pub fn text(text: impl Into<String>) -> ContentBlock {
    ContentBlock::Text(TextContent {
        text: text.into(),
        ..TextContent::default()
    })
}

/// A tool's result of one text.
pub fn text_result(message: impl Into<String>) -> CallToolResult {
    CallToolResult {
        content: vec![text(message)],
        ..CallToolResult::default()
    }
}

/// Structured content, and the same JSON as text for clients that look only there.
pub fn structured(json: String) -> CallToolResult {
    CallToolResult {
        structured_content: Some(json.clone()),
        ..text_result(json)
    }
}

pub fn error(code: ErrorCode, message: &str) -> Error {
    Error {
        code,
        message: message.into(),
        data: None,
    }
}
