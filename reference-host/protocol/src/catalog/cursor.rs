//! Cursors that the host issues.

use std::hash::{DefaultHasher, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::List;

/// The position at which the next page of a list begins.
///
/// The text is opaque to the client. It holds the list, the position and a checksum over the
/// session's secret, so that cursors of other lists or sessions and forged ones are detected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Cursor {
    pub(in super::super) list: List,
    /// The position of the last entry on the page before.
    pub(in super::super) after: u64,
}

impl Cursor {
    pub(in super::super) fn write(self, secret: u64) -> String {
        let mut bytes = [0; 17];
        bytes[0] = self.kind();
        bytes[1..9].copy_from_slice(&self.after.to_be_bytes());
        bytes[9..].copy_from_slice(&self.check(secret).to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor. Returns `None` for any text that was not issued for this list in this
    /// session.
    pub(in super::super) fn read(text: &str, list: List, secret: u64) -> Option<Self> {
        let bytes: [u8; 17] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (place, _) = bytes[1..].split_first_chunk()?;
        let cursor = Self {
            list,
            after: u64::from_be_bytes(*place),
        };
        (cursor.write(secret) == text).then_some(cursor)
    }

    fn kind(self) -> u8 {
        match self.list {
            List::Tools => b't',
            List::Resources => b'r',
            List::ResourceTemplates => b'u',
            List::Prompts => b'p',
        }
    }

    fn check(self, secret: u64) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(secret);
        hasher.write_u8(self.kind());
        hasher.write_u64(self.after);
        hasher.finish()
    }
}
