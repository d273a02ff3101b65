//! Values that several tests start from.

use wasi_mcp_types::content::{CallToolResult, ContentBlock, TextContent};

/// A tool's result with one text.
pub(super) fn text_block(text: &str) -> CallToolResult {
    CallToolResult {
        content: vec![ContentBlock::Text(TextContent {
            text: text.into(),
            annotations: None,
            meta: None,
            extra: None,
        })],
        structured_content: None,
        is_error: None,
        meta: None,
        extra: None,
    }
}

/// A tool's result with this `_meta`.
pub(super) fn meta_of(json: &str) -> CallToolResult {
    CallToolResult {
        meta: Some(json.into()),
        ..text_block("t")
    }
}
