//! `wasi-mcp`: runs `wasi:mcp` components and serves them to MCP clients.

mod cli;

use std::process::ExitCode;

/// Sessions come and go, and each call of a guest allocates a little.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
