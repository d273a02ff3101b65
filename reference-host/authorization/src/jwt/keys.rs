//! The issuer's public keys: <https://www.rfc-editor.org/rfc/rfc7517>.

use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;

use super::token::is_usable;

/// The longest time that an issuer may take to deliver its keys.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The largest set of keys that is read, in bytes.
pub const LARGEST: usize = 1 << 20;

/// Public keys that can verify tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys(pub(super) Vec<Jwk>);

/// The text has no keys that can verify tokens. It is not quoted: it may hold a secret by mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAKeySet {
    /// It is not a set of keys.
    #[error(
        "this is not a JSON Web Key Set: line {line}, column {column}: expected an object with a \
         list `keys`"
    )]
    Malformed {
        /// The line of the first fault.
        line: usize,
        /// Its column.
        column: usize,
    },
    /// None of its keys is of use.
    #[error("there is no public key to check signatures with")]
    NoUsableKey,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl Keys {
    /// Selects the usable keys of a JSON Web Key Set. A set may also hold keys of other kinds and for
    /// other purposes: <https://www.rfc-editor.org/rfc/rfc7517#section-5>.
    ///
    /// # Errors
    ///
    /// [`NotAKeySet`] if there are none.
    pub fn read(text: &[u8]) -> Result<Self, NotAKeySet> {
        let set: Set = serde_json::from_slice(text).map_err(|error| NotAKeySet::Malformed {
            line: error.line(),
            column: error.column(),
        })?;
        let keys = set.keys.into_iter();
        let keys: Vec<Jwk> = keys
            .filter_map(|key| serde_json::from_value(key).ok())
            .filter(is_usable)
            .collect();
        if keys.is_empty() {
            return Err(NotAKeySet::NoUsableKey);
        }
        Ok(Self(keys))
    }

    /// Returns the number of keys, which is never 0.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
