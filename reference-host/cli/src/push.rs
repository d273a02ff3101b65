//! `wasi-mcp push`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde_json::json;
use wasi_mcp_registry::{Artifact, Client, Content, Digest, Operation, Outcome};

use super::arguments::PushArguments;
use super::load;
use super::logging::Log;
use super::output::Output;
use super::sources::shown;

pub(super) fn run(arguments: &PushArguments, log: &Log) -> Result<ExitCode> {
    let PushArguments {
        reference, file, ..
    } = arguments;
    let component =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let content = Content::of_component(&component)
        .map_err(|what| anyhow::anyhow!("{} is {what}", file.display()))?;
    let title = file.file_name().unwrap_or_default().to_string_lossy();
    let annotations = arguments.annotation.iter().cloned().collect();
    let artifact = Artifact::new(component, &content, &title, annotations);

    let client = Client::new(arguments.connection.options());
    let runtime = load::single_threaded()?;
    let outcome = runtime.block_on(async {
        client.check_plain_http(reference)?;
        let connection = client.connect(reference, None, Operation::Push).await?;
        connection.push(&artifact).await
    });
    // A look-up of a name may go on, and cannot be stopped.
    runtime.shutdown_background();
    let outcome = outcome.map_err(|error| shown(&error))?;
    let pinned = reference.pinned(artifact.digest());
    let bytes = artifact.layer.len();
    let mut output = Output::new();
    if arguments.json {
        output.line(&serde_json::to_string_pretty(&json!({
            "reference": reference.to_string(),
            "pinned": pinned.to_string(),
            "digest": artifact.digest().as_str(),
            "layer": Digest::of(&artifact.layer).as_str(),
            "bytes": bytes,
            "pushed": outcome == Outcome::Pushed,
        }))?)?;
    } else {
        log.say(&match outcome {
            Outcome::Pushed => format!("pushed {bytes} bytes as {reference}"),
            Outcome::Unchanged => format!("{reference} has this content already"),
        });
        output.line(&pinned.to_string())?;
    }
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}
