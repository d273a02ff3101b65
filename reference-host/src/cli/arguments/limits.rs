//! How much may be used.

use clap::Args;
use wasi_mcp_host::session::ServerOptions;

use super::values::page_size;

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(in crate::cli) struct LimitArguments {
    /// How many items a page of a list has
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = page_size)]
    pub(in crate::cli) page_size: usize,
}

impl LimitArguments {
    /// Sets what was given.
    pub(in crate::cli) fn apply(&self, options: &mut ServerOptions) {
        options.limits.page_size = self.page_size;
    }
}
