//! The block of docs/embedding.md with JSON Web Tokens.

use std::error::Error;

use wasi_mcp_host::transport::http::{HttpOptions, JwtOptions};

pub fn options() -> Result<HttpOptions, Box<dyn Error>> {
    let mut tokens = JwtOptions::new(
        "https://mcp.example.com/mcp".parse()?,
        "https://login.example.com".parse()?,
        "https://login.example.com/.well-known/jwks.json".parse()?,
    );
    tokens.scopes = vec!["mcp".to_owned()];
    let mut options = HttpOptions::default();
    options.authorization = Some(tokens.into());
    Ok(options)
}
