//! The load driver: measures the host beside native servers, in one run.

mod candidates;
mod cli;
mod client;
mod components;
mod messages;
mod parts;
mod process;
mod progress;
mod report;
mod rounds;
mod sample;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use cli::{Arguments, Command};

fn main() -> Result<()> {
    let Arguments { options, command } = Arguments::parse();
    let comparisons = match command {
        Command::Stdio => parts::calls::stdio(&options)?,
        Command::Http => parts::calls::http(&options)?,
    };
    for comparison in &comparisons {
        println!("{}", report::text::comparison(comparison));
    }
    if let Some(file) = &options.json {
        let json = serde_json::to_string_pretty(&comparisons)?;
        std::fs::write(file, json).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
