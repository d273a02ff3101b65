//! Runs the measurements of a command, and compares them with the targets.

use anyhow::Result;

use crate::cli::{Command, Options};
use crate::languages;
use crate::parts::{active, calls, growth, lists, payload, sessions, start, streams};
use crate::report::Report;
use crate::targets;

/// Measures the parts that the command selects.
pub fn run(command: &Command, options: &Options, report: &mut Report) -> Result<()> {
    let parts: &[Part] = match command {
        Command::Stdio => &[stdio],
        Command::Http => &[http],
        Command::Lists => &[lists],
        Command::Start => &[start],
        Command::Sessions => &[sessions],
        Command::Payload => &[payload],
        Command::Streams => &[streamed],
        Command::Runtimes => &[runtimes],
        Command::Languages => &[compare_languages],
        Command::Table => &[stdio, http, lists, start, sessions, payload, streamed],
        Command::Growth => &[growth],
        Command::All => &[
            stdio, http, lists, start, sessions, payload, streamed, growth,
        ],
    };
    parts.iter().try_for_each(|part| part(options, report))
}

type Part = fn(&Options, &mut Report) -> Result<()>;

fn stdio(options: &Options, report: &mut Report) -> Result<()> {
    let [one, many] = calls::stdio(options)?;
    report
        .targets
        .extend(targets::against_rmcp(&one, [1.0, 1.0]));
    report
        .targets
        .extend(targets::against_rmcp(&many, [0.8, 0.5]));
    report.comparisons.extend([one, many]);
    Ok(())
}

fn http(options: &Options, report: &mut Report) -> Result<()> {
    let [one, many] = calls::http(options)?;
    report
        .targets
        .extend(targets::against_rmcp(&one, [0.8, 0.8]));
    report
        .targets
        .extend(targets::against_rmcp(&many, [0.6, 0.6]));
    report.targets.extend(targets::p99(&many));
    report.comparisons.extend([one, many]);
    Ok(())
}

fn lists(options: &Options, report: &mut Report) -> Result<()> {
    for comparison in lists::lists(options)? {
        report
            .targets
            .extend(targets::against_rmcp(&comparison, [0.25, 0.25]));
        report.comparisons.push(comparison);
    }
    Ok(())
}

fn start(options: &Options, report: &mut Report) -> Result<()> {
    let starts = start::start(options)?;
    report.targets.extend(targets::start(&starts));
    report.starts.extend(starts);
    Ok(())
}

fn sessions(options: &Options, report: &mut Report) -> Result<()> {
    let new = sessions::new(options)?;
    report.targets.extend(targets::new_session(&new));
    report.comparisons.push(new);
    let idle = sessions::idle(options)?;
    report.targets.extend(targets::idle(&idle));
    report.idle.extend(idle);
    let capacity = sessions::capacity(options)?;
    report.targets.extend(targets::capacity(&capacity));
    report.capacity.extend(capacity);
    let active = active::active(options)?;
    report.targets.extend(targets::active(&active));
    report.comparisons.push(active);
    Ok(())
}

fn payload(options: &Options, report: &mut Report) -> Result<()> {
    for comparison in payload::payload(options)? {
        report
            .targets
            .extend(targets::against_floor(&comparison, 2.0));
        report.comparisons.push(comparison);
    }
    Ok(())
}

fn streamed(options: &Options, report: &mut Report) -> Result<()> {
    let all = streams::streams(options)?;
    report.targets.extend(targets::streams(&all));
    report.streams.extend(all);
    Ok(())
}

fn runtimes(options: &Options, report: &mut Report) -> Result<()> {
    report.comparisons.extend(calls::runtimes(options)?);
    Ok(())
}

fn compare_languages(options: &Options, report: &mut Report) -> Result<()> {
    report.languages = Some(languages::compare(options)?);
    Ok(())
}

fn growth(options: &Options, report: &mut Report) -> Result<()> {
    report.growth.extend(growth::growth(options)?);
    Ok(())
}
