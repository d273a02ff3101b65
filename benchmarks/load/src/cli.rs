//! The command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Parser, Subcommand};

/// Measure the host beside native servers, in one run on one machine.
///
/// A call is `tools/call echo` with 100 bytes; every answer is checked. The servers stay up and take
/// turns in rounds, so that noise affects all alike; figures are medians over the rounds. Noise
/// affects the server's CPU time per request (all threads, user and system, nanoseconds of the
/// scheduler's clock) least: compare that, and its ratio to the official SDK's best mode.
///
/// Build everything for release first:
///
///   cargo build --release --workspace --locked --bin wasi-mcp
///
///   cargo build --release --locked --manifest-path benchmarks/Cargo.toml
///
/// The native servers are expected beside this program; components are built by cargo on demand.
/// `all` takes a quarter of an hour, with --quick a few minutes. For the page:
///
///   load all --page reference-host/PERFORMANCE.md --plots reference-host/performance
///
/// To measure the effect of a change:
///
///   load --host before=OLD/wasi-mcp --host after=NEW/wasi-mcp --only before --only after stdio
///
/// If the interface has changed in between, each host needs components of its own draft:
///
///   load --host before=OLD/target/release/wasi-mcp --checkout before=OLD ...
#[derive(Debug, Parser)]
#[command(name = "load", version, verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    pub options: Options,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Calls over stdio, 1 and 64 in flight
    Stdio,
    /// Calls over Streamable HTTP, on 1 and 32 connections with a session each
    Http,
    /// tools/list with 1,000 tools
    Lists,
    /// From the start of the process to the first answer, with a warm cache
    Start,
    /// New sessions, idle sessions, 10,000 sessions, 1,000 sessions that work
    Sessions,
    /// Calls that return 1 MiB of text and 16 MiB of binary data
    Payload,
    /// Streamed resources of 1 MiB to 1 GiB: time and peak memory
    Streams,
    /// All of these: the table of targets
    Table,
    /// The host beside wasmtime's own command, which runs a composition of the component
    ///
    /// Needs --wasmtime.
    Runtimes,
    /// Servers with one tool, on our library of each language and on SDKs that run natively
    ///
    /// Builds the servers, and counts their lines. What is not named by an option is left out.
    Languages,
    /// Cost against sessions, calls in flight, tools and payload: for --plots
    Growth,
    /// The table and the growth
    All,
}

#[derive(Debug, Args)]
pub struct Options {
    /// The host: a program, with a name before it if several are compared
    ///
    /// May be repeated: the first is judged, the others are shown beside it. Without a name it is
    /// `wasi-mcp`. [default: target/release/wasi-mcp of the project]
    #[arg(long = "host", value_name = "[NAME=]PROGRAM", global = true)]
    hosts: Vec<Host>,

    /// The checkout whose components the host of this name runs; may be repeated
    ///
    /// For a host of an earlier draft of the interface. Cargo builds its `benchmark-guest` on
    /// demand. [default: this project]
    #[arg(long = "checkout", value_name = "NAME=FOLDER", global = true)]
    checkouts: Vec<Checkout>,

    /// wasmtime's own command, version 48 or later, for `runtimes`
    #[arg(long, value_name = "PROGRAM", global = true)]
    wasmtime: Option<PathBuf>,

    #[command(flatten)]
    pub installed: Installed,

    /// A further argument of `wasi-mcp serve`; may be repeated
    #[arg(
        long = "host-arg",
        value_name = "ARGUMENT",
        global = true,
        allow_hyphen_values = true
    )]
    pub host_arguments: Vec<String>,

    /// Only candidates that have this in their name; may be repeated
    #[arg(long, value_name = "TEXT", global = true)]
    only: Vec<String>,

    /// For development: 3 rounds of 0.3 seconds
    #[arg(long, global = true)]
    pub quick: bool,

    /// Number of turns of each candidate [default: 5]
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,

    /// Duration of a turn, in seconds [default: 1]
    #[arg(long, value_name = "SECONDS", global = true)]
    seconds: Option<f64>,

    /// Write the figures as JSON
    #[arg(long, value_name = "FILE", global = true)]
    pub json: Option<PathBuf>,

    /// Put the tables into a page, in place of those of the last run
    #[arg(long, value_name = "FILE.md", global = true)]
    pub page: Option<PathBuf>,

    /// Write the plots of `growth` as SVG
    #[arg(long, value_name = "FOLDER", global = true)]
    pub plots: Option<PathBuf>,
}

/// The tools and packages that `languages` needs, which others have installed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of `languages`")]
pub struct Installed {
    /// componentize-py, which builds the server in Python
    #[arg(long, value_name = "PROGRAM", global = true)]
    pub componentize_py: Option<PathBuf>,

    /// A folder with the packed `@wasi-mcp/guest` and zod installed, for the server in TypeScript
    #[arg(long, value_name = "FOLDER", global = true)]
    pub wasi_mcp_guest: Option<PathBuf>,

    /// The Python that has the packages of benchmarks/peers/fastmcp
    #[arg(long, value_name = "PYTHON", global = true)]
    pub fastmcp: Option<PathBuf>,

    /// The Python that has the packages of benchmarks/peers/python-sdk
    #[arg(long, value_name = "PYTHON", global = true)]
    pub python_sdk: Option<PathBuf>,

    /// A folder with the packages of benchmarks/peers/typescript-sdk installed
    #[arg(long, value_name = "FOLDER", global = true)]
    pub typescript_sdk: Option<PathBuf>,
}

/// A build of the host.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its name in tables.
    pub label: Option<String>,
    /// The program.
    pub binary: PathBuf,
}

impl std::str::FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (label, binary) = match text.split_once('=') {
            Some((label, binary)) => (Some(label.to_owned()), binary),
            None => (None, text),
        };
        let binary = Path::new(binary);
        if binary.is_file() {
            let binary = std::path::absolute(binary).map_err(|error| error.to_string())?;
            Ok(Self { label, binary })
        } else {
            Err(format!("there is no program {}", binary.display()))
        }
    }
}

/// The sources of the components that one host runs.
#[derive(Debug, Clone)]
struct Checkout {
    /// The host's name in tables.
    label: String,
    /// The folder of the sources.
    folder: PathBuf,
}

impl std::str::FromStr for Checkout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (label, folder) = text
            .split_once('=')
            .ok_or("expected NAME=FOLDER, with the NAME of a --host")?;
        let folder = std::path::absolute(folder).map_err(|error| error.to_string())?;
        if folder.join("benchmarks/Cargo.toml").is_file() {
            Ok(Self {
                label: label.to_owned(),
                folder,
            })
        } else {
            let folder = folder.display();
            Err(format!(
                "{folder} has no benchmarks/Cargo.toml: expected a checkout of this project"
            ))
        }
    }
}

impl Options {
    /// Returns the builds of the host; the first one is under test.
    ///
    /// # Errors
    ///
    /// When a checkout belongs to no host.
    pub fn hosts(&self) -> Result<Vec<Host>> {
        if self.hosts.is_empty() && self.checkouts.is_empty() {
            return Ok(vec![Host {
                label: None,
                binary: self.project().join("target/release/wasi-mcp"),
            }]);
        }
        for Checkout { label, .. } in &self.checkouts {
            ensure!(
                self.hosts
                    .iter()
                    .any(|host| host.label.as_ref() == Some(label)),
                "--checkout {label}=...: there is no --host {label}=..."
            );
        }
        Ok(self.hosts.clone())
    }

    /// Returns wasmtime's own command.
    ///
    /// # Errors
    ///
    /// When it was not named.
    pub fn wasmtime(&self) -> Result<&Path> {
        let program = self.wasmtime.as_deref();
        program.context("name wasmtime's own command with --wasmtime")
    }

    /// Returns the checkout of a host's components, if it is not this project.
    pub fn checkout(&self, host: &Host) -> Option<&Path> {
        let of_host = |checkout: &&Checkout| host.label.as_ref() == Some(&checkout.label);
        let checkout = self.checkouts.iter().find(of_host)?;
        Some(&checkout.folder)
    }

    /// Returns whether a candidate is selected.
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|text| name.contains(text))
    }

    /// Returns the number of turns of each candidate.
    pub fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 3 } else { 5 })
    }

    /// Returns the duration of a turn.
    pub fn burst(&self) -> Duration {
        let default = if self.quick { 0.3 } else { 1.0 };
        Duration::from_secs_f64(self.seconds.unwrap_or(default).max(0.01))
    }

    /// Returns the folder of the project's sources.
    pub fn project(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    /// Returns a program that is built with this one.
    pub fn native(&self, name: &str) -> Result<PathBuf> {
        let own = std::env::current_exe().context("where this program is")?;
        let native = own.with_file_name(name);
        ensure!(
            native.is_file(),
            "there is no {}: build it as --help says",
            native.display()
        );
        Ok(native)
    }

    /// Returns the folder of build results that contains this program.
    pub fn target(&self) -> Result<PathBuf> {
        let own = std::env::current_exe().context("where this program is")?;
        let folder = own
            .ancestors()
            .nth(2)
            .context("a folder of build results")?;
        Ok(folder.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
