//! `wasi-mcp compile`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use wasi_mcp_host::component::Source;

use super::arguments::CompileArguments;
use super::load;
use super::logging::Log;

pub(super) fn run(arguments: &CompileArguments, log: &Log) -> Result<ExitCode> {
    let path = &arguments.component;
    // Its result is a file of its own, but an earlier one in the cache saves the work.
    let native = load::engine(path, true, log)?
        .compile(Source::File(path))
        .with_context(|| format!("{} cannot be compiled", path.display()))?;
    std::fs::write(&arguments.output, &native)
        .with_context(|| format!("{} cannot be written", arguments.output.display()))?;
    log.say(&format!(
        "wrote {} bytes of native code to {}; serve it with --precompiled",
        native.len(),
        arguments.output.display()
    ));
    Ok(ExitCode::SUCCESS)
}
