//! An MCP server with one tool.

#[wasi_mcp_guest::server]
mod hello {
    /// Greets somebody.
    #[tool]
    fn hello(
        /// The name of the person to greet.
        name: String,
    ) -> String {
        format!("Hello, {name}!")
    }
}
