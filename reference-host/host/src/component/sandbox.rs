//! Grants of a guest beyond clocks and randomness: none by default.

use std::path::PathBuf;

use wasmtime_wasi::{FsPerms, WasiCtx};

use super::denials::Denials;
use super::descriptor_permits::Permits;
use super::deterministic;
use super::extension::Extension;
use super::outgoing::HttpGrant;
use super::output::{GuestOutput, LastWords, Origin};
use crate::telemetry::SessionObserver;
use wasi_mcp_protocol::Denied;

/// A folder of the host, visible to a guest under a path of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirectoryGrant {
    /// The folder on the host.
    pub host: PathBuf,
    /// The path that the guest sees.
    pub guest: String,
    /// Grants read access only.
    pub read_only: bool,
}

impl DirectoryGrant {
    /// Grants a folder for reading and writing. Set [`read_only`](Self::read_only) for less.
    pub fn new(host: impl Into<PathBuf>, guest: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            guest: guest.into(),
            read_only: false,
        }
    }
}

impl std::str::FromStr for DirectoryGrant {
    type Err = String;

    /// Parses `HOST::GUEST` or `HOST::GUEST::ro`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split("::");
        let (host, guest, mode, rest) = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(host), Some(guest), None) = (host, guest, rest) else {
            return Err(format!(
                "`{text}` is not of the form HOST::GUEST or HOST::GUEST::ro"
            ));
        };
        if host.is_empty() || guest.is_empty() {
            return Err(format!(
                "`{text}`: neither the host's nor the guest's path may be empty"
            ));
        }
        let read_only = match mode {
            None => false,
            Some("ro") => true,
            Some(other) => {
                return Err(format!(
                    "`{text}`: unknown mode `{other}`: expected `ro` or nothing"
                ));
            }
        };
        Ok(Self {
            read_only,
            ..Self::new(host, guest)
        })
    }
}

/// The grants of one component. The default grants nothing.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Sandbox {
    /// Folders that the guest may open.
    pub directories: Vec<DirectoryGrant>,
    /// Environment variables, as the guest sees them.
    pub environment: Vec<(String, String)>,
    /// Command-line arguments, as the guest sees them.
    pub arguments: Vec<String>,
    /// Hosts (`example.com`, or `example.com:8443` for one port alone) that the guest may reach
    /// through `wasi:http`. Compared without regard to case. A name may resolve to public addresses
    /// only, `localhost` to this machine.
    pub http_hosts: Vec<String>,
    /// Allows those names to resolve to addresses of private networks, too.
    pub http_private: bool,
    /// Gives each instance the same clocks and random numbers: the clocks begin at a fixed time and
    /// advance by a millisecond with each reading. Waiting still takes real time.
    pub deterministic: bool,
    /// Requests to the client that the guest may not make. They fail as with a client that does not
    /// support them.
    pub denied: Denied,
    /// Routes guest stdout and stderr.
    pub output: GuestOutput,
    /// Adds the guest's last line on standard error, and the source lines at which it failed, to the
    /// errors that report its failure to the client. Both are always logged. By default clients do not
    /// see them, because they may contain data meant only for the operator.
    pub tell_last_words: bool,
    /// A value for the functions that the embedder has added to the linker.
    pub extension: Extension,
}

/// The most random bytes that a guest gets at once. Drawing them takes a few milliseconds, in which
/// nothing else runs on the thread.
const RANDOM_BYTES: u64 = 1 << 20;

/// A folder cannot be granted.
#[derive(Debug, thiserror::Error)]
#[error("the folder {} cannot be granted: {reason}", folder.display())]
#[non_exhaustive]
pub struct SandboxError {
    /// The folder on the host.
    pub folder: PathBuf,
    /// The problem found.
    pub reason: String,
}

impl Sandbox {
    /// Tries the grants out, so that problems are found before a session opens.
    ///
    /// # Errors
    ///
    /// When a granted folder cannot be opened. The text names it.
    pub fn check(&self) -> Result<(), SandboxError> {
        self.wasi(&Origin::default(), &LastWords::default())
            .map(drop)
    }

    /// Builds the WASI context of one instance.
    ///
    /// # Errors
    ///
    /// When a granted folder cannot be opened.
    pub(super) fn wasi(
        &self,
        origin: &Origin,
        last_words: &LastWords,
    ) -> Result<WasiCtx, SandboxError> {
        let mut builder = WasiCtx::builder();
        self.output.grant(&mut builder, origin, last_words);
        builder.envs(&self.environment).args(&self.arguments);
        builder
            .allow_tcp(false)
            .allow_udp(false)
            .max_random_size(RANDOM_BYTES);
        if self.deterministic {
            deterministic::fix(&mut builder);
        }
        for grant in &self.directories {
            let permissions = if grant.read_only {
                FsPerms::ReadOnly
            } else {
                FsPerms::ReadWrite
            };
            builder
                .preopened_dir(&grant.host, &grant.guest, permissions)
                .map_err(|error| SandboxError {
                    folder: grant.host.clone(),
                    reason: format!("{error:#}"),
                })?;
        }
        Ok(builder.build())
    }

    /// Returns the hooks that let `wasi:http` reach only the granted hosts.
    pub(super) fn http(
        &self,
        connections: Permits,
        observer: SessionObserver,
        denials: Denials,
    ) -> HttpGrant {
        let hosts = &self.http_hosts;
        HttpGrant::new(hosts, self.http_private, connections, observer, denials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directory_grants_parse_and_say_what_is_wrong() {
        let grant: DirectoryGrant = "./data::/data".parse().unwrap();
        assert_eq!((grant.guest.as_str(), grant.read_only), ("/data", false));
        let grant: DirectoryGrant = "./data::/data::ro".parse().unwrap();
        assert!(grant.read_only);
        for (text, part) in [
            ("data", "HOST::GUEST"),
            ("a::b::rw", "unknown mode `rw`"),
            ("a::b::ro::x", "HOST::GUEST"),
            ("::b", "empty"),
        ] {
            let error = text.parse::<DirectoryGrant>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
