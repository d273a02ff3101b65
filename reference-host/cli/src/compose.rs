//! `wasi-mcp compose`, and the composition that `serve` makes of several components.

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use wasi_mcp_compose::{Composition, Middleware, Part, Sessions, Settings, Target, TargetOptions};
use wasi_mcp_host::component::{Engine, Source};
use wasi_mcp_host::session::{Description, Server, ServerOptions};
use wasi_mcp_registry::Config;

use super::arguments::{
    CompilerChoice, ComposeArguments, CompositionArguments, Named, SessionsArgument,
    SettingsArgument, TargetArgument,
};
use super::load;
use super::logging::Log;
use super::output::{Output, first_line};
use super::similar;
use super::sources::{self, Located, Sources};

/// The time for a component to start and to list what it has, when names are compared.
const LISTING: Duration = Duration::from_secs(20);

pub(super) fn run(arguments: &ComposeArguments, log: &Log) -> Result<ExitCode> {
    let options = target_options(arguments)?;
    let sources = Sources::new(&arguments.registry, true, log);
    let (components, others) =
        sources::with_profiles(arguments.components.clone(), arguments.composition.clone())?;
    check_output(
        &arguments.output,
        components.iter().chain(&others.with),
        &sources,
    )?;
    let mut composition = read(&components, &others, &sources)?;
    composition.name.clone_from(&arguments.name);
    composition.version.clone_from(&arguments.version);
    composition.instructions.clone_from(&arguments.instructions);
    let mut composed = composition.compose()?;
    if let Some(options) = options {
        composed = wasi_mcp_compose::target_with(&composed, options)?;
    }
    let listed = match composition.parts.len() {
        // There is nothing to compare.
        1 if !arguments.json => Vec::new(),
        _ => compare(&composition, CompilerChoice::Auto, log)?,
    };
    std::fs::write(&arguments.output, &composed)
        .with_context(|| format!("{} cannot be written", arguments.output.display()))?;

    let mut output = Output::new();
    if arguments.json {
        output.line(&serde_json::to_string_pretty(&summary(
            &composition,
            &arguments.output,
            composed.len(),
            &listed,
        )?)?)?;
    } else {
        log.say(&format!(
            "wrote {} bytes to {}: {} as one server",
            composed.len(),
            arguments.output.display(),
            first_line(&names(&composition).join(", ")),
        ));
    }
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Refuses to overwrite a file that is read: another run would compose its own result.
fn check_output<'a>(
    output: &Path,
    read: impl IntoIterator<Item = &'a Named>,
    sources: &Sources,
) -> Result<()> {
    let Ok(existing) = output.canonicalize() else {
        return Ok(());
    };
    for Named { path, .. } in read {
        if let Located::File(path) = sources.locate(path)?
            && path.canonicalize().is_ok_and(|path| path == existing)
        {
            bail!(
                "--output {}: the file is one of those that are composed: choose another one",
                output.display()
            );
        }
    }
    Ok(())
}

/// Returns the place of sessions. Only targets with HTTP have one.
fn sessions_of(arguments: &ComposeArguments) -> Result<Sessions> {
    match (arguments.sessions, arguments.target) {
        (SessionsArgument::None, _) => Ok(Sessions::None),
        (SessionsArgument::Keyvalue, Some(TargetArgument::Http | TargetArgument::Both)) => {
            Ok(Sessions::KeyValue)
        }
        (SessionsArgument::Keyvalue, Some(TargetArgument::Cli)) => bail!(
            "--sessions keyvalue: --target cli has one session, which the process keeps: expected \
             --target http or --target both"
        ),
        (SessionsArgument::Keyvalue, None) => bail!(
            "--sessions keyvalue: a composition without --target leaves sessions to its host: \
             expected --target http or --target both"
        ),
    }
}

/// Returns the options of the target, if there is one.
fn target_options(arguments: &ComposeArguments) -> Result<Option<TargetOptions>> {
    let sessions = sessions_of(arguments)?;
    let settings = match arguments.settings {
        SettingsArgument::Environment => Settings::Environment,
        SettingsArgument::Config => Settings::Config,
    };
    match arguments.target {
        None if arguments.authorization => bail!(
            "--authorization: a composition without --target leaves authorization to its host: \
             expected --target http or --target both"
        ),
        Some(TargetArgument::Cli) if arguments.authorization => bail!(
            "--authorization: a client over standard input and output needs no token: expected \
             --target http or --target both"
        ),
        None if settings == Settings::Config => bail!(
            "--settings config: a composition without --target has no settings: expected --target"
        ),
        None => Ok(None),
        Some(target) => {
            let mut options = TargetOptions::new(target_of(target));
            options.sessions = sessions;
            options.authorization = arguments.authorization;
            options.settings = settings;
            Ok(Some(options))
        }
    }
}

fn target_of(argument: TargetArgument) -> Target {
    match argument {
        TargetArgument::Cli => Target::Cli,
        TargetArgument::Http => Target::Http,
        TargetArgument::Both => Target::Both,
    }
}

fn names(composition: &Composition) -> Vec<&str> {
    let parts = composition.parts.iter();
    parts.map(|part| part.name.as_str()).collect()
}

/// Describes what was composed.
fn summary(
    composition: &Composition,
    path: &Path,
    bytes: usize,
    listed: &[Option<Listed>],
) -> Result<Value> {
    let mut variant = None;
    let mut parts = Vec::new();
    for (part, listed) in composition.parts.iter().zip(listed) {
        let inspection = wasi_mcp_compose::inspect(&part.name, &part.component)?;
        variant = Some(inspection.variant.to_string());
        let count = |list: fn(&Listed) -> &Vec<String>| listed.as_ref().map(|it| list(it).len());
        parts.push(json!({
            "name": part.name,
            "world": match inspection.world {
                Some(wasi_mcp_compose::World::Backend) => "backend",
                _ => "service",
            },
            "exports": inspection.exports,
            "bytes": part.component.len(),
            "tools": count(|it| &it.tools),
            "prompts": count(|it| &it.prompts),
            "resources": count(|it| &it.resources),
            "resourceTemplates": count(|it| &it.templates),
        }));
    }
    Ok(json!({
        "output": path,
        "bytes": bytes,
        "variant": variant,
        "prefix": composition.prefix,
        "parts": parts,
    }))
}

/// Reads the components of a composition.
pub(super) fn read(
    components: &[Named],
    options: &CompositionArguments,
    sources: &Sources,
) -> Result<Composition> {
    let mut composition = Composition {
        prefix: options.prefix,
        ..Composition::default()
    };
    for Named { name, path } in components {
        let located = sources.locate(path)?;
        let component = sources.read(&located)?;
        let name = name.clone().unwrap_or_else(|| stem(path, &located));
        composition.parts.push(Part::new(name, component));
    }
    for Named { name, path } in &options.with {
        let middleware = Middleware {
            name: path.display().to_string(),
            component: sources.read(&sources.locate(path)?)?,
        };
        let Some(name) = name else {
            composition.middleware.push(middleware);
            continue;
        };
        let mut parts = composition.parts.iter_mut();
        match parts.find(|part| part.name == *name) {
            Some(part) => part.middleware.push(middleware),
            None => {
                let names = names(&composition);
                let hint = similar::question(name, &names)
                    .unwrap_or_else(|| format!("expected one of {}", names.join(", ")));
                bail!(
                    "--with {name}={}: no component `{name}`: {hint}",
                    path.display()
                )
            }
        }
    }
    Ok(composition)
}

/// Returns the file's name without its extension, the last part of a reference's name, or the alias.
fn stem(given: &Path, located: &Located) -> String {
    match (located, given.to_str()) {
        (_, Some(alias)) if Config::is_name(alias) => alias.to_owned(),
        (Located::Artifact(reference), _) => reference.name().to_owned(),
        (Located::File(path), _) => {
            let stem = path.file_stem().unwrap_or_default();
            stem.to_string_lossy().into_owned()
        }
    }
}

/// The names of one part.
pub(super) struct Listed {
    tools: Vec<String>,
    prompts: Vec<String>,
    resources: Vec<String>,
    templates: Vec<String>,
}

/// Starts each part without grants, and compares the names of what they list. A tool or a prompt that
/// two parts have is an error, and a resource is the first part's. A part that cannot be started
/// without grants is `None`.
pub(super) fn compare(
    composition: &Composition,
    compiler: CompilerChoice,
    log: &Log,
) -> Result<Vec<Option<Listed>>> {
    let engine = load::engine("the parts", true, log)?;
    let runtime = load::single_threaded()?;
    let mut listed = Vec::new();
    for part in &composition.parts {
        match runtime.block_on(list(&engine, compiler, part)) {
            Ok(names) => listed.push(Some(names)),
            Err(error) => {
                tracing::warn!(
                    "{}: its names could not be compared with those of the other components, \
                     because it cannot be run without grants: {error:#}",
                    part.name
                );
                listed.push(None);
            }
        }
    }
    runtime.shutdown_background();

    let all = || composition.parts.iter().zip(&listed);
    let lists = |list: fn(&Listed) -> &Vec<String>| {
        let parts =
            all().filter_map(move |(part, names)| Some((&part.name, list(names.as_ref()?))));
        repeated(parts)
    };
    let kinds = [
        ("tool", lists(|it| &it.tools)),
        ("prompt", lists(|it| &it.prompts)),
    ];
    for (kind, repeated) in kinds {
        if let (false, Some((name, first, second))) = (composition.prefix, repeated.first()) {
            bail!(
                "`{first}` and `{second}` both have a {kind} {name:?}: with --prefix they are \
                 {:?} and {:?}",
                format!("{first}-{name}"),
                format!("{second}-{name}"),
            );
        }
    }
    let kinds = [
        ("resource", lists(|it| &it.resources)),
        ("resource template", lists(|it| &it.templates)),
    ];
    for (kind, repeated) in kinds {
        for (name, first, second) in repeated {
            tracing::warn!(
                "`{first}` and `{second}` both have a {kind} {name:?}: clients get that of `{first}`"
            );
        }
    }
    Ok(listed)
}

/// Returns the names that occur in two parts, each with the first two owners.
fn repeated<'a>(
    parts: impl Iterator<Item = (&'a String, &'a Vec<String>)>,
) -> Vec<(String, String, String)> {
    let mut owners: HashMap<&String, &String> = HashMap::new();
    let mut repeated = Vec::new();
    for (part, names) in parts {
        for name in names {
            match owners.get(name) {
                Some(owner) if *owner != part => {
                    repeated.push((name.clone(), String::clone(owner), part.clone()));
                }
                Some(_) => {}
                None => {
                    owners.insert(name, part);
                }
            }
        }
    }
    repeated
}

/// Starts a part, as it is behind its own middleware, and lists what it has.
async fn list(engine: &Engine, compiler: CompilerChoice, part: &Part) -> Result<Listed> {
    let alone;
    let component = if part.middleware.is_empty() {
        &part.component
    } else {
        let composition = Composition {
            parts: vec![part.clone()],
            ..Composition::default()
        };
        alone = composition.compose()?;
        &alone
    };
    // It is run once: optimised code would come too late.
    let component = load::compile(engine, compiler, Source::Bytes(component))?.component;
    let server = Arc::new(Server::new(component, ServerOptions::default()));
    let description: Description = tokio::time::timeout(LISTING, server.describe())
        .await
        .context("it takes too long to list what it has")??;
    let texts = |items: &[Value], member: &str| {
        let texts = items.iter().filter_map(|item| item[member].as_str());
        texts.map(str::to_owned).collect()
    };
    Ok(Listed {
        tools: texts(&description.tools, "name"),
        prompts: texts(&description.prompts, "name"),
        resources: texts(&description.resources, "uri"),
        templates: texts(&description.resource_templates, "uriTemplate"),
    })
}
