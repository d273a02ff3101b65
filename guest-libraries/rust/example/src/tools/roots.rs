//! The client's roots.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/roots>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use schemars::JsonSchema;
    use serde::Serialize;
    use wasi_mcp_guest::records::CallToolResult;
    use wasi_mcp_guest::{Context, IntoToolResult, Json, ToolError};

    use crate::samples::META;

    #[derive(Serialize, JsonSchema)]
    struct Root {
        uri: String,
        name: Option<String>,
        meta: Option<String>,
    }

    #[derive(Serialize, JsonSchema)]
    struct Roots {
        roots: Vec<Root>,
    }

    /// Lists the client's roots.
    #[tool(read_only)]
    async fn list_roots(context: &Context) -> Result<CallToolResult, ToolError> {
        let answer = context.list_roots(Some(META.into())).await?;
        let roots = answer.roots.into_iter().map(|root| Root {
            uri: root.uri,
            name: root.name,
            meta: root.meta,
        });
        let roots = Json(Roots {
            roots: roots.collect(),
        });
        Ok(CallToolResult {
            meta: answer.meta,
            ..roots.into_tool_result()?
        })
    }
}
