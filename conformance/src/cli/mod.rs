//! The command line.

mod coverage;
mod explain;
pub mod guests;
mod list;
mod options;
mod pattern;
mod progress;
mod reports;
mod runtime;
mod similar;

use std::fs;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};

use crate::driver::process;
use crate::expectations::{self, Expectations};
use crate::model::Transport;
use crate::model::visible::visible;
use crate::report::human::Style;
use crate::report::{Report, json};
use crate::runner::{self, Judged, RunOptions, Selection};
use crate::targets::component::{self, Loaded};
use crate::targets::recording::Recording;
use crate::targets::{Target, command, embedded, url};

use similar::{OFFERED, similar};

use options::{Action, Cli, CommonOptions, TargetOptions, Transports};

/// The name of the program.
const NAME: &str = "wasi-mcp-conformance";

/// Nothing failed.
const PASSED: u8 = 0;
/// A check failed.
const FAILED: u8 = 1;
/// The suite could not run.
const COULD_NOT_RUN: u8 = 2;
/// The exit status of a program that a signal ended, less the number of the signal.
const SIGNALLED: i32 = 128;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let _processes = Processes;
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(refuse(&error)),
    };
    match act(cli) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            // It may quote the server.
            tell(&format!("{NAME}: {}", visible(&format!("{error:#}"))));
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// Prints help, the version, or an error in the arguments, and returns the exit status.
fn refuse(error: &clap::Error) -> u8 {
    if let Some(conflict) = conflict(error, std::env::args().skip(1)) {
        tell(&format!("error: {conflict}"));
        return COULD_NOT_RUN;
    }
    let printed = error.print().and_then(|()| std::io::stdout().flush());
    if error.use_stderr() {
        if let Some(file) = meant_to_run(error) {
            tell(&format!("\nDid you mean `{NAME} run {file}`?"));
        }
        if chooses_checks(error) {
            tell("\nChecks are chosen with --filter, for example --filter 'tools/*'");
        }
        return COULD_NOT_RUN;
    }
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            tell(&format!("{NAME}: stdout cannot be written: {error}"));
            COULD_NOT_RUN
        }
        _ => PASSED,
    }
}

/// Writes a line to stderr. A line that cannot be written changes nothing.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Ends all processes of servers when the program ends, even by a panic.
struct Processes;

impl Drop for Processes {
    fn drop(&mut self) {
        process::end_all();
    }
}

/// Returns the file that the user passed in place of a subcommand.
fn meant_to_run(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(word)) = error
        .context()
        .find_map(|(kind, value)| (kind == ContextKind::InvalidSubcommand).then_some(value))
    else {
        return None;
    };
    let file = word.ends_with(".wasm") || Path::new(word).is_file();
    file.then(|| word.clone())
}

/// Returns true if the user tried to choose checks with an option that does not exist.
fn chooses_checks(error: &clap::Error) -> bool {
    let unknown = error.kind() == clap::error::ErrorKind::UnknownArgument;
    let wrong = error.get(ContextKind::InvalidArg);
    let Some(ContextValue::String(option)) = wrong.filter(|_| unknown) else {
        return false;
    };
    ["--area", "--areas", "--check", "--checks", "--id"].contains(&option.as_str())
}

/// Describes two arguments that exclude each other. Of the options that exclude one, only those
/// that were given are named.
fn conflict(error: &clap::Error, given: impl Iterator<Item = String>) -> Option<String> {
    if error.kind() != clap::error::ErrorKind::ArgumentConflict {
        return None;
    }
    let Some(ContextValue::String(one)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let others = match error.get(ContextKind::PriorArg)? {
        ContextValue::String(other) => vec![other.as_str()],
        ContextValue::Strings(others) => others.iter().map(String::as_str).collect(),
        _ => return None,
    };
    // `--dir <HOST::GUEST>` and `[COMPONENT]` in the words of clap.
    let name = |shown: &str| shown.split([' ', '=']).next().unwrap_or(shown).to_owned();
    let given: Vec<String> = given.map(|argument| name(&argument)).collect();
    let is_given = |other: &&str| !other.starts_with('-') || given.contains(&name(other));
    let mut named: Vec<String> = others.into_iter().filter(is_given).map(name).collect();
    named.sort();
    named.dedup();
    let one = name(one);
    // Clap may name as others all members of a group, of which the one itself is a member.
    named.retain(|other| *other != one);
    let others = named.join(" and ");
    (!named.is_empty()).then(|| format!("{one} cannot be used with {others}"))
}

fn act(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        None => {
            let components = embedded::load_default()?.into_iter();
            let isolation = cli.embedded.isolation.into();
            let components: Vec<Loaded> = components
                .map(|component| component.isolated(isolation))
                .collect();
            let targets = over(&components, cli.embedded.transport);
            run(&targets, &cli.embedded.common)
        }
        Some(Action::Run(options)) => {
            obey_signals()?;
            match (&options.runtime, &options.recording) {
                (Some(adapter), _) => runtime::run(
                    adapter,
                    options.transport.unwrap_or_default(),
                    &options.common,
                ),
                (None, Some(path)) => {
                    let recording = [Recording::read(path)?];
                    let run_options = run_options(&options.common)?;
                    applies(&recording, &run_options.selection)?;
                    judge(&recording, &run_options, &options.common)
                }
                (None, None) => run(&targets(&options)?, &options.common),
            }
        }
        Some(Action::List(options)) => {
            print(&list::write(&options, on_stdout())?)?;
            Ok(PASSED)
        }
        Some(Action::Explain { ids }) => {
            let texts = ids.iter().map(|id| explain::write(id, on_stdout()));
            print(&texts.collect::<Result<Vec<_>, _>>()?.join("\n"))?;
            Ok(PASSED)
        }
        Some(Action::Coverage(options)) => {
            print(&coverage::write(&options, on_stdout()))?;
            Ok(PASSED)
        }
        Some(Action::ReportSchema) => {
            print(json::SCHEMA)?;
            Ok(PASSED)
        }
        Some(Action::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
            print(&String::from_utf8(script)?)?;
            Ok(PASSED)
        }
        Some(Action::Guests { out }) => {
            let written = guests::write_all(&out)?;
            let lines = written.iter().map(|path| format!("{}\n", path.display()));
            print(&lines.collect::<String>())?;
            Ok(PASSED)
        }
    }
}

/// Ends the processes of servers, which are not in the group of a terminal, and then the program
/// when it is interrupted.
fn obey_signals() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::spawn(move || {
        let number = runtime.block_on(interruption());
        process::end_all();
        std::process::exit(SIGNALLED + number);
    });
    Ok(())
}

/// Waits for a signal to end, and returns its number.
#[cfg(unix)]
async fn interruption() -> i32 {
    use tokio::signal::unix::{SignalKind, signal};
    let all = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let waits = all.map(|kind| {
        Box::pin(async move {
            match signal(kind) {
                Ok(mut signals) => drop(signals.recv().await),
                // It keeps its usual effect.
                Err(_) => std::future::pending().await,
            }
            kind.as_raw_value()
        })
    });
    futures::future::select_all(waits).await.0
}

/// Waits for Ctrl-C, and returns the number of that signal elsewhere.
#[cfg(not(unix))]
async fn interruption() -> i32 {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    2
}

fn targets(options: &TargetOptions) -> anyhow::Result<Vec<Target>> {
    if let Some(line) = &options.command {
        options.speaks("--command", Transport::Stdio)?;
        return Ok(vec![command::target(line)?]);
    }
    if let Some(address) = &options.url {
        options.speaks("--url", Transport::Http)?;
        return Ok(vec![url::target(
            address,
            &options.header,
            options.tokens()?,
        )?]);
    }
    let Some(path) = &options.component else {
        bail!(
            "nothing to judge: name a component (run FILE.wasm), a command (run --command 'CMD ARGS'), \
             a URL (run --url URL), a runtime (run --runtime FILE.toml) or a recording \
             (run --recording FILE)"
        );
    };
    let bytes = fs::read(path).with_context(|| unreadable(path))?;
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let isolation = options.isolation.unwrap_or_default().into();
    if !options.no_cache {
        component::keep_compiled_code();
    }
    let component = component::load(&name, &bytes)?
        .isolated(isolation)
        .granted(&options.sandbox)?;
    Ok(over(&[component], options.transport.unwrap_or_default()))
}

/// Says that a component cannot be read. The suite has no client of registries, which would make its build
/// longer.
fn unreadable(path: &Path) -> String {
    let path = path.display().to_string();
    let name = path.strip_prefix("oci://").unwrap_or(&path);
    let last = name.rsplit('/').next().unwrap_or_default();
    let is_reference = path.starts_with("oci://") || last.contains([':', '@']);
    let remedy = match is_reference {
        true => format!(
            "; if it is in a registry, pull it first: wasi-mcp pull {name} --output component.wasm"
        ),
        false => String::new(),
    };
    format!("{path} cannot be read{remedy}")
}

fn over(components: &[Loaded], transports: Transports) -> Vec<Target> {
    let all = components.iter().flat_map(|loaded| {
        transports
            .all()
            .iter()
            .map(|transport| loaded.target(*transport))
    });
    all.collect()
}

fn run(targets: &[Target], options: &CommonOptions) -> anyhow::Result<u8> {
    let run_options = run_options(options)?;
    applies(targets, &run_options.selection)?;
    let targets: Vec<Target> = targets
        .iter()
        .map(|target| with_timeouts(target, options))
        .collect();
    judge(&targets, &run_options, options)
}

/// Fails unless a check of one of these targets is selected.
fn applies(targets: &[impl Judged], selection: &Selection) -> anyhow::Result<()> {
    let found = targets
        .iter()
        .any(|target| selection.applies_to(target.identity()));
    ensure!(
        found,
        "no check that meets --filter applies to this target over this transport: \
         `{NAME} list` says which apply over which; those named component/ judge components alone, \
         and those named runtime- a runtime (--runtime)"
    );
    Ok(())
}

/// Runs the checks and reports the results.
fn judge(
    targets: &[impl Judged],
    run_options: &RunOptions,
    options: &CommonOptions,
) -> anyhow::Result<u8> {
    reports::prepare(options)?;
    let watcher = progress::watcher(options.quiet);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let runs = runtime.block_on(runner::run_all(targets, run_options, watcher.as_ref()));
    // A guest that never returns must not keep the program from exiting.
    runtime.shutdown_background();
    conclude(&Report::new(runs?), options)
}

/// Writes the reports, updates the expectations if asked to, and returns the exit status.
fn conclude(report: &Report, options: &CommonOptions) -> anyhow::Result<u8> {
    reports::write(report, options)?;
    if let Some(path) = options
        .expectations
        .as_deref()
        .filter(|_| options.update_expectations)
    {
        update_expectations(path, report)?;
        return Ok(PASSED);
    }
    Ok(if report.has_failures() {
        FAILED
    } else {
        PASSED
    })
}

/// Applies the time limits of the command line to the target.
fn with_timeouts(target: &Target, options: &CommonOptions) -> Target {
    let mut target = target.clone();
    target.timing.start = options.start_timeout;
    if let Some(answer) = options.answer_timeout {
        target.timing.allow(answer);
    }
    target.timing.peer_timeout = options.peer_timeout.or(target.timing.peer_timeout);
    target
}

fn run_options(options: &CommonOptions) -> anyhow::Result<RunOptions> {
    let mut selection =
        Selection::of(options.filter.iter().cloned()).context("--filter is malformed")?;
    if let Some(filter) = selection.unmet().first() {
        bail!(unmet(filter));
    }
    selection.destructive = options.destructive;
    selection.seed = Some(options.seed);
    selection.skipped_tools.clone_from(&options.skip_tool);
    selection.conduct().context("--skip-tool is malformed")?;
    let expectations = match &options.expectations {
        // The file does not exist before the first update.
        Some(path) if options.update_expectations && !path.exists() => Expectations::default(),
        Some(path) => Expectations::read(path)?,
        None => Expectations::default(),
    };
    Ok(RunOptions {
        selection,
        jobs: options.jobs.map(usize::from),
        check_timeout: options.check_timeout,
        strict: options.strict,
        fail_fast: options.fail_fast,
        repeat: options.repeat.into(),
        transcripts: options.transcript.clone(),
        expectations,
    })
}

/// Describes a filter that matches no check, with what may be meant.
fn unmet(filter: &str) -> String {
    let text = filter.trim_matches(['*', '/', '.']);
    let mut names = Selection::names();
    let whole = similar(text, names.iter().copied());
    names.retain(|name| !name.contains('.'));
    let mut pages: Vec<&str> = names
        .iter()
        .filter_map(|name| name.split('/').next())
        .collect();
    pages.dedup();
    let near = similar(text, pages.iter().copied());
    let near: Vec<String> = near
        .into_iter()
        .map(|page| format!("{page}/"))
        .chain(whole.into_iter().map(str::to_owned))
        .take(OFFERED)
        .collect();
    let mut told = format!("no check matches --filter {filter}: `{NAME} list` names them all");
    if !near.is_empty() {
        told.push_str(&format!("\nDid you mean {}?", near.join(", ")));
    }
    told.push_str(&format!("\nThe areas are {}", pages.join(", ")));
    told
}

fn update_expectations(path: &Path, report: &Report) -> anyhow::Result<()> {
    let known = if path.exists() {
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?
    } else {
        String::new()
    };
    let updated = expectations::updated(&known, &report.runs)?;
    if updated.text == known {
        tell(&format!(
            "{} is up to date, so the exit status is 0",
            path.display()
        ));
        return Ok(());
    }
    fs::write(path, &updated.text)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    if updated.removed > 0 {
        let entries = entries(updated.removed);
        tell(&format!(
            "{entries} removed from {}, or narrowed",
            path.display()
        ));
    }
    if updated.added > 0 {
        tell("replace the reasons of the new entries");
    }
    tell(&format!(
        "{} added to {}, so the exit status is 0",
        entries(updated.added),
        path.display()
    ));
    Ok(())
}

fn entries(count: usize) -> String {
    let plural = if count == 1 { "entry" } else { "entries" };
    format!("{count} {plural}")
}

/// Returns the style for output on stdout.
fn on_stdout() -> Style {
    Style {
        colour: colours(),
        verbose: false,
    }
}

/// Returns true if stdout is a terminal and colours are not disabled: <https://no-color.org>.
fn colours() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !unwanted
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        // `… | head` closes the pipe early.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("stdout cannot be written"),
    }
}
