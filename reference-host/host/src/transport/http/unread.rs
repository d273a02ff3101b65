//! The unread output of a session's client, wherever it waits: in a stream's log, or with a
//! connection whose client reads slowly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

/// Counts the bytes of messages that may not be dropped, for as long as they are held.
#[derive(Debug, Clone, Default)]
pub(super) struct Unread(Arc<AtomicUsize>);

impl Unread {
    /// Returns the number of waiting bytes.
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Returns the same text, counted while a copy of it exists.
    pub(super) fn counted(&self, text: Vec<u8>) -> Bytes {
        self.0.fetch_add(text.len(), Ordering::Relaxed);
        Bytes::from_owner(Counted {
            text,
            unread: self.clone(),
        })
    }
}

struct Counted {
    text: Vec<u8>,
    unread: Unread,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.unread.0.fetch_sub(self.text.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_counts_until_its_last_copy_is_gone() {
        let unread = Unread::default();
        let text = unread.counted(b"twelve bytes".to_vec());
        let other = unread.counted(b"3".to_vec());
        assert_eq!(unread.bytes(), 13);
        let part = text.slice(..3);
        drop((text, other));
        assert_eq!(unread.bytes(), 12);
        drop(part);
        assert_eq!(unread.bytes(), 0);
    }
}
