//! The load driver: measures the host beside native servers, in one run.

mod candidates;
mod cli;
mod client;
mod components;
mod languages;
mod messages;
mod parts;
mod process;
mod progress;
mod report;
mod rounds;
mod run;
mod sample;
mod targets;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use cli::Arguments;
use report::{Report, machine::Machine};

fn main() -> Result<()> {
    let Arguments { options, command } = Arguments::parse();
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most).context("connections need files")?;

    let mut report = Report::new(Machine::here(&options));
    run::run(&command, &options, &mut report)?;
    println!("{}", report::page::markdown(&report));
    if let Some(file) = &options.json {
        let json = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, json).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if let Some(page) = &options.page {
        report::page::update(page, &report)?;
    }
    if let Some(folder) = &options.plots {
        report::plot::write(folder, &report.growth)?;
    }
    Ok(())
}
