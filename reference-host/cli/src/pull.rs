//! `wasi-mcp pull`

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use wasi_mcp_registry::{Client, Config, Reference, Target, create, replace};

use super::arguments::PullArguments;
use super::logging::Log;
use super::output::Output;
use super::similar;
use super::sources::{self, Sources};

pub(super) fn run(arguments: &PullArguments, log: &Log) -> Result<ExitCode> {
    let reference = reference(&arguments.reference)?;
    Client::new(arguments.registry.options()).check_plain_http(&reference)?;
    let pulled = Sources::new(&arguments.registry, true, log).pull_in_full(&reference)?;
    let path = match &arguments.output {
        Some(path) => path.clone(),
        None => PathBuf::from(format!("{}.wasm", reference.name())),
    };
    let is_there = holds(&path, &pulled.component);
    if !is_there {
        let written = match arguments.output {
            Some(_) => replace(&path, &pulled.component),
            None => create(&path, &pulled.component),
        };
        match written {
            Err(error)
                if error.kind() == ErrorKind::AlreadyExists && arguments.output.is_none() =>
            {
                bail!(
                    "{0} exists with other content: `--output {0}` replaces it",
                    path.display()
                )
            }
            written => {
                written.with_context(|| format!("{} cannot be written", path.display()))?;
            }
        }
    }
    let bytes = pulled.component.len();
    let mut output = Output::new();
    if arguments.json {
        output.line(&serde_json::to_string_pretty(&json!({
            "reference": reference.to_string(),
            "pinned": pulled.pinned.to_string(),
            "digest": pulled.pinned.digest().map(|digest| digest.as_str()),
            "layer": pulled.layer.as_str(),
            "bytes": bytes,
            "output": path,
            "cached": pulled.is_from_cache,
        }))?)?;
    } else {
        log.say(&if is_there {
            format!("{} has this content already", path.display())
        } else {
            format!("wrote {bytes} bytes to {}", path.display())
        });
        output.line(&pulled.pinned.to_string())?;
    }
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Returns whether a file has this content. Pipes and devices are not read.
fn holds(path: &Path, content: &[u8]) -> bool {
    std::fs::metadata(path).is_ok_and(|it| it.is_file() && it.len() == content.len() as u64)
        && std::fs::read(path).is_ok_and(|existing| existing == content)
}

/// Reads a reference, or the alias of one.
fn reference(text: &str) -> Result<Reference> {
    if !Config::is_name(text) {
        return Ok(text.parse()?);
    }
    let config = sources::config()?;
    match config.component(text) {
        Some(target) => match target? {
            Target::Artifact(reference) => Ok(reference),
            Target::File(path) => bail!(
                "{text}: the alias stands for the file {}: there is nothing to pull",
                path.display()
            ),
        },
        None => {
            let names: Vec<&str> = config.components().keys().map(String::as_str).collect();
            let hint = similar::question(text, &names).unwrap_or_else(|| {
                "expected REGISTRY/NAME:TAG, such as ghcr.io/example/hello:1.0".to_owned()
            });
            bail!("{text}: no alias of this name, and no reference: {hint}")
        }
    }
}
