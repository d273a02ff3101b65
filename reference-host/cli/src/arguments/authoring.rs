//! Options of `wasi-mcp new`, `build` and `dev`.

use std::path::PathBuf;

use clap::Args;
use wasi_mcp_authoring::{Language, ProjectName, Wasi};

use super::Listen;

#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// The name of the project, and of its folder
    #[arg(value_name = "NAME", required_unless_present = "list")]
    pub(crate) name: Option<ProjectName>,

    /// The language (see --list)
    #[arg(short, long, value_name = "LANGUAGE", required_unless_present = "list")]
    pub(crate) language: Option<Language>,

    /// The variant of the interface [default: the language's first in --list]
    #[arg(long, value_name = "VERSION")]
    pub(crate) wasi: Option<Wasi>,

    /// Create a service, which answers the list methods itself
    ///
    /// Its lists can vary by request. Without this option the host answers
    /// them with what the server registers.
    #[arg(long)]
    pub(crate) service: bool,

    /// Print the languages with their variants
    #[arg(long, conflicts_with_all = ["name", "language", "wasi", "service"])]
    pub(crate) list: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    /// The folder of the project
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(crate) folder: PathBuf,

    /// The file for the component [default: NAME.wasm in the folder]
    #[arg(short, long, value_name = "FILE.wasm")]
    pub(crate) output: Option<PathBuf>,

    /// Build again whenever a source changes, until Ctrl-C
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DevArguments {
    /// The folder of the project
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(crate) folder: PathBuf,

    /// The address to serve at; a port alone listens on 127.0.0.1
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) http: Listen,

    /// Options to pass to `wasi-mcp serve`, such as grants
    #[arg(value_name = "OPTION", last = true)]
    pub(crate) serving: Vec<String>,
}
