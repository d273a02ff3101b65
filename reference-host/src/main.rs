//! `wasi-mcp`: runs `wasi:mcp` components and serves them to MCP clients.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
