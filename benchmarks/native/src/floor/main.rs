//! The floor: what an MCP server costs that does nothing but read, parse, answer and write, with
//! serde_json and no runtime.
//!
//! ```text
//! native-floor stdio
//! native-floor http ADDRESS
//! ```
//!
//! It answers correctly, errors included, but knows one kind of session: everybody's.

mod answer;
mod http;
mod lines;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["stdio"] => lines::serve(),
        ["http", address] => http::serve(address.parse()?),
        _ => bail!("native-floor stdio | native-floor http ADDRESS"),
    }
}
