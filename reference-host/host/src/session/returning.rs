//! The result of a call: from the component to the client.

use std::sync::Arc;
use std::time::Instant;

use super::core::SessionCore;
use super::state::SessionState;
use crate::component::context::Request;
use crate::component::handlers::Return;
use crate::telemetry::Limit;
use wasi_mcp_protocol::mapping;
use wasi_mcp_protocol::wire::Bound;
use wasi_mcp_protocol::{Outcome, RequestKey, RpcError, code};
use wasi_mcp_types::types;

impl SessionCore {
    /// Sends the result of a call. A small one is written at once, without the lock. A large one is
    /// written and validated by other threads, so that the sessions on this thread need not wait;
    /// few may be in preparation at a time, since they take memory.
    pub(super) fn finished(
        self: &Arc<Self>,
        request: &Arc<Request>,
        result: Result<Return, types::Error>,
    ) {
        let key = request.key;
        let schemas = self.server.component.schemas();
        let most = self.server.limits.result_bytes;
        match mapping::quick_outcome(&request.check, result, schemas, most) {
            Ok(outcome) => self.locked(|state| self.send_outcome(state, key, outcome)),
            Err(result) => {
                // A result in preparation takes as much memory as one that the client has not read.
                let bytes = mapping::size(&result);
                let refused = self.locked(|state| {
                    // A single result has a limit of its own.
                    let checked = match state.calls.returning_bytes() {
                        0 => Ok(()),
                        others => self.check_unread_with(others.saturating_add(bytes)),
                    };
                    match checked {
                        Err(reason) => {
                            let busy = Outcome::Error(RpcError::new(code::BUSY, reason));
                            self.send_outcome(state, key, busy);
                            true
                        }
                        Ok(()) => {
                            state.calls.returning(key, bytes);
                            // The time limit is the guest's: other threads may be slow to take this.
                            state.protocol.returned(Instant::now(), key);
                            state.has_finished_a_call();
                            false
                        }
                    }
                });
                if !refused {
                    self.home
                        .spawn(Arc::clone(self).write(Arc::clone(request), result));
                }
            }
        }
    }

    /// Writes a large result on other threads, then sends it.
    async fn write(self: Arc<Self>, request: Arc<Request>, result: Result<Return, types::Error>) {
        let key = request.key;
        let core = Arc::clone(&self);
        let written = self.perform_apart(move || {
            let bound = Bound {
                bytes: core.server.limits.result_bytes,
                exceeded: &|| core.observer.reached(Limit::ResultBytes),
            };
            let schemas = core.server.component.schemas();
            mapping::outcome(&request.check, result, bound, schemas)
        });
        let written = written.await;
        self.locked(|state| {
            if state.is_closed {
                return;
            }
            let lost = || Outcome::Lost("the host failed".to_owned());
            self.send_outcome(state, key, written.unwrap_or_else(lost));
            if state.calls.has_queued() {
                // Calls may have waited for the end of this one.
                self.job_added.notify_one();
            }
        });
    }

    fn send_outcome(&self, state: &mut SessionState, key: RequestKey, outcome: Outcome) {
        let outcome = self.unless_unread(outcome);
        state.has_finished_a_call();
        state.finish(key, outcome);
    }

    /// Returns the outcome, or an error instead of a result while the client has too much unread
    /// output.
    fn unless_unread(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Result(_) | Outcome::ToolResult(_) | Outcome::ToolList { .. } => {
                match self.check_unread() {
                    Ok(()) => outcome,
                    Err(reason) => Outcome::Error(RpcError::new(code::BUSY, reason)),
                }
            }
            Outcome::Empty
            | Outcome::Streamed { .. }
            | Outcome::Error(_)
            | Outcome::Unfit(_)
            | Outcome::Faulty(_)
            | Outcome::Lost(_) => outcome,
        }
    }
}
