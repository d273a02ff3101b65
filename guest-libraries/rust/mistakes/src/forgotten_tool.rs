#[wasi_mcp_guest::tool]
fn forecast() -> &'static str {
    "Rain."
}
