//! `wasi-mcp build`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use wasi_mcp_authoring::{BuildError, Project};
use wasi_mcp_registry::replace;

use super::arguments::BuildArguments;
use super::logging::Log;
use super::source_watch::SourceWatch;
use super::trial;

pub(super) fn run(arguments: &BuildArguments, log: &Log) -> Result<ExitCode> {
    let project = Project::find(&arguments.folder)?;
    let default = || project.component();
    let component = arguments.output.clone().unwrap_or_else(default);
    let build_and_try = || {
        build_if(&project, &component, log, |built| {
            trial::start(&project, built, log)
        })
    };
    if !arguments.watch {
        build_and_try()?;
        return Ok(ExitCode::SUCCESS);
    }
    // Before the build, since a source may change meanwhile.
    let mut watch = SourceWatch::new(&project, &component)?;
    loop {
        if let Err(error) = build_and_try() {
            go_on_after(error, log)?;
        }
        await_change(&mut watch, log)?;
    }
}

/// Waits until a source has changed.
pub(super) fn await_change(watch: &mut SourceWatch, log: &Log) -> Result<()> {
    log.say("waiting for source changes; press Ctrl-C to stop");
    watch.wait()
}

/// Logs an error that a change of the sources can fix. Returns any other, such as a missing tool.
pub(super) fn go_on_after(error: anyhow::Error, log: &Log) -> Result<()> {
    if matches!(error.downcast_ref(), Some(BuildError::Missing(_))) {
        return Err(error);
    }
    log.fail(&error);
    Ok(())
}

/// Builds a component, and says how large it is and how long it took.
pub(super) fn build(project: &Project, component: &Path, log: &Log) -> Result<()> {
    build_if(project, component, log, |_| Ok(()))
}

/// Builds a component, and writes it if it passes a check.
fn build_if(
    project: &Project,
    component: &Path,
    log: &Log,
    check: impl FnOnce(&[u8]) -> Result<()>,
) -> Result<()> {
    let language = project.language();
    log.say(&format!("building {} in {language}", project.name()));
    let begun = Instant::now();
    let built = wasi_mcp_authoring::build(project)?;
    let seconds = begun.elapsed().as_secs_f64();
    check(&built)?;
    replace(component, &built)
        .with_context(|| format!("{} cannot be written", component.display()))?;
    log.say(&format!(
        "wrote {} bytes to {}, built in {seconds:.1} s",
        built.len(),
        component.display(),
    ));
    Ok(())
}

/// Builds a component again whenever a source changes, on a thread of its own.
pub(super) fn keep_building(
    project: Project,
    component: PathBuf,
    mut watch: SourceWatch,
    log: &Log,
) -> Result<()> {
    let log = log.clone();
    std::thread::Builder::new()
        .name("wasi-mcp-build".to_owned())
        .spawn(move || {
            loop {
                if let Err(error) = watch.wait() {
                    return log.fail(&error);
                }
                if let Err(error) = build(&project, &component, &log) {
                    log.fail(&error);
                }
            }
        })
        .map(drop)
        .context("the thread that builds cannot be started")
}
