#[wasi_mcp_guest::server]
mod server {
    use wasi_mcp_guest::{Context, ToolError};

    #[tool]
    fn ask(context: &Context) -> Result<String, ToolError> {
        Ok(context.ask_model("What now?", 100).await?)
    }
}
