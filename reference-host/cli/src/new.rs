//! `wasi-mcp new`

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use wasi_mcp_authoring::{Language, ServerKind, create};

use super::arguments::NewArguments;
use super::logging::Log;
use super::output::Output;

pub(super) fn run(arguments: &NewArguments, log: &Log) -> Result<ExitCode> {
    if arguments.list {
        return list();
    }
    let name = arguments.name.as_ref().context("a name is required")?;
    let language = arguments.language.context("a language is required")?;
    let wasi = arguments.wasi.unwrap_or(language.variants()[0]);
    let folder = name.to_string();
    let kind = match arguments.service {
        true => ServerKind::Service,
        false => ServerKind::Backend,
    };
    let mut files = create(Path::new(&folder), name, language, wasi, kind)?;
    files.sort();
    let mut output = Output::new();
    for file in files {
        output.line(&format!("{folder}/{file}"))?;
    }
    output.finish()?;
    log.report(&format!(
        "\nNext:\n\n  cd {folder}\n  {}\n  wasi-mcp dev\n",
        language.setup()
    ));
    Ok(ExitCode::SUCCESS)
}

fn list() -> Result<ExitCode> {
    let mut output = Output::new();
    for language in Language::ALL {
        let variants = language.variants().iter();
        let variants: Vec<_> = variants.map(ToString::to_string).collect();
        let variants = variants.join(", ");
        let (name, about) = (language.name(), language.about());
        output.line(&format!("{name:<12}WASI {variants:<10}  {about}"))?;
    }
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}
