//! The replaceable server for new sessions.

use std::sync::{Arc, PoisonError, RwLock};

use super::server::Server;

/// The server for new sessions. It can be replaced while sessions are open: those keep their
/// server, even when they need another instance of it.
#[derive(Debug, Clone)]
pub struct ServerHandle(Arc<RwLock<Arc<Server>>>);

impl From<Arc<Server>> for ServerHandle {
    fn from(server: Arc<Server>) -> Self {
        Self(Arc::new(RwLock::new(server)))
    }
}

impl ServerHandle {
    /// Returns the server that a new session would get now.
    pub fn current(&self) -> Arc<Server> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the server for new sessions, for example with the result of
    /// [`Server::with_component`] on the current one.
    pub fn replace(&self, server: Arc<Server>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = server;
    }

    /// Replaces the server `before` for new sessions, unless another one has replaced it. Returns
    /// whether it did.
    #[must_use]
    pub fn replace_if(&self, before: &Arc<Server>, server: Arc<Server>) -> bool {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_current = Arc::ptr_eq(&current, before);
        if is_current {
            *current = server;
        }
        is_current
    }
}
