//! The shapes of a result: each content kind, a tool's own failure, a large one.

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use wasi_mcp_guest::records::{CallToolResult, ContentBlock};

    use crate::samples::{EXTRA, META, every_kind};

    /// Answers with one content block of each kind, every member filled.
    #[tool(read_only)]
    fn every_content_kind() -> CallToolResult {
        CallToolResult {
            content: every_kind(),
            meta: Some(META.into()),
            extra: Some(EXTRA.into()),
            ..CallToolResult::default()
        }
    }

    /// Answers with an empty list of content.
    #[tool(read_only)]
    fn no_content() {}

    /// Answers with a failure of the tool, which is a result and no error.
    #[tool(read_only)]
    fn fail(message: Option<String>) -> Result<(), String> {
        Err(message.unwrap_or_else(|| "This tool always fails.".into()))
    }

    /// Answers with a text of the given size.
    #[tool(read_only)]
    fn large_text(#[schemars(range(max = 268_435_456))] bytes: usize) -> String {
        "x".repeat(bytes)
    }

    /// Returns the given JSON as a content block of a kind that the interface does not name.
    // Marked as destructive, so that clients do not call it unasked: MCP has no such kind yet.
    #[tool(read_only = false, destructive)]
    fn return_other_block(json: String) -> ContentBlock {
        ContentBlock::Other(json)
    }
}
