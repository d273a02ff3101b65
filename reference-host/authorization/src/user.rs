//! The owners of sessions.

use wasi_mcp_protocol::json::Writer;
use wasi_mcp_types::types::Principal;

/// The user of the server, identified by the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum User {
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

impl User {
    /// Returns the user that a token represents.
    #[must_use]
    pub fn of(principal: &Principal) -> Self {
        let issuer = principal.issuer.clone();
        match (&principal.subject, &principal.client_id) {
            (Some(subject), _) => Self::Subject {
                issuer,
                subject: subject.clone(),
            },
            (None, client) => Self::Client {
                issuer,
                client: client.clone().unwrap_or_default(),
            },
        }
    }

    /// Returns a text that no other user has.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (kind, issuer, name) = match self {
            Self::Subject { issuer, subject } => ("subject", issuer, subject),
            Self::Client { issuer, client } => ("client", issuer, client),
        };
        let mut text = Writer::new();
        text.begin_array().string(kind).string(issuer).string(name);
        text.end_array();
        String::from_utf8_lossy(&text.into_bytes()).into_owned()
    }
}

/// Returns whether a session can belong to this party.
#[must_use]
pub fn is_somebody(principal: &Principal) -> bool {
    let is_named = |name: &Option<String>| name.as_ref().is_some_and(|name| !name.is_empty());
    is_named(&principal.subject) || principal.subject.is_none() && is_named(&principal.client_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_tell_users_apart() {
        let party = |issuer: &str, subject: Option<&str>, client: Option<&str>| {
            let principal = Principal {
                issuer: issuer.to_owned(),
                subject: subject.map(str::to_owned),
                client_id: client.map(str::to_owned),
                scopes: Vec::new(),
                claims: Vec::new(),
            };
            (is_somebody(&principal), User::of(&principal).to_text())
        };
        let alice = party("https://a", Some("alice"), None);
        assert_eq!(
            alice,
            (true, r#"["subject","https://a","alice"]"#.to_owned())
        );
        assert_eq!(party("https://a", Some("alice"), Some("app")), alice);
        let others = [
            party("https://a", None, Some("alice")),
            party("https://b", Some("alice"), None),
            party("https://a", Some("alice\",\"x"), None),
        ];
        assert!(
            others
                .iter()
                .all(|(is_somebody, text)| *is_somebody && *text != alice.1)
        );
        assert!(!party("https://a", None, None).0);
        assert!(!party("https://a", Some(""), Some("app")).0);
    }
}
