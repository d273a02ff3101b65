//! Where sessions come from: something that can be connected to again and again.

use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::process::Child;

use super::http::Endpoint;
use super::tokens::Tokens;

pub use crate::model::Transport;

/// A server that the suite drives.
pub trait Server: Send + Sync {
    /// How it is reached.
    fn transport(&self) -> Transport;

    /// Opens a new connection: a process, a pair of pipes, or nothing but the
    /// address where the server listens.
    ///
    /// # Errors
    ///
    /// When the server cannot be started or reached.
    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>>;

    /// Whether a call may see what an earlier one of its session left: so it is
    /// unless somebody knows that it is not.
    fn remembers(&self) -> bool {
        true
    }

    /// Tokens for checks of authorization; none where none are known.
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
    /// What the server writes.
    pub output: Box<dyn AsyncRead + Send + Unpin>,
    /// What the server writes besides, for people to read.
    pub errors: Option<Box<dyn AsyncRead + Send + Unpin>>,
    /// What the server reads.
    pub input: Box<dyn AsyncWrite + Send + Unpin>,
    /// The process, unless the server runs in ours.
    pub process: Option<Box<Child>>,
}
