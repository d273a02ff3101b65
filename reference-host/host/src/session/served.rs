//! What new sessions get, while it may change.

use std::sync::{Arc, PoisonError, RwLock};

use super::server::Server;

/// The server that new sessions get. It can be replaced while sessions are
/// open: those keep theirs, also when they need another instance of it.
#[derive(Debug, Clone)]
pub struct Served(Arc<RwLock<Arc<Server>>>);

impl From<Arc<Server>> for Served {
    fn from(server: Arc<Server>) -> Self {
        Self(Arc::new(RwLock::new(server)))
    }
}

impl Served {
    /// The server that a session gets now.
    pub fn current(&self) -> Arc<Server> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives new sessions another server, such as
    /// [`Server::with_component`] makes of the current one.
    pub fn replace(&self, server: Arc<Server>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = server;
    }
}
