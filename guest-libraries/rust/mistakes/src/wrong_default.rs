#[wasi_mcp_guest::server]
mod server {
    #[tool]
    fn wait(#[default("ten")] minutes: u32) -> String {
        minutes.to_string()
    }
}
