//! Options of `wasi-mcp compose`, which `serve` takes too.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::RegistryArguments;

#[derive(Debug, Args)]
pub(crate) struct ComposeArguments {
    /// The components, in the order in which their lists are joined: .wasm files, aliases or references;
    /// NAME= overrides the name, which comes from the alias, the file or the reference
    #[arg(value_name = "[NAME=]COMPONENT", required_unless_present = "profile")]
    pub(crate) components: Vec<Named>,

    /// The file for the composition
    #[arg(short, long, value_name = "FILE.wasm")]
    pub(crate) output: PathBuf,

    /// Print a summary as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Make a component that any WASI runtime serves, in place of a service of wasi:mcp
    #[arg(long, value_name = "TARGET")]
    pub(crate) target: Option<TargetArgument>,

    /// The place of sessions over HTTP, with --target http or both
    #[arg(long, value_name = "PLACE", default_value = "none")]
    pub(crate) sessions: SessionsArgument,

    /// Require a token of each request over HTTP, with --target http or both: the settings
    /// WASI_MCP_AUTH_* name its issuer, audience and keys when the component runs
    #[arg(long)]
    pub(crate) authorization: bool,

    /// The place of the component's settings, with --target
    #[arg(long, value_name = "PLACE", default_value = "environment")]
    pub(crate) settings: SettingsArgument,

    #[command(flatten)]
    pub(crate) composition: CompositionArguments,

    /// The name of the whole [default: the first component's]
    #[arg(long, value_name = "TEXT", help_heading = "Composition")]
    pub(crate) name: Option<String>,

    /// The version of the whole [default: the first component's]
    #[arg(long, value_name = "TEXT", help_heading = "Composition")]
    pub(crate) version: Option<String>,

    /// The instructions of the whole [default: those of the components, one after the other]
    #[arg(long, value_name = "TEXT", help_heading = "Composition")]
    pub(crate) instructions: Option<String>,

    #[command(flatten)]
    pub(crate) registry: RegistryArguments,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Composition")]
pub(crate) struct CompositionArguments {
    /// Put each component's name before the names of its tools and prompts: `name-tool`
    #[arg(long)]
    pub(crate) prefix: bool,

    /// Put a middleware in front of all components, or of the one named; may be repeated, the first
    /// is the outermost
    #[arg(long, value_name = "[NAME=]MIDDLEWARE")]
    pub(crate) with: Vec<Named>,

    /// Begin with the components and the middleware of this profile; may be repeated
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Vec<String>,
}

/// The entry points of a component for any WASI runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TargetArgument {
    /// Standard input and output: wasi:cli/run
    Cli,
    /// Streamable HTTP at /mcp: wasi:http
    Http,
    /// Both
    Both,
}

/// The place of sessions over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SessionsArgument {
    /// Nowhere: each request is served by itself
    None,
    /// wasi:keyvalue, which the runtime must provide: any instance serves any request of a session
    Keyvalue,
}

/// The place of the settings of a component for any WASI runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SettingsArgument {
    /// The variables of its environment
    Environment,
    /// wasi:config, which the runtime must provide, and the environment for what it lacks
    Config,
}

/// A file, and the name given to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: Option<String>,
    pub(crate) path: PathBuf,
}

impl FromStr for Named {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        // A path may contain `=`, too: what stands before it is a name only if it is no path.
        let split = text.split_once('=');
        Ok(
            match split.filter(|(name, _)| !name.contains(['/', '\\'])) {
                Some((name, path)) => Self {
                    name: Some(name.to_owned()),
                    path: path.into(),
                },
                None => Self {
                    name: None,
                    path: text.into(),
                },
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_before_files() {
        let named = |name: Option<&str>, path: &str| Named {
            name: name.map(str::to_owned),
            path: path.into(),
        };
        let parsed = |text: &str| text.parse::<Named>().unwrap();
        assert_eq!(parsed("a.wasm"), named(None, "a.wasm"));
        assert_eq!(parsed("a=b/c.wasm"), named(Some("a"), "b/c.wasm"));
        assert_eq!(parsed("a=b=c.wasm"), named(Some("a"), "b=c.wasm"));
        assert_eq!(parsed("./a=b.wasm"), named(None, "./a=b.wasm"));
    }
}
