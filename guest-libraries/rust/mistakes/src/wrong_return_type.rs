#[wasi_mcp_guest::server]
mod server {
    #[tool]
    fn count(text: String) -> usize {
        text.len()
    }
}
