//! The owners of sessions.

use std::sync::Arc;

use wasi_mcp_types::types::Principal;

/// The user of the server, identified by the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::transport::http) enum User {
    /// The subject of the token.
    Subject {
        /// The issuer.
        issuer: String,
        /// The subject.
        subject: String,
    },
    /// A client that acts for itself, if its token names no subject. A user of the same name
    /// is a different party.
    Client {
        /// The issuer.
        issuer: String,
        /// The client.
        client: String,
    },
}

/// The party that a request comes from.
#[derive(Debug, Clone)]
pub(in crate::transport::http) struct Authenticated {
    /// The owner of sessions.
    pub(in crate::transport::http) user: User,
    /// The claims that the component may see.
    pub(in crate::transport::http) principal: Arc<Principal>,
}

impl Authenticated {
    /// Returns the party that a verifier or the embedder has authenticated, perhaps with one of
    /// several issuers.
    pub(in crate::transport::http) fn of(principal: Principal) -> Self {
        let Principal {
            issuer,
            subject,
            client_id,
            ..
        } = &principal;
        let issuer = issuer.clone();
        let user = match (subject, client_id) {
            (Some(subject), _) => User::Subject {
                issuer,
                subject: subject.clone(),
            },
            (None, client) => User::Client {
                issuer,
                client: client.clone().unwrap_or_default(),
            },
        };
        Self {
            user,
            principal: Arc::new(principal),
        }
    }
}
