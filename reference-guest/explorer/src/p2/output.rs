//! `wasi:cli/stdout` and `wasi:cli/stderr`

use std::io::Write as _;

pub async fn print(line: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| error.to_string())?;
    std::io::stdout()
        .flush()
        .map_err(|error| error.to_string())?;
    writeln!(std::io::stderr(), "{line}").map_err(|error| error.to_string())
}
