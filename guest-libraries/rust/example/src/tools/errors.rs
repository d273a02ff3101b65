//! Failures of a tool: errors of the protocol, and panics.

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use serde_json::value::RawValue;
    use wasi_mcp_guest::{Error, ErrorCode, ToolError};

    /// Answers with an MCP error of the given code, message and data.
    #[tool(read_only)]
    fn answer_error(
        code: i32,
        message: String,
        data: Option<Box<RawValue>>,
    ) -> Result<(), ToolError> {
        Err(ToolError::protocol(Error {
            code: match code {
                -32700 => ErrorCode::ParseError,
                -32600 => ErrorCode::InvalidRequest,
                -32601 => ErrorCode::MethodNotFound,
                -32602 => ErrorCode::InvalidParams,
                -32603 => ErrorCode::InternalError,
                -32002 => ErrorCode::ResourceNotFound,
                other => ErrorCode::Other(other),
            },
            message,
            data: data.map(|data| data.get().to_owned()),
        }))
    }

    /// Panics, which writes to stderr and traps.
    #[tool(read_only = false, destructive)]
    fn panic() {
        panic!("The example was asked to panic")
    }
}
