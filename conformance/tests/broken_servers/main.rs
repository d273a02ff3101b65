//! Faulty servers: absent, not MCP, of another revision, dying, hanging, restarting, failing. The
//! suite distinguishes them from servers that violate a requirement.
//!
//! Each report is a snapshot. `server.py` is the server, and lists its faults.
#![cfg(unix)]

mod bench;
mod flaws;
mod processes;
mod slow;
mod stage;

use stage::{Case, Transport};

/// Checks of every kind: two that drive the server, one of its lists, one of its tools, an observer,
/// and as the last one a check at whose messages a fault of the moment `end` waits.
const CHECKS: &[&str] = &[
    "base/method-not-found",
    "base/answers-once",
    "ping/respond",
    "tools/unique-names",
    "tools/listed-tools-answer",
    "pagination/invalid-cursor",
];

/// A case of the bench with time limits for a server that goes away for good.
fn brief(transport: Transport, faults: &'static str) -> Case {
    Case {
        transport,
        faults,
        checks: CHECKS,
        options: &["--answer-timeout", "6", "--start-timeout", "120"],
    }
}

/// A case with time limits for a server that hangs.
fn hanging(transport: Transport, faults: &'static str) -> Case {
    Case {
        options: &["--answer-timeout", "3", "--start-timeout", "20"],
        ..brief(transport, faults)
    }
}

/// A case with time limits for a server that comes back, or never goes away.
fn lasting(transport: Transport, faults: &'static str) -> Case {
    Case {
        options: &["--answer-timeout", "120", "--start-timeout", "120"],
        ..brief(transport, faults)
    }
}
