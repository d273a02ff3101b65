//! Changes of the watched resource.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#subscriptions>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use wasi_mcp_guest::updates;

    use crate::resources::{WATCHED, WATCHED_PART};
    use crate::state;

    /// Changes the watched resource, or with `part` a sub-resource of it, and tells subscribers.
    #[tool(read_only = false, destructive = false)]
    fn touch_resource(#[default] part: bool) -> String {
        let version = state::with(|state| {
            state.watched_version += 1;
            state.watched_version
        });
        if part {
            updates::part_updated(WATCHED, WATCHED_PART);
        } else {
            updates::resource_updated(WATCHED);
        }
        format!("Version {version}")
    }
}
