//! Options for the sharing and the lifetime of instances.

use clap::{Args, ValueEnum};
use wasi_mcp_host::component::Isolation;
use wasi_mcp_host::session::ServerOptions;

use super::values::count;

#[derive(Debug, Args)]
#[command(next_help_heading = "Isolation")]
pub(crate) struct IsolationArguments {
    /// The calls that share an instance of the component
    #[arg(long, value_name = "SHARING", value_enum, default_value_t)]
    pub(crate) isolation: Sharing,

    /// With --isolation call: the maximum number of instances of a session; calls beyond it wait
    /// [default: 64]
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    pub(crate) instances_per_session: Option<usize>,

    /// With --isolation session: replace an instance, discarding its state, once it is idle after
    /// this many calls [default: never]
    #[arg(long, value_name = "N", value_parser = count::<u64>)]
    pub(crate) calls_per_instance: Option<u64>,

    /// With --isolation session: the growth of an instance's tables, in entries, after which it is
    /// replaced likewise [default: 10000]
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    pub(crate) entries_per_instance: Option<usize>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Sharing {
    /// The calls of a session: the component may remember things between them
    #[default]
    Session,
    /// A single call: what the component remembers is discarded after it
    Call,
}

impl IsolationArguments {
    /// Applies the given options.
    pub(crate) fn apply(&self, options: &mut ServerOptions) {
        options.isolation = match self.isolation {
            Sharing::Session => Isolation::Session,
            Sharing::Call => Isolation::Call,
        };
        if let Some(instances) = self.instances_per_session {
            options.instances_per_session = instances;
        }
        options.instance.calls = self.calls_per_instance;
        if let Some(entries) = self.entries_per_instance {
            options.instance.table_entries = entries;
        }
    }
}
