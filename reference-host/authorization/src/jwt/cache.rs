//! The keys as of the last successful read, and the times to read them again. A driver reads them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::keys::Keys;
use super::token::TokenHeader;
use crate::VerifierUnavailable;

/// The minimum time between two reads, under any circumstances: anyone can send a token that names
/// an unknown key.
const AGAIN: Duration = Duration::from_secs(30);

/// The age at which keys are read again even if all are known, so that a withdrawn key becomes
/// invalid.
const FRESH: Duration = Duration::from_mins(10);

/// The age until which keys remain valid while they cannot be read again.
const STALE: Duration = Duration::from_hours(1);

/// The keys of an issuer.
#[derive(Debug, Default)]
pub struct KeyCache {
    known: Option<Known>,
    /// The time of the last attempt to read them, successful or not.
    tried: Option<Instant>,
    /// The reason for its failure.
    failure: Option<VerifierUnavailable>,
}

#[derive(Debug)]
struct Known {
    keys: Arc<Keys>,
    /// The time of the read. `None`: they are never read again.
    since: Option<Instant>,
}

impl Known {
    fn age(&self, now: Instant) -> Duration {
        self.since
            .map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }
}

/// The need to read keys before a token is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The known keys do.
    None,
    /// They should be read again. While the old keys remain valid, the token need not wait.
    Refresh,
    /// The token waits for them.
    Wait,
}

impl KeyCache {
    /// Creates a cache without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a cache of keys that are never read again.
    #[must_use]
    pub fn fixed(keys: Keys) -> Self {
        Self {
            known: Some(Known {
                keys: Arc::new(keys),
                since: None,
            }),
            ..Self::default()
        }
    }

    fn fits(&self, header: &TokenHeader) -> bool {
        let known = self.known.as_ref();
        known.is_some_and(|known| header.is_for(&known.keys))
    }

    fn age(&self, now: Instant) -> Duration {
        self.known.as_ref().map_or(Duration::MAX, |it| it.age(now))
    }

    /// Returns whether keys are to be read before a token with this header is verified.
    #[must_use]
    pub fn need(&self, header: &TokenHeader, now: Instant) -> Need {
        if let Some(Known { since: None, .. }) = self.known {
            return Need::None;
        }
        let age = self.age(now);
        if !self.fits(header) || age >= STALE {
            Need::Wait
        } else if age >= FRESH {
            Need::Refresh
        } else {
            Need::None
        }
    }

    /// Permits one read, which the caller then makes. Returns false if the last one was too recent.
    pub fn begin(&mut self, now: Instant) -> bool {
        let is_due = |tried: Instant| now.saturating_duration_since(tried) >= AGAIN;
        if !self.tried.is_none_or(is_due) {
            return false;
        }
        self.tried = Some(now);
        true
    }

    /// Takes the result of a read that began at this time.
    pub fn finish(&mut self, since: Instant, read: Result<Keys, VerifierUnavailable>) {
        self.tried.get_or_insert(since);
        match read {
            Ok(keys) => {
                self.known = Some(Known {
                    keys: Arc::new(keys),
                    since: Some(since),
                });
                self.failure = None;
            }
            Err(error) => self.failure = Some(error),
        }
    }

    /// Returns the keys to verify a token with this header with.
    ///
    /// # Errors
    ///
    /// [`VerifierUnavailable`] if the keys that it needs could not be read.
    pub fn keys(
        &self,
        header: &TokenHeader,
        now: Instant,
    ) -> Result<Arc<Keys>, VerifierUnavailable> {
        let is_lacking = !self.fits(header) || self.age(now) >= STALE;
        if let Some(failure) = self.failure.as_ref().filter(|_| is_lacking) {
            return Err(failure.clone());
        }
        match &self.known {
            Some(known) => Ok(Arc::clone(&known.keys)),
            None => Err(VerifierUnavailable(
                "the keys have not been read".to_owned(),
            )),
        }
    }
}
