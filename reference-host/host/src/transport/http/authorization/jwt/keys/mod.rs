//! The issuer's public keys: <https://www.rfc-editor.org/rfc/rfc7517>.

mod source;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use jsonwebtoken::jwk::Jwk;
use tracing::{info, warn};

use super::token::{self, Rules};
use super::{TokenError, VerifierUnavailable};
use wasi_mcp_types::types::Principal;

pub use source::{KeySource, NotAKeySource};

/// The minimum time between two reads, under any circumstances: anyone can send a token that names
/// an unknown key.
const AGAIN: Duration = Duration::from_secs(30);

/// The age at which keys are read again even if all are known, so that a withdrawn key becomes
/// invalid.
const FRESH: Duration = Duration::from_mins(10);

/// The age until which keys remain valid while they cannot be read again.
const STALE: Duration = Duration::from_hours(1);

/// The keys as of the last successful read.
#[derive(Debug)]
pub(super) struct Keys {
    source: KeySource,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    known: Arc<Known>,
    /// The time of the last attempt to read them, successful or not.
    tried: Instant,
    /// The reason for its failure.
    failure: Option<VerifierUnavailable>,
    reading: Option<Shared<BoxFuture<'static, ()>>>,
}

#[derive(Debug)]
struct Known {
    keys: Vec<Jwk>,
    since: Instant,
}

impl Keys {
    /// Reads the keys for the first time.
    pub(super) async fn open(
        source: KeySource,
        since: Instant,
    ) -> Result<Arc<Self>, VerifierUnavailable> {
        let keys = source.read().await?;
        Ok(Arc::new(Self {
            source,
            state: Mutex::new(State {
                known: Arc::new(Known { keys, since }),
                tried: since,
                failure: None,
                reading: None,
            }),
        }))
    }

    /// Returns the party of a token. Keys are read again if none fits, and from time to time.
    pub(super) async fn verify(
        self: &Arc<Self>,
        token: &str,
        rules: &Rules,
        now: Instant,
    ) -> Result<Principal, TokenError> {
        let header = token::header(token)?;
        let mut known = self.state().known.clone();
        let is_found = !token::candidates(&known.keys, &header).is_empty();
        let age = now.saturating_duration_since(known.since);
        if (!is_found || age >= FRESH)
            && let Some(reading) = self.reading(now)
            // While the old keys remain valid, do not wait for the new ones.
            && (!is_found || age >= STALE)
        {
            reading.await;
            known = self.state().known.clone();
        }
        let candidates = token::candidates(&known.keys, &header);
        let age = now.saturating_duration_since(known.since);
        if (candidates.is_empty() || age >= STALE)
            && let Some(failure) = self.state().failure.clone()
        {
            return Err(failure.into());
        }
        rules.verify(token, &header, &candidates)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the read in progress, or starts one. Returns `None` if the last one was too recent.
    fn reading(self: &Arc<Self>, now: Instant) -> Option<Shared<BoxFuture<'static, ()>>> {
        let mut state = self.state();
        let goes_on = |reading: &&Shared<_>| reading.peek().is_none();
        if let Some(reading) = state.reading.as_ref().filter(goes_on) {
            return Some(reading.clone());
        }
        if now.saturating_duration_since(state.tried) < AGAIN {
            return None;
        }
        state.tried = now;
        // Runs in a task of its own: a client that disconnects does not cancel it.
        let task = tokio::spawn(read_again(Arc::clone(self), now));
        let reading = task.map(drop).boxed().shared();
        state.reading = Some(reading.clone());
        Some(reading)
    }
}

async fn read_again(keys: Arc<Keys>, since: Instant) {
    let read = keys.source.read().await;
    let mut state = keys.state();
    match read {
        Ok(keys) => {
            info!(keys = keys.len(), "keys were read again");
            state.known = Arc::new(Known { keys, since });
            state.failure = None;
        }
        Err(error) => {
            let age = since.saturating_duration_since(state.known.since);
            warn!(%error, ?age, "keys cannot be read again");
            state.failure = Some(error);
        }
    }
}
