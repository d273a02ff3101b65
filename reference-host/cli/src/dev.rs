//! `wasi-mcp dev`

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use wasi_mcp_authoring::Project;

use super::arguments::{Arguments, Command, DevArguments};
use super::build::{await_change, build, go_on_after, keep_building};
use super::logging::Log;
use super::serve::{self, Audience};
use super::source_watch::SourceWatch;
use super::trial;

pub(super) fn run(arguments: &DevArguments, log: &Log) -> Result<ExitCode> {
    let project = Project::find(&arguments.folder)?;
    let component = project.component();
    // Options that do not exist are refused before the build.
    let mut serving: Vec<OsString> = ["wasi-mcp", "serve"].map(Into::into).into();
    serving.push(component.clone().into());
    // No code lives long here, and each change waits for it. An option of the user comes later, and wins.
    serving.extend(["--compiler".into(), "baseline".into()]);
    serving.extend(["--source-lines", "--watch", "--http"].map(Into::into));
    serving.push(arguments.http.to_string().into());
    serving.extend(arguments.serving.iter().map(Into::into));
    let Command::Serve(serving) = Arguments::try_parse_from(serving)
        .map_err(|error| anyhow::anyhow!("{}", error.render()))
        .context("invalid options for `wasi-mcp serve`")?
        .command
    else {
        unreachable!("the command is written above");
    };
    let mut watch = SourceWatch::new(&project, &component)?;
    while let Err(error) = build(&project, &component, log) {
        go_on_after(error, log)?;
        await_change(&mut watch, log)?;
    }
    keep_building(project.clone(), component, watch, log)?;
    let name = project.name().to_owned();
    let told = log.clone();
    let for_author = Audience {
        on_listening: Box::new(move |url| {
            let configuration = serde_json::json!({ name: { "type": "http", "url": url } });
            told.say(&format!(
                "add this to the client's configuration: {configuration}"
            ));
        }),
        hint: Arc::new(move |error| trial::hint(&project, error)),
        // The author sees at once what is wrong, and changes it.
        retries_starts: false,
    };
    serve::run_with(serving, log, for_author)
}
