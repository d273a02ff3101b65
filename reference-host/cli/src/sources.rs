//! Finds the component that an argument means: a file, an alias, or a reference in a registry.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use indicatif::HumanBytes;
use wasi_mcp_registry::{
    Cache, Client, ClientOptions, Config, Entry, Host, Pulled, Reference, RegistryError, Target,
    is_repository,
};

use super::arguments::{CompositionArguments, Named, RegistryArguments};
use super::load;
use super::logging::Log;
use super::output::first_line;
use super::similar;
use super::status::{self, Failure};

/// The size of the smallest download that is logged before it begins.
const LEAST_TOLD: u64 = 1 << 20;

/// Finds components, and pulls those in registries.
pub(super) struct Sources {
    options: ClientOptions,
    log: Log,
}

/// The place of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Located {
    /// A file, which may be missing.
    File(PathBuf),
    /// An artifact in a registry.
    Artifact(Reference),
}

impl Located {
    /// Returns a short name for people.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                name.to_string_lossy().into_owned()
            }
            Self::Artifact(reference) => reference.name().to_owned(),
        }
    }
}

impl fmt::Display for Located {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            Self::Artifact(reference) => reference.fmt(formatter),
        }
    }
}

impl From<Target> for Located {
    fn from(target: Target) -> Self {
        match target {
            Target::File(path) => Self::File(path),
            Target::Artifact(reference) => Self::Artifact(reference),
        }
    }
}

/// Returns the path of the user's configuration.
pub(super) fn config_path() -> Result<PathBuf> {
    Config::path_of_user()
        .context("config.toml has no place: set HOME, or XDG_CONFIG_HOME to an absolute path")
}

/// Reads the user's configuration.
pub(super) fn config() -> Result<Config> {
    Ok(Config::read(&config_path()?)?)
}

/// Gives an error the status of a component that cannot be loaded.
pub(super) fn not_started(error: anyhow::Error) -> anyhow::Error {
    anyhow::Error::new(Failure {
        status: status::NOT_STARTED,
        text: format!("{error:#}"),
    })
}

/// Describes a failure without anything that could act on a terminal: registries choose part of it.
pub(super) fn shown(error: &RegistryError) -> anyhow::Error {
    anyhow::Error::msg(first_line(&error.to_string()))
}

impl Sources {
    /// Prepares to find components. With `keeps`, those that are pulled are kept for later.
    pub(super) fn new(registry: &RegistryArguments, keeps: bool, log: &Log) -> Self {
        let mut options = registry.options();
        options.cache = Cache::of_user().filter(|_| keeps);
        Self {
            options,
            log: log.clone(),
        }
    }

    /// Finds a component. A file that exists wins over an alias and a reference; `oci://` marks a
    /// reference.
    pub(super) fn locate(&self, given: &Path) -> Result<Located> {
        let file = || Ok(Located::File(given.to_owned()));
        let Some(text) = given.to_str() else {
            return file();
        };
        if text.starts_with("oci://") {
            return Ok(Located::Artifact(text.parse()?));
        }
        if given.exists() && !given.is_dir() {
            return file();
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            bail!(
                "{text}: expected a component, which this command runs itself, not a server's URL"
            );
        }
        if Config::is_name(text) {
            let config = config()?;
            return match config.component(text) {
                Some(target) => Ok(target?.into()),
                None if given.is_dir() => file(),
                None => {
                    let names: Vec<_> = config.components().keys().map(String::as_str).collect();
                    let hint = similar::question(text, &names).unwrap_or_else(|| {
                        "`wasi-mcp registry component list` lists the aliases".to_owned()
                    });
                    bail!("{text}: no such file, and no alias of this name: {hint}")
                }
            };
        }
        match Reference::meant_by(text) {
            Some(reference) => Ok(Located::Artifact(reference?)),
            None if lacks_a_tag(text) => bail!(
                "{text}: no such file; a reference needs a tag or a digest, such as {text}:1.0"
            ),
            None => file(),
        }
    }

    /// Reads a component.
    pub(super) fn read(&self, located: &Located) -> Result<Vec<u8>> {
        match located {
            Located::File(path) => {
                std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
            }
            Located::Artifact(reference) => self.pull(reference),
        }
    }

    /// Pulls a component, and logs the digest that a tag has.
    pub(super) fn pull(&self, reference: &Reference) -> Result<Vec<u8>> {
        let pulled = self.pull_in_full(reference)?;
        if reference.digest().is_none() {
            self.log.say(&format!("{reference} is {}", pulled.pinned));
        }
        Ok(pulled.component)
    }

    /// Pulls a component.
    pub(super) fn pull_in_full(&self, reference: &Reference) -> Result<Pulled> {
        let client = Client::new(self.options.clone());
        let begun = |bytes: u64| {
            if bytes >= LEAST_TOLD {
                let size = HumanBytes(bytes);
                self.log.say(&format!("pulling {reference} ({size})"));
            }
        };
        let runtime = load::single_threaded()?;
        let pulled = runtime.block_on(client.pull(reference, begun));
        // A look-up of a name may go on, and cannot be stopped.
        runtime.shutdown_background();
        let pulled = pulled.map_err(|error| shown(&error))?;
        if let Some(reason) = &pulled.not_kept {
            tracing::warn!("the component is pulled again next time: {reason}");
        }
        Ok(pulled)
    }
}

/// Puts the components and the middleware of the profiles before those of the arguments.
pub(super) fn with_profiles(
    components: Vec<Named>,
    mut options: CompositionArguments,
) -> Result<(Vec<Named>, CompositionArguments)> {
    let profiles = std::mem::take(&mut options.profile);
    if profiles.is_empty() {
        return Ok((components, options));
    }
    let config = config()?;
    let (mut all, mut with) = (Vec::new(), Vec::new());
    for name in profiles {
        check_profile(&config, &name)?;
        let profile = config.profile(&name)?;
        all.extend(profile.components.into_iter().map(named));
        with.extend(profile.with.into_iter().map(named));
        options.prefix |= profile.prefix;
    }
    all.extend(components);
    with.append(&mut options.with);
    options.with = with;
    Ok((all, options))
}

/// Fails with a hint unless there is a profile of this name.
pub(super) fn check_profile(config: &Config, name: &str) -> Result<()> {
    let names: Vec<&str> = config.profiles().keys().map(String::as_str).collect();
    if names.contains(&name) {
        return Ok(());
    }
    let hint = if names.is_empty() {
        "`wasi-mcp registry profile add` creates profiles".to_owned()
    } else {
        similar::question(name, &names)
            .unwrap_or_else(|| format!("expected one of {}", similar::listed(&names)))
    };
    let path = config.path().display();
    bail!("{path}: no profile `{}`: {hint}", first_line(name))
}

/// Fails with a hint unless there is an alias of this name.
pub(super) fn check_alias(config: &Config, name: &str) -> Result<()> {
    let names: Vec<&str> = config.components().keys().map(String::as_str).collect();
    if names.contains(&name) {
        return Ok(());
    }
    let hint = similar::question(name, &names)
        .unwrap_or_else(|| "`wasi-mcp registry component list` lists the aliases".to_owned());
    let path = config.path().display();
    bail!("{path}: no alias `{}`: {hint}", first_line(name))
}

/// Returns the entry of a profile as an argument that means the same in any folder.
fn named(entry: Entry) -> Named {
    Named {
        name: entry.name,
        path: match entry.target {
            Target::File(path) => path,
            Target::Artifact(reference) => format!("oci://{reference}").into(),
        },
    }
}

/// Returns whether a text would be a reference if it had a tag.
fn lacks_a_tag(text: &str) -> bool {
    let is_file_name = text.ends_with(".wasm") || text.ends_with(".cwasm");
    let is_reference =
        |(host, name): (&str, &str)| host.parse::<Host>().is_ok() && is_repository(name);
    !is_file_name && text.split_once('/').is_some_and(is_reference)
}
