//! Session ids.
//!
//! See <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#session-management>.

use std::fmt;

use http::HeaderValue;
use wasi_mcp_protocol::http::{self as protocol, LoggedId, RANDOM_BYTES};

/// The id of a session. Anyone who knows it can act as the client, so it is never logged whole.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct SessionId(HeaderValue);

impl SessionId {
    /// Generates an id from the system's secure random source.
    pub(super) fn generate() -> Result<Self, RandomFailed> {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random).map_err(|error| RandomFailed(error.to_string()))?;
        let id = protocol::SessionId::from_random(random);
        match HeaderValue::from_str(id.as_str()) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(RandomFailed(error.to_string())),
        }
    }

    /// Returns the id that a client sent.
    pub(super) fn sent(value: &HeaderValue) -> Self {
        Self(value.clone())
    }

    /// Returns the id as the value of `Mcp-Session-Id`.
    pub(super) fn to_header(&self) -> HeaderValue {
        let mut value = self.0.clone();
        value.set_sensitive(true);
        value
    }
}

/// The id as [`LoggedId`] shows it.
impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&LoggedId(self.0.as_bytes()), f)
    }
}

/// The system provided no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("no session id could be made: {0}")]
pub(super) struct RandomFailed(String);

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_long_visible_and_different() {
        let ids: HashSet<_> = (0..1000)
            .map(|_| SessionId::generate().expect("random bytes"))
            .collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            let header = id.to_header();
            assert_eq!(header.len(), 32);
            assert!(
                header
                    .as_bytes()
                    .iter()
                    .all(|byte| (0x21..=0x7e).contains(byte))
            );
        }
    }

    #[test]
    fn a_log_shows_only_the_beginning() {
        let id = SessionId::sent(&HeaderValue::from_static("abcdefghijklmnop"));
        assert_eq!(format!("{id:?}"), "abcdef…");
    }
}
