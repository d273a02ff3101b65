#[wasi_mcp_guest::server]
mod server {
    use wasi_mcp_guest::ItemName;

    #[visible]
    fn visible(item: ItemName<'_>) -> bool {
        item != ItemName::Tool("hidden")
    }

    #[tool]
    fn hidden() {}
}
