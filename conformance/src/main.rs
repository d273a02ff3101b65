//! The program `wasi-mcp-conformance`.

use std::process::ExitCode;

fn main() -> ExitCode {
    wasi_mcp_conformance::cli::main()
}
