//! The grants of a component as options of a command line, for every program that runs one.

use clap::Args;
use wasi_mcp_protocol::Denied;

use super::sandbox::{DirectoryGrant, Sandbox};

/// Grants for the component, under the heading "Sandbox".
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Sandbox")]
#[non_exhaustive]
pub struct SandboxArguments {
    /// Grant a folder to the component; `::ro` for reading only; may be repeated
    #[arg(long = "dir", value_name = "HOST::GUEST[::ro]")]
    pub directories: Vec<DirectoryGrant>,

    /// Set an environment variable for the component; may be repeated
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub environment: Vec<(String, String)>,

    /// Pass a command-line argument to the component; may be repeated
    #[arg(long = "arg", value_name = "ARGUMENT", allow_hyphen_values = true)]
    pub arguments: Vec<String>,

    /// Let the component reach a host through wasi:http; with a port, only that port; may be repeated
    #[arg(long = "allow-http", value_name = "HOST[:PORT]", value_parser = http_host)]
    pub http_hosts: Vec<String>,

    /// Also let names of --allow-http resolve to addresses of private networks
    #[arg(long, requires = "http_hosts")]
    pub allow_http_private: bool,

    /// Deny the component sampling requests to the client
    #[arg(long)]
    pub deny_sampling: bool,

    /// Deny the component elicitation requests to the client
    #[arg(long)]
    pub deny_elicitation: bool,

    /// Deny the component the list of the client's roots
    #[arg(long)]
    pub deny_roots: bool,

    /// Give each instance the same clocks and the same random numbers
    #[arg(long)]
    pub deterministic: bool,
}

impl SandboxArguments {
    /// Returns the grants of each instance.
    pub fn sandbox(&self) -> Sandbox {
        let mut denied = Denied::default();
        denied.sampling = self.deny_sampling;
        denied.elicitation = self.deny_elicitation;
        denied.roots = self.deny_roots;
        Sandbox {
            directories: self.directories.clone(),
            environment: self.environment.clone(),
            arguments: self.arguments.clone(),
            http_hosts: self.http_hosts.clone(),
            http_private: self.allow_http_private,
            denied,
            deterministic: self.deterministic,
            ..Sandbox::default()
        }
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn http_host(text: &str) -> Result<String, String> {
    let wanted = "expected a host such as example.com, example.com:8443 or [::1]";
    match text.parse::<http::uri::Authority>() {
        Ok(_) if text.contains('*') => Err("each host is named by itself: no wildcards".to_owned()),
        Ok(authority) if !authority.host().is_empty() && !text.contains('@') => Ok(text.to_owned()),
        _ => Err(wanted.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_to_reach_are_no_urls() {
        for host in ["example.com", "example.com:8443", "127.0.0.1", "[::1]:80"] {
            assert_eq!(http_host(host).as_deref(), Ok(host));
        }
        for host in [
            "",
            "http://example.com",
            "example.com/path",
            "me@example.com",
            "::1",
            "*.example.com",
        ] {
            assert!(http_host(host).is_err(), "{host}");
        }
    }
}
