#[wasi_mcp_guest::items]
mod weather {
    #[tool]
    fn forecast() -> &'static str {
        "Rain."
    }
}

#[wasi_mcp_guest::server]
mod server {
    #[tool]
    fn hello() -> &'static str {
        "Hello!"
    }
}
