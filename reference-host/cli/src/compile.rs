//! `wasi-mcp compile`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use wasi_mcp_host::component::Source;

use super::arguments::CompileArguments;
use super::load;
use super::logging::Log;

pub(super) fn run(arguments: &CompileArguments, log: &Log) -> Result<ExitCode> {
    let native = load::engine(true)?
        .compile(Source::File(&arguments.component))
        .with_context(|| format!("{} cannot be compiled", arguments.component.display()))?;
    std::fs::write(&arguments.output, &native)
        .with_context(|| format!("{} cannot be written", arguments.output.display()))?;
    log.say(&format!(
        "wrote {} bytes of native code to {}; serve it with --precompiled",
        native.len(),
        arguments.output.display()
    ));
    Ok(ExitCode::SUCCESS)
}
