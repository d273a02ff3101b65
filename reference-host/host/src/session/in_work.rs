//! How many requests are in work in all sessions of a server together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasi_mcp_protocol::{RpcError, code};

/// Counts the requests of clients that components work on.
#[derive(Debug)]
pub(super) struct InWork {
    most: usize,
    count: AtomicUsize,
}

impl InWork {
    /// There may be `most`. (Sessions on several threads may exceed it by one
    /// each.)
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            count: AtomicUsize::new(0),
        }
    }
}

/// What one session adds to the count, until it is dropped.
#[derive(Debug)]
pub(super) struct Part {
    all: Arc<InWork>,
    count: usize,
}

impl Part {
    pub(super) fn of(all: &Arc<InWork>) -> Self {
        Self {
            all: Arc::clone(all),
            count: 0,
        }
    }

    /// Fails where one more would be too many.
    pub(super) fn check(&self) -> Result<(), RpcError> {
        if self.all.count.load(Ordering::Relaxed) < self.all.most {
            return Ok(());
        }
        Err(RpcError::new(
            code::BUSY,
            "the host works on as many requests as it may: try again later",
        ))
    }

    /// The session has so many now.
    pub(super) fn set(&mut self, count: usize) {
        let all = &self.all.count;
        if count > self.count {
            all.fetch_add(count - self.count, Ordering::Relaxed);
        } else if count < self.count {
            all.fetch_sub(self.count - count, Ordering::Relaxed);
        }
        self.count = count;
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.set(0);
    }
}
