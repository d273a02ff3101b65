//! The command `wasi-mcp-wit`.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use wasi_mcp_wit::address::Address;
use wasi_mcp_wit::artifact::{Artifact, Origin};
use wasi_mcp_wit::mapping::Mapping;
use wasi_mcp_wit::package::{Source, first_difference};
use wasi_mcp_wit::{records, reference, tables};

/// Keeps derived files in step with the wasi:mcp WIT.
///
/// The package for WASI 0.3, in `wit/`, is written by hand. Four things are derived from it and
/// committed beside it, so that using them does not require this command:
///
///   derive     wit/preview2/          the package for WASI 0.2
///   types      reference-host/types/  the plain types as Rust
///   reference  proposal/reference.md  the package as a page for people
///   mapping    proposal/mapping.md    MCP's methods and definitions and their places, with
///                                     proposal/mapping.tsv as the other source
///
/// After a change of the WIT or of mapping.tsv, run `wasi-mcp-wit all`. With --check nothing is
/// written: the command reports what is out of date and exits with status 1, for use in CI. Status
/// 2 means that it failed, for example because the WIT does not parse.
///
/// `publish` uploads both packages to an OCI registry.
#[derive(Debug, Parser)]
#[command(version, verbatim_doc_comment)]
struct Command {
    #[command(subcommand)]
    task: Task,
    /// The folder that contains wit/ and proposal/
    #[arg(long, value_name = "FOLDER", default_value = ".", global = true)]
    root: PathBuf,
    /// Write nothing; report what is out of date, and exit with status 1 if anything is
    #[arg(long, global = true)]
    check: bool,
}

#[derive(Clone, Debug, Subcommand)]
enum Task {
    /// Write wit/preview2: the package for WASI 0.2
    ///
    /// The rule: the version in the package line changes; `async func` becomes `func`; a function
    /// with a future or a stream in its type is omitted, together with its doc comment. Everything
    /// else stays the same, including spacing.
    #[command(verbatim_doc_comment)]
    Derive,
    /// Write the sources of the crate wasi-mcp-types: the types without handles as Rust
    Types,
    /// Write proposal/reference.md: every item of the package with its text, for both variants
    Reference,
    /// Write proposal/mapping.md: MCP's methods and definitions and their places in the package
    Mapping,
    /// Do all of these
    All,
    /// Upload both packages to an OCI registry, each under its version as the tag
    ///
    /// The packages become REGISTRY/wasi/mcp:VERSION, for example
    /// ghcr.io/webassembly/wasi/mcp:0.3.0-draft2. The artifacts are those that `wkg` and
    /// wasm-pkg-client read: a configuration of the type application/vnd.wasm.config.v0+json and one
    /// layer of the type application/wasm.
    ///
    /// A published version never changes. If a tag exists with the same content, nothing is
    /// uploaded; if it exists with other content, the command fails before the first upload. It
    /// also fails if wit/preview2/ is not derived from wit/.
    ///
    /// Credentials come from WASI_MCP_REGISTRY_USER and WASI_MCP_REGISTRY_PASSWORD (a password or
    /// an access token), else from the configuration of Podman or Docker and its credential helpers,
    /// as `docker login` leaves them. Without either, uploads are anonymous.
    ///
    /// Needs a build with the feature `publish`, unless --dry-run is given:
    ///
    ///   cargo run -p wasi-mcp-wit --features publish -- publish --registry ghcr.io/webassembly
    #[command(verbatim_doc_comment)]
    Publish(Publish),
}

#[derive(Args, Clone, Debug)]
struct Publish {
    /// The registry, and the namespace in it that the packages belong to
    #[arg(long, value_name = "HOST[:PORT][/NAMESPACE]")]
    registry: Address,
    /// Use HTTP instead of HTTPS; for registries on this machine only
    #[arg(long)]
    plain_http: bool,
    /// Encode the packages and print their digests; contact no registry
    #[arg(long)]
    dry_run: bool,
}

fn main() -> ExitCode {
    let command = match Command::try_parse() {
        Ok(command) => command,
        Err(error) => return refuse(&error),
    };
    match run(&command) {
        Ok(stale) if stale.is_empty() => ExitCode::SUCCESS,
        Ok(stale) => {
            for line in stale {
                tell(&line);
            }
            tell("out of date: run `wasi-mcp-wit all`");
            ExitCode::from(1)
        }
        Err(error) => {
            tell(&format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Prints help, the version, or an error in the arguments.
fn refuse(error: &clap::Error) -> ExitCode {
    let printed = error.print().and_then(|()| io::stdout().flush());
    if error.use_stderr() {
        return ExitCode::from(2);
    }
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            tell(&format!(
                "error: standard output cannot be written: {error}"
            ));
            ExitCode::from(2)
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Writes a line to standard error. A failure to write is ignored.
fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes a line to standard output. A closed pipe discards it.
fn print(line: &str) -> Result<()> {
    let mut output = io::stdout().lock();
    match writeln!(output, "{line}").and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("standard output cannot be written"),
    }
}

/// Performs a task, and returns what is out of date if it only checks.
fn run(command: &Command) -> Result<Vec<String>> {
    let Command { task, root, check } = command;
    let check = *check;
    let wit = root.join("wit");
    if !wit.is_dir() {
        bail!("there is no folder {}: is --root right?", wit.display());
    }
    let source = Source::read(&wit)?;
    let derived = source.derived()?;
    if let Task::Publish(options) = task {
        if check {
            bail!("--check: `publish` writes no files; use --dry-run");
        }
        let stale = derive(&derived, &wit.join("preview2"), true)?;
        if stale.is_empty() {
            publish(options, &[source, derived])?;
        }
        return Ok(stale);
    }
    let mut stale = Vec::new();
    if matches!(task, Task::Derive | Task::All) {
        stale.extend(derive(&derived, &wit.join("preview2"), check)?);
    }
    if matches!(task, Task::Types | Task::All) {
        let package = source.parse()?;
        for name in records::INTERFACES {
            let interface = package
                .interface(name)
                .with_context(|| format!("no interface `{name}` in {}", wit.display()))?;
            let path = root.join(format!("reference-host/types/src/{name}.rs"));
            stale.extend(page_up_to_date(
                &path,
                &records::source(&package, interface),
                check,
            )?);
        }
    }
    if matches!(task, Task::Reference | Task::All) {
        let page = reference::page(&source.parse()?, &derived.parse()?);
        stale.extend(page_up_to_date(
            &root.join("proposal/reference.md"),
            &page,
            check,
        )?);
    }
    if matches!(task, Task::Mapping | Task::All) {
        let account = root.join("proposal/mapping.tsv");
        let text = fs::read_to_string(&account)
            .with_context(|| format!("cannot read {}", account.display()))?;
        let mapping = Mapping::parse(&text).with_context(|| account.display().to_string())?;
        let page = tables::mapping_page(&mapping, &source.parse()?);
        stale.extend(page_up_to_date(
            &root.join("proposal/mapping.md"),
            &page,
            check,
        )?);
    }
    Ok(stale)
}

fn publish(options: &Publish, sources: &[Source]) -> Result<()> {
    let origin = Origin {
        licence: env!("CARGO_PKG_LICENSE"),
        source: env!("CARGO_PKG_REPOSITORY"),
    };
    let artifacts = sources
        .iter()
        .map(|source| Artifact::new(&source.parse()?, &origin))
        .collect::<Result<Vec<_>>>()?;
    if !options.dry_run {
        return upload(options, &artifacts);
    }
    for artifact in &artifacts {
        print(&format!(
            "would publish {} ({}, {} bytes)",
            options.registry.reference(artifact)?,
            artifact.digest(),
            artifact.content.layer.len()
        ))?;
    }
    Ok(())
}

#[cfg(feature = "publish")]
fn upload(options: &Publish, artifacts: &[Artifact]) -> Result<()> {
    use wasi_mcp_wit::registry::{self, Outcome};

    for (reference, digest, outcome) in
        registry::publish(&options.registry, options.plain_http, artifacts)?
    {
        match outcome {
            Outcome::Pushed => print(&format!("published {reference} ({digest})"))?,
            Outcome::Unchanged => print(&format!(
                "unchanged {reference} ({digest}): published before, with this content"
            ))?,
        }
    }
    Ok(())
}

#[cfg(not(feature = "publish"))]
fn upload(_: &Publish, _: &[Artifact]) -> Result<()> {
    bail!(
        "this build has no registry client: run `cargo run -p wasi-mcp-wit --features publish -- \
         publish ...`, or use --dry-run"
    )
}

fn derive(derived: &Source, folder: &Path, check: bool) -> Result<Vec<String>> {
    if !check {
        derived.write(folder)?;
        return Ok(Vec::new());
    }
    let differences = match Source::read(folder) {
        Ok(found) => found.differences(derived),
        Err(error) => vec![format!("{error:#}")],
    };
    Ok(differences
        .iter()
        .map(|line| format!("{}: {line}", folder.display()))
        .collect())
}

fn page_up_to_date(path: &Path, page: &str, check: bool) -> Result<Vec<String>> {
    if !check {
        fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
        return Ok(Vec::new());
    }
    Ok(match fs::read_to_string(path) {
        Err(error) => vec![format!("{}: {error}", path.display())],
        Ok(found) if found != page => {
            vec![format!(
                "{}: {}",
                path.display(),
                first_difference(&found, page)
            )]
        }
        Ok(_) => Vec::new(),
    })
}
