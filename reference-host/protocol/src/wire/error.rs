//! `error` of `types.wit`: the codes of
//! [JSON-RPC](https://www.jsonrpc.org/specification#error_object) and MCP.

use super::codec::{Codec, Json};
use super::record::record;
use crate::json::{self, Fault, RawValue, Writer};
use wasi_mcp_types::types::{Error, ErrorCode};

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;
const INTERNAL_ERROR: i32 = -32603;
/// [Error handling of resources](https://modelcontextprotocol.io/specification/2025-06-18/server/resources#error-handling).
const RESOURCE_NOT_FOUND: i32 = -32002;

/// Maps a code to the wire. `cancelled`, `timeout` and `invalid-state` exist only between host and
/// guest; a guest that passes one of them on has an internal error.
fn to_code(code: ErrorCode) -> i32 {
    match code {
        ErrorCode::ParseError => PARSE_ERROR,
        ErrorCode::InvalidRequest => INVALID_REQUEST,
        ErrorCode::MethodNotFound => METHOD_NOT_FOUND,
        ErrorCode::InvalidParams => INVALID_PARAMS,
        ErrorCode::InternalError
        | ErrorCode::Cancelled
        | ErrorCode::Timeout
        | ErrorCode::InvalidState => INTERNAL_ERROR,
        ErrorCode::ResourceNotFound => RESOURCE_NOT_FOUND,
        ErrorCode::Other(code) => code,
    }
}

fn from_code(code: i32) -> ErrorCode {
    match code {
        PARSE_ERROR => ErrorCode::ParseError,
        INVALID_REQUEST => ErrorCode::InvalidRequest,
        METHOD_NOT_FOUND => ErrorCode::MethodNotFound,
        INVALID_PARAMS => ErrorCode::InvalidParams,
        INTERNAL_ERROR => ErrorCode::InternalError,
        RESOURCE_NOT_FOUND => ErrorCode::ResourceNotFound,
        code => ErrorCode::Other(code),
    }
}

/// An error code as an integer of 32 bits.
enum Code {}

impl Codec for Code {
    type Value = ErrorCode;

    const EXPECTED: &'static str = "an integer from -2147483648 to 2147483647";

    fn write(value: &ErrorCode, writer: &mut Writer) -> Result<(), Fault> {
        writer.i64(to_code(*value).into());
        Ok(())
    }

    fn read(value: &RawValue) -> Result<ErrorCode, Fault> {
        json::integer(value)
            .ok()
            .and_then(|code| i32::try_from(code).ok())
            .map(from_code)
            .ok_or_else(|| Fault::new(Self::EXPECTED))
    }
}

record! {
    Error {
        code: Code,
        message: String,
        data: Option<Json>,
    }
}

/// Returns the code, message and data that answer a request with a guest's error. The data is JSON
/// text without line breaks.
///
/// # Errors
///
/// A [`Fault`] if the guest's data is not JSON.
pub fn error_to_wire(error: Error) -> Result<(i32, String, Option<String>), Fault> {
    let data = match error.data {
        Some(data) => Some(Json::to_line(&data).map_err(|fault| fault.within("data"))?),
        None => None,
    };
    Ok((to_code(error.code), error.message, data))
}

/// Converts the error of a client or an upstream server for a guest. The data is JSON text that was
/// checked on arrival.
#[must_use]
pub fn error_from_wire(code: i32, message: String, data: Option<String>) -> Error {
    Error {
        code: from_code(code),
        message,
        data,
    }
}

#[cfg(test)]
impl super::tests::generate::Generate for Code {
    /// Generates the codes that survive a round trip: those that exist on the wire.
    fn strategy() -> proptest::strategy::BoxedStrategy<ErrorCode> {
        use proptest::strategy::Strategy as _;
        proptest::prop_oneof![
            proptest::sample::select(&[-32700, -32600, -32601, -32602, -32603, -32002, 0][..]),
            proptest::prelude::any::<i32>(),
        ]
        .prop_map(from_code)
        .boxed()
    }
}
