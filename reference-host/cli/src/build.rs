//! `wasi-mcp build`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use wasi_mcp_authoring::Project;

use super::arguments::BuildArguments;
use super::logging::Log;
use super::source_watch::SourceWatch;

pub(super) fn run(arguments: &BuildArguments, log: &Log) -> Result<ExitCode> {
    let project = Project::find(&arguments.folder)?;
    let default = || project.component();
    let component = arguments.output.clone().unwrap_or_else(default);
    if !arguments.watch {
        build(&project, &component, log)?;
        return Ok(ExitCode::SUCCESS);
    }
    // Before the build, since a source may change meanwhile.
    let mut watch = SourceWatch::new(&project, &component)?;
    loop {
        build_and_log(&project, &component, log);
        log.say("waiting for source changes; press Ctrl-C to stop");
        watch.wait()?;
    }
}

/// Builds a component, and says how large it is and how long it took.
fn build(project: &Project, component: &Path, log: &Log) -> Result<()> {
    let language = project.language();
    log.say(&format!("building {} in {language}", project.name()));
    let begun = Instant::now();
    wasi_mcp_authoring::build(project, component)?;
    let bytes = std::fs::metadata(component)
        .with_context(|| format!("{} cannot be read", component.display()))?
        .len();
    log.say(&format!(
        "wrote {bytes} bytes to {} in {:.1} s",
        component.display(),
        begun.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// Builds a component, and logs a failure. Returns true on success.
pub(super) fn build_and_log(project: &Project, component: &Path, log: &Log) -> bool {
    let built = build(project, component, log);
    if let Err(error) = &built {
        log.fail(error);
    }
    built.is_ok()
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
                match watch.wait() {
                    Ok(()) => build_and_log(&project, &component, &log),
                    Err(error) => return log.fail(&error),
                };
            }
        })
        .map(drop)
        .context("the thread that builds cannot be started")
}
