//! The reports in the forms that were asked for.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::options::{CommonOptions, Format};
use super::{colours, print};
use crate::report::human::Style;
use crate::report::{Report, badge, human, json, junit, markdown, page};

/// Writes the report where the options say, and in which forms.
pub(super) fn write(report: &Report, options: &CommonOptions) -> anyhow::Result<()> {
    for (format, path) in &options.report {
        save(path, &text(report, *format, options, false)?)?;
    }
    let colour = options.output.is_none() && colours();
    let text = text(report, options.format, options, colour)?;
    match &options.output {
        Some(path) => save(path, &text),
        None => print(&text),
    }
}

fn text(
    report: &Report,
    format: Format,
    options: &CommonOptions,
    colour: bool,
) -> anyhow::Result<String> {
    let style = Style {
        colour,
        verbose: options.verbose,
    };
    Ok(match format {
        Format::Human => human::write(report, style),
        Format::Json => json::write(report)?,
        Format::Junit => junit::write(report)?,
        Format::Markdown => markdown::write(report),
        Format::Html => page::write(report),
        Format::Badge => badge::write(report),
    })
}

fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
