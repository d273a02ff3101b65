//! The issuer's public keys, read by tasks of their own.

mod source;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use tracing::{info, warn};
use wasi_mcp_authorization::jwt::{KeyCache, Keys, Need, TokenHeader};

use super::{TokenError, VerifierUnavailable};

pub use source::{KeySource, NotAKeySource};

/// The keys of an issuer, which many requests use at the same time.
#[derive(Debug)]
pub(super) struct SharedKeys {
    source: KeySource,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    cache: KeyCache,
    reading: Option<Shared<BoxFuture<'static, ()>>>,
}

impl SharedKeys {
    /// Reads the keys for the first time.
    pub(super) async fn open(
        source: KeySource,
        since: Instant,
    ) -> Result<Arc<Self>, VerifierUnavailable> {
        let keys = source.read().await?;
        let mut state = State::default();
        state.cache.finish(since, Ok(keys));
        Ok(Arc::new(Self {
            source,
            state: Mutex::new(state),
        }))
    }

    /// Returns the header of a token, and the keys to verify it with. They are read again if none
    /// fits, and from time to time.
    pub(super) async fn for_token(
        self: &Arc<Self>,
        token: &str,
        now: Instant,
    ) -> Result<(TokenHeader, Arc<Keys>), TokenError> {
        let header = TokenHeader::read(token)?;
        let need = self.state().cache.need(&header, now);
        if need != Need::None
            && let Some(reading) = self.reading(now)
            && need == Need::Wait
        {
            reading.await;
        }
        let keys = self.state().cache.keys(&header, now)?;
        Ok((header, keys))
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
        if !state.cache.begin(now) {
            return None;
        }
        // Runs in a task of its own: a client that disconnects does not cancel it.
        let task = tokio::spawn(read_again(Arc::clone(self), now));
        let reading = task.map(drop).boxed().shared();
        state.reading = Some(reading.clone());
        Some(reading)
    }
}

async fn read_again(keys: Arc<SharedKeys>, since: Instant) {
    let read = keys.source.read().await;
    match &read {
        Ok(keys) => info!(keys = keys.len(), "keys were read again"),
        Err(error) => warn!(%error, "keys cannot be read again"),
    }
    keys.state().cache.finish(since, read);
}
