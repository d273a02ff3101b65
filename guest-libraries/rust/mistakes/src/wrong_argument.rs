struct Temperature(f64);

#[wasi_mcp_guest::server]
mod server {
    use super::Temperature;

    #[tool]
    fn heat(to: Temperature) -> String {
        to.0.to_string()
    }
}
