//! Writing the reports in the requested formats.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::options::{CommonOptions, Format};
use super::{colours, print};
use crate::report::human::Style;
use crate::report::{Report, badge, human, json, junit, markdown, page};

/// Checks that all outputs can be written, so that a long run is not lost to a typo in a path.
///
/// # Errors
///
/// When something cannot be written, or two outputs go into one file.
pub(super) fn prepare(options: &CommonOptions) -> anyhow::Result<()> {
    let further = options.report.iter().map(|(_, path)| path);
    let updated = options
        .expectations
        .iter()
        .filter(|_| options.update_expectations);
    let mut known: Vec<PathBuf> = Vec::new();
    for path in further.chain(&options.output).chain(updated) {
        let Some(file) = try_to_write(path)? else {
            continue;
        };
        ensure!(
            !known.contains(&file),
            "two outputs go into {}: the second would overwrite the first",
            path.display()
        );
        known.push(file);
    }
    if let Some(folder) = &options.transcript {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be created", folder.display()))?;
        try_to_write(&folder.join("all.jsonl"))?;
    }
    Ok(())
}

/// Opens a file for writing without changing it, and returns its canonical path. Pipes and devices
/// are left alone, as opening them is visible at the other end.
fn try_to_write(path: &Path) -> anyhow::Result<Option<PathBuf>> {
    let attempt = || {
        let mut open = OpenOptions::new();
        open.append(true);
        match fs::metadata(path) {
            Ok(found) if !found.is_file() && !found.is_dir() => Ok(None),
            Ok(_) => {
                open.open(path)?;
                Ok(Some(fs::canonicalize(path)?))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                open.create(true).open(path)?;
                let file = fs::canonicalize(path)?;
                // An empty file would look like a report if the run fails.
                fs::remove_file(&file)?;
                Ok(Some(file))
            }
            Err(error) => Err(error),
        }
    };
    attempt().with_context(|| format!("{} cannot be written", path.display()))
}

/// Writes the report to all requested places.
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
