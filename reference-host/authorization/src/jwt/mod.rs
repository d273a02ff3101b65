//! JSON Web Tokens of one issuer: <https://www.rfc-editor.org/rfc/rfc9068>.
//!
//! | module | contents |
//! |---|---|
//! | `token` | the requirements for a token |
//! | `keys` | the issuer's public keys, and their text |
//! | `cache` | when keys are read again, and how long they remain valid |
//! | `settings` | a configuration from named texts |

mod cache;
mod keys;
mod settings;
mod token;

#[cfg(test)]
mod tests;

pub use cache::{KeyCache, Need};
pub use keys::{Keys, LARGEST, NotAKeySet, PATIENCE};
pub use settings::{Misconfigured, Settings, SettingsKeys, VARIABLES};
pub use token::{Rules, TokenHeader};
