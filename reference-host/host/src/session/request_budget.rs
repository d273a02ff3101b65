//! The budget of requests in flight across all sessions of a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasi_mcp_protocol::{RpcError, code};

/// Counts the client requests in flight in components, and the bytes of their text.
#[derive(Debug)]
pub(super) struct RequestBudget {
    most: usize,
    count: AtomicUsize,
    most_bytes: usize,
    bytes: AtomicUsize,
}

impl RequestBudget {
    /// Allows `most` requests in flight, of `most_bytes` together. (Sessions on several threads may
    /// exceed the first by one each.)
    pub(super) fn new(most: usize, most_bytes: usize) -> Self {
        Self {
            most,
            count: AtomicUsize::new(0),
            most_bytes,
            bytes: AtomicUsize::new(0),
        }
    }
}

/// The bytes of one request, counted until this is dropped.
#[derive(Debug)]
pub struct RequestBytes {
    all: Arc<RequestBudget>,
    bytes: usize,
}

impl Drop for RequestBytes {
    fn drop(&mut self) {
        self.all.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
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

    /// Counts the bytes of another request, or fails if it would exceed the budget.
    pub(super) fn admit(&self, bytes: usize) -> Result<RequestBytes, RpcError> {
        // What is refused is returned at once.
        let before = self.all.bytes.fetch_add(bytes, Ordering::Relaxed);
        let counted = RequestBytes {
            all: Arc::clone(&self.all),
            bytes,
        };
        let has_room = self.all.count.load(Ordering::Relaxed) < self.all.most;
        if has_room && bytes <= self.all.most_bytes.saturating_sub(before) {
            return Ok(counted);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_until_their_request_ends() {
        let share = BudgetShare::of(&Arc::new(RequestBudget::new(10, 100)));
        let first = share.admit(60).unwrap();
        assert!(share.admit(41).is_err());
        let second = share.admit(40).unwrap();
        assert!(share.admit(1).is_err());
        drop(first);
        assert!(share.admit(60).is_ok());
        drop(second);
        assert!(share.admit(101).is_err());
        assert!(share.admit(100).is_ok());
    }
}
