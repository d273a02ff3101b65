//! The budget of requests in flight across all sessions of a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::telemetry::Limit;
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
    /// exceed both by one request each.)
    pub(super) fn new(most: usize, most_bytes: usize) -> Self {
        Self {
            most,
            count: AtomicUsize::new(0),
            most_bytes,
            bytes: AtomicUsize::new(0),
        }
    }
}

/// One session's share of the count, until it is dropped.
#[derive(Debug)]
pub(super) struct BudgetShare {
    all: Arc<RequestBudget>,
    count: usize,
    bytes: usize,
}

/// Changes one part of a sum.
fn change(sum: &AtomicUsize, part: &mut usize, to: usize) {
    if to > *part {
        sum.fetch_add(to - *part, Ordering::Relaxed);
    } else if to < *part {
        sum.fetch_sub(*part - to, Ordering::Relaxed);
    }
    *part = to;
}

impl BudgetShare {
    pub(super) fn of(all: &Arc<RequestBudget>) -> Self {
        Self {
            all: Arc::clone(all),
            count: 0,
            bytes: 0,
        }
    }

    /// Returns the limit that another request of so many bytes would exceed, with the error.
    pub(super) fn check(&self, bytes: usize) -> Result<(), (Limit, RpcError)> {
        if self.all.count.load(Ordering::Relaxed) >= self.all.most {
            let text = "the host works on as many requests as it may: try again later";
            return Err((Limit::RequestsInFlight, RpcError::new(code::BUSY, text)));
        }
        let left = self.all.most_bytes;
        let left = left.saturating_sub(self.all.bytes.load(Ordering::Relaxed));
        if bytes > left {
            let text = "the requests that the host works on are as large as they may be together: \
                        try again later";
            return Err((Limit::RequestMemory, RpcError::new(code::BUSY, text)));
        }
        Ok(())
    }

    /// Sets the session's number of requests in flight, and the bytes of their text.
    pub(super) fn set(&mut self, count: usize, bytes: usize) {
        change(&self.all.count, &mut self.count, count);
        change(&self.all.bytes, &mut self.bytes, bytes);
    }
}

impl Drop for BudgetShare {
    fn drop(&mut self) {
        self.set(0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_until_their_requests_end() {
        let budget = Arc::new(RequestBudget::new(10, 100));
        let (mut one, mut other) = (BudgetShare::of(&budget), BudgetShare::of(&budget));
        assert!(one.check(100).is_ok() && one.check(101).is_err());
        one.set(1, 60);
        other.set(1, 30);
        let (limit, _) = other.check(11).unwrap_err();
        assert_eq!(limit, Limit::RequestMemory);
        assert!(one.check(10).is_ok());
        one.set(0, 0);
        assert!(other.check(70).is_ok());
        drop(other);
        assert!(one.check(100).is_ok());
        one.set(10, 0);
        assert_eq!(one.check(1).unwrap_err().0, Limit::RequestsInFlight);
    }
}
