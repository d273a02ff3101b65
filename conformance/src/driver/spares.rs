//! Processes that are started ahead of their use, so that no check waits for slow starts.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::{Connection, Lines, Server, Transport};
use super::process::Group;

/// The age up to which a process is used. A server may drop a client that sends nothing.
const AGE: Duration = Duration::from_secs(20);

/// The waiting processes.
pub struct Spares {
    server: Arc<dyn Server>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ready: VecDeque<Spare>,
    starting: usize,
    wanted: usize,
}

struct Spare {
    lines: Lines,
    group: Option<Group>,
    began: Instant,
}

impl Spares {
    /// Keeps no process yet.
    pub fn new(server: Arc<dyn Server>) -> Arc<Self> {
        Arc::new(Self {
            server,
            state: Mutex::default(),
        })
    }

    /// Keeps this many processes waiting.
    pub fn keep(self: &Arc<Self>, wanted: usize) {
        if self.server.transport() == Transport::Stdio {
            self.state().wanted = wanted;
            self.refill();
        }
    }

    /// Takes a process, if one is ready that is still alive.
    pub fn take(self: &Arc<Self>) -> Option<Lines> {
        let found = loop {
            let Some(mut spare) = self.state().ready.pop_front() else {
                break None;
            };
            let process = spare.lines.process.as_mut();
            let runs = process.is_none_or(|process| matches!(process.try_wait(), Ok(None)));
            if runs && spare.began.elapsed() < AGE {
                break Some(spare);
            }
        };
        self.refill();
        found.map(Spare::release)
    }

    /// Stops starting processes, and returns the waiting ones.
    pub fn dismiss(&self) -> Vec<Lines> {
        let mut state = self.state();
        state.wanted = 0;
        state.ready.drain(..).map(Spare::release).collect()
    }

    fn refill(self: &Arc<Self>) {
        let mut state = self.state();
        while state.ready.len() + state.starting < state.wanted {
            state.starting += 1;
            let spares = self.clone();
            tokio::spawn(async move { spares.start().await });
        }
    }

    async fn start(&self) {
        let connection = self.server.connect().await;
        let mut state = self.state();
        state.starting -= 1;
        // The check that needs a process reports why it does not start.
        if let Ok(Connection::Lines(lines)) = connection
            && state.wanted > 0
        {
            state.ready.push_back(Spare {
                group: lines.process.as_deref().and_then(Group::of),
                lines,
                began: Instant::now(),
            });
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spare {
    /// Hands the process over to a session, which ends it.
    fn release(self) -> Lines {
        self.group.into_iter().for_each(Group::release);
        self.lines
    }
}
