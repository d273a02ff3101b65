//! `wasi-mcp compile`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use wasi_mcp_host::component::Source;

use super::arguments::CompileArguments;
use super::load;
use super::logging::Log;
use super::sources::{Located, Sources, not_started};

pub(super) fn run(arguments: &CompileArguments, log: &Log) -> Result<ExitCode> {
    let sources = Sources::new(&arguments.registry, true, log);
    let located = sources.locate(&arguments.component).map_err(not_started)?;
    // Its result is a file of its own, but an earlier one in the cache saves the work.
    let engine = load::engine(&located.name(), true, log)?;
    let native = match &located {
        Located::File(path) => engine.compile(Source::File(path)),
        Located::Artifact(reference) => {
            let component = sources.pull(reference).map_err(not_started)?;
            engine.compile(Source::Bytes(&component))
        }
    };
    let native = native.with_context(|| format!("{located} cannot be compiled"))?;
    std::fs::write(&arguments.output, &native)
        .with_context(|| format!("{} cannot be written", arguments.output.display()))?;
    log.say(&format!(
        "wrote {} bytes of native code to {}; serve it with --precompiled",
        native.len(),
        arguments.output.display()
    ));
    Ok(ExitCode::SUCCESS)
}
