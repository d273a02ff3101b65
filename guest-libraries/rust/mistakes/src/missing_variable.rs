#[wasi_mcp_guest::server]
mod server {
    #[resource(template = "notes://{folder}/{name}")]
    fn note(name: String) -> String {
        name
    }
}
