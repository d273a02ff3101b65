//! The settings of a server in `wasi:config/store`, shown to the substrate as variables of its
//! environment. A setting there wins over a variable of the same name.

wit_bindgen::generate!({
    path: "wit",
    world: "wasi-mcp:configuration/configuration",
    generate_all,
});

use std::io::Write as _;

use wasi::config::store::{self, Error};

/// The settings of the substrate. A test compares them with those that its parts read.
const NAMES: [&str; 9] = [
    "MCP_ALLOWED_ORIGINS",
    "MCP_ALLOWED_HOSTS",
    "WASI_MCP_SESSION_BUCKET",
    "WASI_MCP_SESSION_LIFETIME",
    "WASI_MCP_AUTH_ISSUER",
    "WASI_MCP_AUTH_AUDIENCE",
    "WASI_MCP_AUTH_JWKS",
    "WASI_MCP_AUTH_SCOPES",
    "WASI_MCP_AUTH_CLAIMS",
];

struct Configuration;

impl exports::wasi::cli::environment::Guest for Configuration {
    fn get_environment() -> Vec<(String, String)> {
        let mut variables: Vec<(String, String)> = std::env::vars().collect();
        for name in NAMES {
            if let Some(value) = setting(name) {
                variables.retain(|(other, _)| other != name);
                variables.push((name.to_owned(), value));
            }
        }
        variables
    }

    fn get_arguments() -> Vec<String> {
        std::env::args().collect()
    }

    fn initial_cwd() -> Option<String> {
        None
    }
}

/// Returns a setting. Its name is in lower case there, as some runtimes require.
fn setting(name: &str) -> Option<String> {
    let key = name.to_ascii_lowercase();
    store::get(&key).unwrap_or_else(|error| {
        let (Error::Upstream(reason) | Error::Io(reason)) = error;
        // Without a setting, the server could admit more than its operator wants.
        // If nobody reads it, the end tells enough.
        let _ = writeln!(
            std::io::stderr(),
            "the setting {key} cannot be read from wasi:config: {}",
            reason.escape_debug()
        );
        std::process::abort();
    })
}

export!(Configuration);
