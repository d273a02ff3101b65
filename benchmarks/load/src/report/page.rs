//! The report as Markdown, and its place in a page that people write.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::text::{bytes, comparison, table};
use super::{Report, languages};
use crate::parts::sessions::{Capacity, Idle};
use crate::parts::start::Start;
use crate::parts::streams::Streamed;
use crate::targets::{Target, refusal};

const BEGIN: &str = "<!-- Written by `load`, from one run: do not edit. -->";
const END: &str = "<!-- The end of what `load` has written. -->";

/// Returns the whole report.
pub fn markdown(report: &Report) -> String {
    let mut parts = vec![report.machine.sentence()];
    if !report.targets.is_empty() {
        parts.push(targets(&report.targets));
    }
    parts.extend(report.comparisons.iter().map(comparison));
    if !report.starts.is_empty() {
        parts.push(starts(&report.starts));
    }
    if !report.idle.is_empty() {
        parts.push(idle(&report.idle));
    }
    if !report.capacity.is_empty() {
        parts.push(capacity(&report.capacity));
    }
    if !report.streams.is_empty() {
        parts.push(streams(&report.streams));
    }
    if let Some(languages) = &report.languages {
        parts.push(languages::tables(languages));
    }
    parts.join("\n\n")
}

/// Puts the report into a page, in place of the last one.
pub fn update(page: &Path, report: &Report) -> Result<()> {
    let old = std::fs::read_to_string(page);
    let old = old.with_context(|| format!("cannot read {}", page.display()))?;
    let (before, rest) = old
        .split_once(BEGIN)
        .context("the page has no place for it")?;
    let (_, after) = rest
        .split_once(END)
        .context("the page has no place for it")?;
    let new = format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", markdown(report));
    std::fs::write(page, new).with_context(|| format!("cannot write {}", page.display()))
}

fn targets(targets: &[Target]) -> String {
    let head = ["what", "aim", "measured", "beside", "value", "met"].map(str::to_owned);
    let row = |target: &Target| {
        [
            target.what.clone(),
            target.aim.clone(),
            target.measured.clone(),
            target.beside.clone(),
            match target.value {
                ..10.0 => format!("{:.2}", target.value),
                _ => format!("{:.0}", target.value),
            },
            if target.is_met { "yes" } else { "**no**" }.to_owned(),
        ]
    };
    let rows: Vec<_> = std::iter::once(head)
        .chain(targets.iter().map(row))
        .collect();
    let met = targets.iter().filter(|target| target.is_met).count();
    format!(
        "{met} of {} targets are met.\n\n{}",
        targets.len(),
        table(&rows)
    )
}

fn starts(starts: &[Start]) -> String {
    let head = ["", "ms", "least - most", "CPU ms"].map(str::to_owned);
    let row = |start: &Start| {
        [
            start.name.clone(),
            format!("{:.1}", start.time.median),
            format!("{:.1} - {:.1}", start.time.least, start.time.most),
            format!("{:.1}", start.cpu.median),
        ]
    };
    let rows: Vec<_> = std::iter::once(head)
        .chain(starts.iter().map(row))
        .collect();
    format!(
        "**From the start of the process to the first answer of a tool**\n\n{}",
        table(&rows)
    )
}

fn idle(idle: &[Idle]) -> String {
    let head = ["", "memory", "memory maps"].map(str::to_owned);
    let row = |one: &Idle| {
        [
            one.name.clone(),
            bytes(one.memory),
            format!("{:.1}", one.maps),
        ]
    };
    let rows: Vec<_> = std::iter::once(head).chain(idle.iter().map(row)).collect();
    format!("**An idle session**\n\n{}", table(&rows))
}

fn streams(all: &[Streamed]) -> String {
    let head = [
        "",
        "size",
        "response",
        "seconds",
        "CPU seconds",
        "peak memory",
    ]
    .map(str::to_owned);
    let row = |one: &Streamed| {
        [
            one.transport.to_owned(),
            bytes(one.size as f64),
            bytes(one.received as f64),
            format!("{:.2}", one.seconds),
            format!("{:.2}", one.cpu),
            bytes(one.peak as f64),
        ]
    };
    let rows: Vec<_> = std::iter::once(head).chain(all.iter().map(row)).collect();
    format!("**Streamed resources**\n\n{}", table(&rows))
}

fn capacity(capacities: &[Capacity]) -> String {
    let head = [
        "",
        "sessions",
        "seconds",
        "memory",
        "memory maps",
        "then",
        "all answer",
    ];
    let row = |one: &Capacity| {
        [
            one.name.clone(),
            one.opened.to_string(),
            format!("{:.1}", one.time),
            bytes(one.resident as f64),
            one.maps.to_string(),
            refusal(one),
            if one.all_answer { "yes" } else { "no" }.to_owned(),
        ]
    };
    let head = head.map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head)
        .chain(capacities.iter().map(row))
        .collect();
    format!("**Idle sessions of `hello`**\n\n{}", table(&rows))
}
