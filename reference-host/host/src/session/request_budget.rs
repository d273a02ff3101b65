//! The budget of requests in flight across all sessions of a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasi_mcp_protocol::{RpcError, code};

/// Counts the client requests in flight in components.
#[derive(Debug)]
pub(super) struct RequestBudget {
    most: usize,
    count: AtomicUsize,
}

impl RequestBudget {
    /// Allows `most` requests in flight. (Sessions on several threads may exceed it by one each.)
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            count: AtomicUsize::new(0),
        }
    }
}

/// One session's share of the count, until it is dropped.
#[derive(Debug)]
pub(super) struct BudgetShare {
    all: Arc<RequestBudget>,
    count: usize,
}

impl BudgetShare {
    pub(super) fn of(all: &Arc<RequestBudget>) -> Self {
        Self {
            all: Arc::clone(all),
            count: 0,
        }
    }

    /// Fails if another request would exceed the budget.
    pub(super) fn check(&self) -> Result<(), RpcError> {
        if self.all.count.load(Ordering::Relaxed) < self.all.most {
            return Ok(());
        }
        Err(RpcError::new(
            code::BUSY,
            "the host works on as many requests as it may: try again later",
        ))
    }

    /// Sets the session's number of requests in flight.
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

impl Drop for BudgetShare {
    fn drop(&mut self) {
        self.set(0);
    }
}
