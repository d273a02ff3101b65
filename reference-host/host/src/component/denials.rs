//! Log lines about denied accesses of a guest, with the option that grants them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::visible::Visible;

/// The most lines for one instance: a guest must not fill the log.
const MOST: usize = 16;

/// The longest subject in a line, in bytes.
const SUBJECT: usize = 200;

/// Logs the denials of one instance, each subject once. Clones share the record.
#[derive(Debug, Clone, Default)]
pub(super) struct Denials {
    session: u64,
    told: Arc<Mutex<HashSet<String>>>,
}

impl Denials {
    pub(super) fn new(session: u64) -> Self {
        Self {
            session,
            told: Arc::default(),
        }
    }

    /// Logs that the guest was denied `what`, such as "a request to example.com", and the remedy.
    pub(super) fn tell(&self, what: &str, remedy: &str) {
        if let Some(what) = self.first(what) {
            tracing::warn!(
                session = self.session,
                "the component was denied {what}: {remedy}"
            );
        }
    }

    /// Logs, at a lower level, the denial of something that few guests need.
    pub(super) fn mention(&self, what: &str, remedy: &str) {
        if let Some(what) = self.first(what) {
            tracing::info!(
                session = self.session,
                "the component was denied {what}: {remedy}"
            );
        }
    }

    /// Returns the text to show, unless it was shown before or too many were.
    fn first(&self, what: &str) -> Option<String> {
        let what = &what[..what.floor_char_boundary(SUBJECT)];
        let what = Visible(what.as_bytes()).to_string();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        (told.len() < MOST && told.insert(what.clone())).then_some(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subject_is_told_once_and_not_too_many() {
        let denials = Denials::new(1);
        assert_eq!(denials.first("a\n").as_deref(), Some("a\\u{a}"));
        assert_eq!(denials.clone().first("a\n"), None);
        let told = (0..100).filter_map(|at| denials.first(&at.to_string()));
        assert_eq!(told.count(), MOST - 1);
    }
}
