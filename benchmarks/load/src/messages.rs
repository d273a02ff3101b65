//! Requests, and checks of their answers.

use std::io::Write as _;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use benchmark_tools::{ECHO, LARGE_BINARY, LARGE_TEXT, large_binary, large_text};
use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// The revision of MCP in use.
pub const REVISION: &str = "2025-06-18";

/// The request that opens a session.
pub fn initialize(id: u64) -> String {
    json!({
        "jsonrpc": "2.0",
        "id": id,
        "method": "initialize",
        "params": {
            "protocolVersion": REVISION,
            "capabilities": {},
            "clientInfo": {"name": "load", "version": "0.1.0"},
        },
    })
    .to_string()
}

/// The notification that ends the opening of a session.
pub const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// A request to be repeated.
#[derive(Debug, Clone)]
pub struct Request {
    /// The text after the id.
    rest: String,
    /// A text in every answer.
    mark: Finder<'static>,
    /// The minimum size of an answer, in bytes.
    least: usize,
    expected: Expected,
}

#[derive(Debug, Clone)]
enum Expected {
    Text(String),
    LargeText(usize),
    LargeBinary(usize),
    Tools(usize),
    Server,
}

#[derive(Deserialize)]
struct Answer<'a> {
    id: u64,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

impl Request {
    /// Returns a call of `echo` with a text of `bytes` bytes.
    pub fn echo(bytes: usize) -> Self {
        let text: String = ('a'..='z').cycle().take(bytes).collect();
        let params = json!({"name": ECHO, "arguments": {"text": text}});
        let mark = text.clone();
        Self::new("tools/call", &params, &mark, bytes, Expected::Text(text))
    }

    /// Returns a call of the guest `hello`.
    pub fn hello() -> Self {
        let params = json!({"name": "hello", "arguments": {"name": "load"}});
        let text = "Hello, load!".to_owned();
        Self::new("tools/call", &params, "Hello", 0, Expected::Text(text))
    }

    /// Returns a call with a result of `bytes` bytes of text.
    pub fn large_text(bytes: usize) -> Self {
        let params = json!({"name": LARGE_TEXT, "arguments": {"bytes": bytes}});
        let expected = Expected::LargeText(bytes);
        Self::new("tools/call", &params, "\"text\"", bytes, expected)
    }

    /// Returns a call with a result of `bytes` bytes, before base64.
    pub fn large_binary(bytes: usize) -> Self {
        let params = json!({"name": LARGE_BINARY, "arguments": {"bytes": bytes}});
        let expected = Expected::LargeBinary(bytes);
        Self::new("tools/call", &params, "\"image\"", bytes / 3 * 4, expected)
    }

    /// Returns a request for the list of tools, of which `further` are further ones.
    pub fn list(further: usize) -> Self {
        let expected = Expected::Tools(further + 3);
        Self::new("tools/list", &json!({}), "\"tools\"", further, expected)
    }

    /// Returns the request that opens a session.
    pub fn initialize() -> Self {
        let whole: Value = serde_json::from_str(&initialize(0)).expect("it is JSON");
        Self::new(
            "initialize",
            &whole["params"],
            REVISION,
            0,
            Expected::Server,
        )
    }

    fn new(method: &str, params: &Value, mark: &str, least: usize, expected: Expected) -> Self {
        Self {
            rest: format!(r#","method":"{method}","params":{params}}}"#),
            mark: Finder::new(mark.as_bytes()).into_owned(),
            least,
            expected,
        }
    }

    /// Writes the request with an id.
    pub fn write(&self, id: u64, out: &mut Vec<u8>) {
        write!(out, r#"{{"jsonrpc":"2.0","id":{id}{}"#, self.rest).expect("memory takes any text");
    }

    /// Checks an answer as fast as possible and returns its id.
    pub fn check(&self, answer: &[u8]) -> Result<u64> {
        let parsed: Answer = serde_json::from_slice(answer)
            .with_context(|| format!("no answer: {}", short(answer)))?;
        let result = parsed.result.map(RawValue::get).unwrap_or_default();
        let is_whole = result.len() >= self.least;
        // The mark is near the beginning, so large answers are not searched to their end.
        let beginning = &result.as_bytes()[..result.len().min(4096)];
        if !is_whole || self.mark.find(beginning).is_none() {
            bail!("not the answer that was expected: {}", short(answer));
        }
        Ok(parsed.id)
    }

    /// Checks every byte of an answer.
    pub fn check_fully(&self, answer: &[u8]) -> Result<()> {
        let value: Value = serde_json::from_slice(answer)?;
        let content = &value["result"]["content"][0];
        let is_right = match &self.expected {
            Expected::Text(text) => content["text"] == **text,
            Expected::LargeText(bytes) => content["text"] == *large_text(*bytes),
            Expected::LargeBinary(bytes) => {
                let data = content["data"].as_str().context("no data")?;
                STANDARD.decode(data)? == large_binary(*bytes)
            }
            Expected::Tools(number) => {
                let tools = value["result"]["tools"].as_array();
                tools.is_some_and(|tools| tools.len() == *number)
            }
            Expected::Server => value["result"]["serverInfo"].is_object(),
        };
        ensure!(is_right, "a wrong answer: {}", short(answer));
        Ok(())
    }
}

/// Returns the beginning of a message, for people.
pub fn short(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(&message[..message.len().min(400)]);
    text.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_checked() {
        let request = Request::echo(5);
        let mut sent = Vec::new();
        request.write(7, &mut sent);
        let sent: Value = serde_json::from_slice(&sent).unwrap();
        assert_eq!(sent["id"], 7);
        assert_eq!(sent["params"]["arguments"]["text"], "abcde");

        let right =
            br#"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"abcde"}]}}"#;
        assert_eq!(request.check(right).unwrap(), 7);
        request.check_fully(right).unwrap();
        let wrong =
            br#"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"abcdef"}]}}"#;
        assert!(request.check_fully(wrong).is_err());
        let error = br#"{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"abcde"}}"#;
        assert!(request.check(error).is_err());
    }
}
