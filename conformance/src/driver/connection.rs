//! Servers, and connections to them.

use std::time::Instant;

use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::process::Child;

use super::http::Endpoint;
use super::tokens::Tokens;

pub use crate::model::Transport;

/// A server that the suite drives.
pub trait Server: Send + Sync {
    /// Returns the transport.
    fn transport(&self) -> Transport;

    /// Opens a new connection: a process, a pair of pipes, or just the address of a listening
    /// server.
    ///
    /// # Errors
    ///
    /// When the server cannot be started or reached.
    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>>;

    /// Returns false if calls of a session are known not to see the effects of earlier ones.
    fn remembers(&self) -> bool {
        true
    }

    /// Returns the end of the server's output outside of its sessions.
    fn output(&self) -> String {
        String::new()
    }

    /// Returns what instances of a component wrote to stderr in this time, if that cannot be
    /// attributed to sessions.
    fn output_during(&self, from: Instant, until: Instant) -> String {
        let _ = (from, until);
        String::new()
    }

    /// Returns the number of instances of a component that trapped or exited, or that the host
    /// stopped other than for a cancelled call.
    fn instances_lost(&self) -> u64 {
        0
    }

    /// Returns the tokens for checks of authorization, if any are known.
    fn tokens(&self) -> Option<&Tokens> {
        None
    }
}

/// An open connection.
pub enum Connection {
    /// Lines in both directions.
    Lines(Lines),
    /// An HTTP endpoint.
    Http(Box<Endpoint>),
}

/// The two ends of a stdio server.
pub struct Lines {
    /// The server's output.
    pub output: Box<dyn AsyncRead + Send + Unpin>,
    /// The server's diagnostics for human readers.
    pub errors: Option<Box<dyn AsyncRead + Send + Unpin>>,
    /// The server's input.
    pub input: Box<dyn AsyncWrite + Send + Unpin>,
    /// The process, unless the server runs in this one.
    pub process: Option<Box<Child>>,
}
