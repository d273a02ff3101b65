//! Options of registries, and of the commands that work with them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use wasi_mcp_registry::{ClientOptions, Reference};

use super::values::{Seconds, Size, pair};
use crate::status;

// Each option names its heading: a heading for all would apply to options of the command, too.

#[derive(Debug, Clone, Args)]
pub(crate) struct ConnectionArguments {
    /// Use HTTP instead of HTTPS for registries on this machine
    #[arg(long, help_heading = "Registry")]
    plain_http: bool,

    /// Time limit for a connection to a registry, and for each pause in its answer
    #[arg(long, value_name = "SECONDS", default_value_t = Seconds(client().timeout), help_heading = "Registry")]
    registry_timeout: Seconds,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RegistryArguments {
    #[command(flatten)]
    connection: ConnectionArguments,

    /// Size of a component in a registry
    #[arg(long, value_name = "SIZE", default_value_t = Size(usize::try_from(client().max_bytes).unwrap_or(usize::MAX)), help_heading = "Registry")]
    max_component: Size,
}

fn client() -> ClientOptions {
    ClientOptions::default()
}

impl ConnectionArguments {
    /// Returns the options of a client without a cache.
    pub(crate) fn options(&self) -> ClientOptions {
        let mut options = ClientOptions::default();
        options.plain_http = self.plain_http;
        options.timeout = self.registry_timeout.0;
        options
    }
}

impl RegistryArguments {
    /// Returns the options of a client without a cache.
    pub(crate) fn options(&self) -> ClientOptions {
        let mut options = self.connection.options();
        options.max_bytes = self.max_component.0 as u64;
        options
    }
}

#[derive(Debug, Args)]
pub(crate) struct PushArguments {
    /// The reference, with a tag
    #[arg(value_name = "REGISTRY/NAME:TAG")]
    pub(crate) reference: Reference,

    /// The component: a .wasm file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Describe the artifact; may be repeated
    ///
    /// Example: --annotation org.opencontainers.image.licenses=MIT
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) annotation: Vec<(String, String)>,

    /// Print a summary as JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
}

#[derive(Debug, Args)]
pub(crate) struct PullArguments {
    /// The reference, with a tag or a digest, or an alias of one
    #[arg(value_name = "REFERENCE")]
    pub(crate) reference: String,

    /// The output file; an existing one is replaced [default: the last part of the reference's name,
    /// with .wasm; an existing file with other content is then an error]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Print a summary as JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) registry: RegistryArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegistryCommand {
    /// Manage aliases: short names for files and references
    #[command(subcommand)]
    Component(AliasCommand),
    /// Manage profiles: lists of components that are served or composed as one
    #[command(subcommand)]
    Profile(ProfileCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum AliasCommand {
    /// Add an alias, which commands that load a component accept in place of a file
    #[command(after_long_help = status::CONFIG_HELP)]
    Add {
        /// The alias: letters, digits, `-` and `_`
        #[arg(value_name = "NAME")]
        name: String,

        /// A .wasm file, a reference such as ghcr.io/example/hello:1.0, or another alias
        #[arg(value_name = "COMPONENT")]
        component: PathBuf,

        /// Change an alias that exists
        #[arg(long)]
        replace: bool,
    },
    /// Remove an alias
    #[command(after_long_help = status::CONFIG_HELP)]
    Remove {
        /// The alias
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// List the aliases
    #[command(after_long_help = status::CONFIG_HELP)]
    List {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// Add a profile, for --profile of `serve` and `compose`
    #[command(after_long_help = status::CONFIG_HELP)]
    Add {
        /// The profile: letters, digits, `-` and `_`
        #[arg(value_name = "NAME")]
        name: String,

        /// The components, in the order of their lists: aliases, .wasm files or references
        #[arg(value_name = "[NAME=]COMPONENT", required_unless_present = "base")]
        components: Vec<String>,

        /// Inherit from this profile: its components come first
        #[arg(long, value_name = "PROFILE")]
        base: Option<String>,

        /// Put a middleware in front of all components, or of the one named; may be repeated
        #[arg(long, value_name = "[NAME=]MIDDLEWARE")]
        with: Vec<String>,

        /// Put each component's name before the names of its tools and prompts
        #[arg(long)]
        prefix: bool,

        /// Change a profile that exists
        #[arg(long)]
        replace: bool,
    },
    /// Remove a profile
    #[command(after_long_help = status::CONFIG_HELP)]
    Remove {
        /// The profile
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// List the profiles
    #[command(after_long_help = status::CONFIG_HELP)]
    List {
        /// Print one JSON document, with the components that aliases and bases lead to
        #[arg(long)]
        json: bool,
    },
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser as _;

    use super::*;
    use crate::arguments::{Arguments, Command};

    #[test]
    fn options_reach_the_client() {
        let pull = |line: &str| {
            let line = format!("wasi-mcp pull localhost/a:1 {line}");
            match Arguments::parse_from(line.split_whitespace()).command {
                Command::Pull(arguments) => arguments.registry.options(),
                other => panic!("{other:?}"),
            }
        };
        let (options, defaults) = (pull(""), client());
        assert_eq!(format!("{options:?}"), format!("{defaults:?}"));
        let options = pull("--plain-http --registry-timeout 0.5 --max-component 3KiB");
        assert!(options.plain_http);
        assert_eq!(options.timeout, Duration::from_millis(500));
        assert_eq!(options.max_bytes, 3072);
    }
}
