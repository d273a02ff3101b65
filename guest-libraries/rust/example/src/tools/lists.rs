//! Tools that change the lists.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/tools#list-changed-notification>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use wasi_mcp_guest::{Error, lists};

    use crate::added;

    /// Lists one more tool, resource, resource template and prompt.
    #[tool(read_only = false, destructive = false)]
    fn add_entries() -> Result<&'static str, Error> {
        lists::add(added::items())?;
        Ok("Added")
    }

    /// Withdraws the entries that `add-entries` added.
    #[tool(read_only = false, destructive = false)]
    fn remove_entries() -> Result<&'static str, Error> {
        lists::remove(&added::items())?;
        Ok("Removed")
    }
}
