//! The items that `add-entries` lists for a time.

pub(crate) use items::items;

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
mod items {
    /// Is listed after `add-entries`.
    #[tool(read_only)]
    fn added_tool() -> &'static str {
        "I was added"
    }

    /// Is listed after `add-entries`.
    #[resource(uri = "test://added", name = "added", mime_type = "text/plain")]
    fn added() -> &'static str {
        "I was added"
    }

    /// Is listed after `add-entries`.
    #[resource(
        template = "test://added/{name}",
        name = "added",
        mime_type = "text/plain"
    )]
    fn added_with_name(name: String) -> String {
        format!("Added {name}")
    }

    /// Is listed after `add-entries`.
    #[prompt]
    fn added_prompt() -> &'static str {
        "I was added"
    }
}
