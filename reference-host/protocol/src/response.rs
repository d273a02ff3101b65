//! The envelopes of messages to the client
//! ([messages](https://modelcontextprotocol.io/specification/2025-06-18/basic#messages)).

use super::error::RpcError;
use super::identifier::RequestId;
use super::reception::Framing;
use crate::json::Writer;

const VERSION: &str = "2.0";

/// The size from which a result is moved within its buffer instead of being copied to another one,
/// which would have to be allocated and touched for the first time.
const LARGE: usize = 64 << 10;

/// Builds a response with the result whose JSON text is `result`.
pub(super) fn result(id: &RequestId, mut result: Vec<u8>) -> Vec<u8> {
    let id = id.as_json();
    let before = [
        br#"{"jsonrpc":"2.0","id":"#,
        id.as_bytes(),
        br#","result":"#,
    ];
    if result.len() >= LARGE {
        result.splice(0..0, before.into_iter().flatten().copied());
        result.push(b'}');
        return result;
    }
    let mut message = Vec::with_capacity(result.len() + id.len() + 40);
    for part in before.into_iter().chain([&*result, b"}"]) {
        message.extend_from_slice(part);
    }
    message
}

/// Builds the parts of a response with a result, before and after the streamed content.
pub(super) fn around(id: &RequestId, head: &[u8], tail: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut before = result(id, head.to_vec());
    before.pop();
    let mut after = tail.to_vec();
    after.push(b'}');
    (before, after)
}

/// Builds a response with an error.
pub(super) fn error(id: &RequestId, error: &RpcError) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .begin_object()
        .key("jsonrpc")
        .string(VERSION)
        .key("id")
        .raw(id.as_json());
    error.write(writer.key("error"));
    writer.end_object();
    writer.into_bytes()
}

/// Builds an error about a message that has no id, or none that may be used.
pub(super) fn error_without_id(framing: Framing, error: &RpcError) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.begin_object().key("jsonrpc").string(VERSION);
    if framing == Framing::Stdio {
        writer.key("id").null();
    }
    error.write(writer.key("error"));
    writer.end_object();
    writer.into_bytes()
}

/// Builds a notification; without `params` if `members` writes none.
pub(super) fn notification(method: &str, members: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut params = Writer::new();
    params.begin_object();
    members(&mut params);
    params.end_object();
    let params = params.into_string();
    let mut writer = Writer::with_capacity(params.len() + 64);
    writer
        .begin_object()
        .key("jsonrpc")
        .string(VERSION)
        .key("method")
        .string(method);
    writer
        .optional_raw("params", (params != "{}").then_some(&params))
        .end_object();
    writer.into_bytes()
}

/// Builds a request to the client.
pub(super) fn request(id: u64, method: &str, params: &str) -> Vec<u8> {
    let mut writer = Writer::new();
    writer
        .begin_object()
        .key("jsonrpc")
        .string(VERSION)
        .key("id")
        .raw(&id.to_string());
    writer
        .key("method")
        .string(method)
        .key("params")
        .raw(params)
        .end_object();
    writer.into_bytes()
}
