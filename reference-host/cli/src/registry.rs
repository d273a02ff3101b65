//! `wasi-mcp registry`

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};
use wasi_mcp_registry::{Config, Entry, Profile, Reference, Target};

use super::arguments::{AliasCommand, ProfileCommand, RegistryCommand};
use super::logging::Log;
use super::output::{Output, first_line};
use super::{similar, sources};

pub(super) fn run(command: &RegistryCommand, log: &Log) -> Result<ExitCode> {
    let changes = match command {
        RegistryCommand::Component(command) => !matches!(command, AliasCommand::List { .. }),
        RegistryCommand::Profile(command) => !matches!(command, ProfileCommand::List { .. }),
    };
    // Another command may change the file, too.
    let _lock = if changes {
        Some(Config::lock(&sources::config_path()?)?)
    } else {
        None
    };
    let config = sources::config()?;
    match command {
        RegistryCommand::Component(command) => alias(command, config, log),
        RegistryCommand::Profile(command) => profile(command, config, log),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn alias(command: &AliasCommand, mut config: Config, log: &Log) -> Result<()> {
    match command {
        AliasCommand::Add {
            name,
            component,
            replace,
        } => {
            let text = component
                .to_str()
                .with_context(|| format!("{}: the path is not UTF-8", component.display()))?;
            let target = lasting(text, &config)?;
            config.add_component(name, &target, *replace)?;
            config.save()?;
            log.say(&format!("`{name}` stands for {target}"));
        }
        AliasCommand::Remove { name } => {
            sources::check_alias(&config, name)?;
            config.remove_component(name)?;
            config.save()?;
            log.say(&format!("`{name}` is removed"));
        }
        AliasCommand::List { json } => list_aliases(&config, *json, log)?,
    }
    Ok(())
}

fn profile(command: &ProfileCommand, mut config: Config, log: &Log) -> Result<()> {
    match command {
        ProfileCommand::Add {
            name,
            components,
            base,
            with,
            prefix,
            replace,
        } => {
            // One that would inherit from itself is an error of its own.
            if let Some(base) = base.as_ref().filter(|base| *base != name) {
                sources::check_profile(&config, base)?;
            }
            let lasting = |texts: &[String]| -> Result<Vec<String>> {
                texts
                    .iter()
                    .map(|text| lasting_named(text, &config))
                    .collect()
            };
            let added = Profile {
                base: base.clone(),
                components: lasting(components)?,
                with: lasting(with)?,
                prefix: prefix.then_some(true),
            };
            config.add_profile(name, &added, *replace)?;
            config.save()?;
            log.say(&format!(
                "`wasi-mcp serve --profile {name}` serves the profile"
            ));
        }
        ProfileCommand::Remove { name } => {
            sources::check_profile(&config, name)?;
            config.remove_profile(name)?;
            config.save()?;
            log.say(&format!("`{name}` is removed"));
        }
        ProfileCommand::List { json } => list_profiles(&config, *json, log)?,
    }
    Ok(())
}

/// Returns a text that means the same component in any folder.
fn lasting(text: &str, config: &Config) -> Result<String> {
    let path = Path::new(text);
    if text.starts_with("oci://") {
        return Ok(format!("oci://{}", text.parse::<Reference>()?));
    }
    if path.is_file() {
        let path = std::path::absolute(path)?;
        let path = path.to_str().context("the current folder is not UTF-8")?;
        return Ok(path.to_owned());
    }
    if config.components().contains_key(text) {
        return Ok(text.to_owned());
    }
    match Reference::meant_by(text) {
        Some(reference) => Ok(reference?.to_string()),
        None => {
            let names: Vec<&str> = config.components().keys().map(String::as_str).collect();
            let hint = similar::question(text, &names).unwrap_or_else(|| {
                "expected REGISTRY/NAME:TAG, such as ghcr.io/example/hello:1.0".to_owned()
            });
            bail!(
                "{}: no such file or alias, and no reference: {hint}",
                first_line(text)
            )
        }
    }
}

/// Returns `[NAME=]COMPONENT` with a component that means the same in any folder.
fn lasting_named(text: &str, config: &Config) -> Result<String> {
    if Path::new(text).is_file() {
        return lasting(text, config);
    }
    match text.split_once('=') {
        Some((name, component)) if Config::is_name(name) => {
            Ok(format!("{name}={}", lasting(component, config)?))
        }
        _ => lasting(text, config),
    }
}

fn list_aliases(config: &Config, json: bool, log: &Log) -> Result<()> {
    let aliases = config.components();
    let mut output = Output::new();
    if json {
        output.line(&serde_json::to_string_pretty(&json!({
            "config": config.path(),
            "components": aliases,
        }))?)?;
    } else if aliases.is_empty() {
        log.say("there are no aliases: `wasi-mcp registry component add NAME COMPONENT` adds one");
    }
    if !json {
        let column = aliases.keys().map(String::len).max().unwrap_or_default();
        for (name, target) in aliases {
            output.line(&format!("{name:<column$}  {}", first_line(target)))?;
        }
    }
    output.finish()
}

fn list_profiles(config: &Config, json: bool, log: &Log) -> Result<()> {
    let profiles = config.profiles();
    let mut output = Output::new();
    if json {
        let mut all = Map::new();
        for (name, profile) in profiles {
            let resolved = config.profile(name)?;
            let entries = |entries: &[Entry]| -> Vec<Value> { entries.iter().map(entry).collect() };
            let value = json!({
                "base": profile.base,
                "components": profile.components,
                "with": profile.with,
                "prefix": resolved.prefix,
                "resolved": {
                    "components": entries(&resolved.components),
                    "with": entries(&resolved.with),
                },
            });
            all.insert(name.clone(), value);
        }
        output.line(&serde_json::to_string_pretty(&json!({
            "config": config.path(),
            "profiles": all,
        }))?)?;
        return output.finish();
    }
    if profiles.is_empty() {
        log.say(
            "there are no profiles: `wasi-mcp registry profile add NAME COMPONENT...` adds one",
        );
    }
    for (name, profile) in profiles {
        output.line(&match &profile.base {
            Some(base) => format!("{name}, after {base}:"),
            None => format!("{name}:"),
        })?;
        for text in &profile.components {
            output.line(&format!("  {}", first_line(text)))?;
        }
        for text in &profile.with {
            output.line(&format!("  --with {}", first_line(text)))?;
        }
        if profile.prefix == Some(true) {
            output.line("  --prefix")?;
        }
    }
    output.finish()
}

/// Describes a component of a profile.
fn entry(entry: &Entry) -> Value {
    match &entry.target {
        Target::File(path) => json!({ "name": entry.name, "file": path }),
        Target::Artifact(reference) => {
            json!({ "name": entry.name, "reference": reference.to_string() })
        }
    }
}
