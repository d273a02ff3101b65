//! The simplest tool, with every member of its record.

#[wasi_mcp_guest::items]
pub mod items {
    use wasi_mcp_guest::records::ToolAnnotations;

    use crate::samples::{EXTRA, META};

    /// Answers with the text it is given.
    #[tool(
        title = "Echo",
        annotations = ToolAnnotations {
            title: Some("Echo".into()),
            read_only_hint: Some(true),
            destructive_hint: Some(false),
            idempotent_hint: Some(true),
            open_world_hint: Some(false),
        },
        meta = META,
        extra = EXTRA
    )]
    fn echo(
        /// The text to hear again
        text: String,
    ) -> String {
        text
    }
}
