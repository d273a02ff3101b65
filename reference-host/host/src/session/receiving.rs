//! A message of the client: from the transport to the queue of calls.
//!
//! | step | with the lock |
//! |---|---|
//! | read: JSON text, envelope, types of the parameters | no |
//! | admit: what the protocol decides; the request is in flight from here on | yes |
//! | prepare: map the parameters, validate a tool's arguments | no |
//! | queue the call, or refuse it | yes |
//!
//! Arguments whose validation may take long are validated by other threads, and the call is then
//! queued. Messages that arrive meanwhile are handled: a cancellation finds its request, and other
//! calls go first.

use std::sync::Arc;
use std::time::Instant;

use super::core::SessionCore;
use super::inline_task::InlineTask;
use super::outlet::Receipt;
use super::state::SessionState;
use crate::component::context::{Request, RequestEnd};
use crate::component::handlers::Call;
use crate::component::job::Job;
use crate::visible::Visible;
use wasi_mcp_protocol::mapping::{self, QUICK_WORK};
use wasi_mcp_protocol::wire;
use wasi_mcp_protocol::{Invocation, Message, Outcome, Reception, RequestKey, RpcError, StreamId};
use wasi_mcp_types::types::Principal;

/// The size up to which a message is mapped while the session's task cannot run elsewhere. Handling
/// it in one go saves a wake-up.
const SMALL: usize = 16 << 10;

/// A message after the protocol has handled it.
enum Admitted<'m> {
    Done(Receipt),
    Initialize(Invocation<'m>),
    Call(Invocation<'m>, Option<Arc<Principal>>),
}

/// A message that is ready to be applied.
enum Prepared {
    Done(Receipt),
    Initialize(
        RequestKey,
        Result<wasi_mcp_types::capabilities::Client, RpcError>,
    ),
    Refused(RequestKey, RpcError),
    Queue(Job),
    /// The arguments are yet to be validated.
    Validate(Job),
}

impl SessionCore {
    /// Receives one message of the client, and runs the session's task inline.
    pub(super) fn receive(
        self: &Arc<Self>,
        task: &Arc<InlineTask>,
        principal: Option<Arc<Principal>>,
        stream: StreamId,
        text: &[u8],
    ) -> Receipt {
        tracing::debug!(
            session = self.number,
            stream_id = stream.0,
            text = %Visible(text),
            "received"
        );
        let message = Message::read(text, &self.server.limits);
        if text.len() <= SMALL {
            return task.run_inline(|| {
                let admitted = self.admit(principal, stream, message, text.len());
                self.apply(prepare(admitted))
            });
        }
        let prepared = prepare(self.admit(principal, stream, message, text.len()));
        task.run_inline(|| self.apply(prepared))
    }

    fn admit<'m>(
        &self,
        principal: Option<Arc<Principal>>,
        stream: StreamId,
        message: Message<'m>,
        bytes: usize,
    ) -> Admitted<'m> {
        let now = Instant::now();
        self.locked(|state| {
            // Checked under the lock, so that `close` ends every earlier message.
            if state.is_closed {
                self.outlet.end(stream);
                return Admitted::Done(Receipt::Pending);
            }
            state.principal.clone_from(&principal);
            match state.protocol.handle(now, stream, message) {
                Reception::Accepted => Admitted::Done(Receipt::Accepted),
                Reception::Refused(error) => {
                    tracing::debug!(session = self.number, text = %Visible(&error), "answered");
                    Admitted::Done(Receipt::Refused(error))
                }
                Reception::Answered(response) => Admitted::Done(self.answered(response)),
                Reception::Initialize(invocation) => Admitted::Initialize(invocation),
                Reception::Invoke(invocation) => {
                    let key = invocation.key;
                    if let Err((limit, error)) = state.budget.check(bytes) {
                        self.server.telemetry.reached(limit, Some(self.number));
                        return Admitted::Done(self.refuse(state, key, &error));
                    }
                    state.calls.arrive(key, bytes);
                    Admitted::Call(invocation, principal)
                }
            }
        })
    }

    /// Applies a prepared message.
    fn apply(self: &Arc<Self>, prepared: Prepared) -> Receipt {
        match prepared {
            Prepared::Done(receipt) => receipt,
            Prepared::Initialize(key, client) => self.locked(|state| {
                let now = Instant::now();
                match client {
                    Ok(client) => {
                        state.client = Some(client);
                        match state.unclaimed_offer.take() {
                            Some(offer) => state.started(now, key, offer),
                            None => state.initializing = Some(key),
                        }
                    }
                    Err(error) => state.protocol.finish(now, key, Outcome::Error(error)),
                }
                Receipt::Pending
            }),
            Prepared::Refused(key, error) => self.locked(|state| self.refuse(state, key, &error)),
            Prepared::Queue(job) => {
                self.locked(|state| self.queue_checked(state, job));
                Receipt::Pending
            }
            Prepared::Validate(job) => {
                self.home.spawn(Arc::clone(self).validate(job));
                Receipt::Pending
            }
        }
    }

    /// Validates the arguments of a call on other threads, then queues it or answers with the error.
    async fn validate(self: Arc<Self>, job: Job) {
        let key = job.request.key;
        let validated = self.perform_apart(move || {
            let checked = match &job.call {
                Call::CallTool(params) => {
                    let check = &job.request.check;
                    check.run_for_tool(&params.name, params.arguments.as_deref())
                }
                _ => Ok(()),
            };
            checked.map(|()| job)
        });
        let validated = validated.await;
        self.locked(|state| match validated {
            _ if state.is_closed => {}
            Some(Ok(job)) => self.queue_checked(state, job),
            Some(Err(error)) => state.finish(key, Outcome::Error(error)),
            None => state.finish(key, Outcome::Lost("the host failed".to_owned())),
        });
    }

    /// Queues a call whose parameters have passed their check, unless the request has ended.
    fn queue_checked(&self, state: &mut SessionState, job: Job) {
        let key = job.request.key;
        if state.is_closed || !state.calls.contains(key) {
            return;
        }
        if state.protocol.is_cancelled(key) {
            return state.finish(key, Outcome::Empty);
        }
        if let Some(principal) = &job.request.principal {
            state.subscribers.begin(key, &job.call, principal);
        }
        self.queue(state, job);
    }

    /// Refuses a request for which the component was not called.
    fn refuse(&self, state: &mut SessionState, key: RequestKey, error: &RpcError) -> Receipt {
        state.calls.finish(key);
        match state.protocol.refuse(Instant::now(), key, error) {
            Some(response) => self.answered(response),
            None => Receipt::Pending,
        }
    }

    fn answered(&self, response: Vec<u8>) -> Receipt {
        tracing::debug!(session = self.number, text = %Visible(&response), "answered");
        Receipt::Answered(response)
    }
}

/// Maps the parameters of a request, and validates them unless that may take long.
fn prepare(admitted: Admitted<'_>) -> Prepared {
    let (invocation, principal) = match admitted {
        Admitted::Done(receipt) => return Prepared::Done(receipt),
        Admitted::Initialize(invocation) => {
            let client = wire::client_from_initialize(invocation.params);
            return Prepared::Initialize(invocation.key, client.map_err(RpcError::from));
        }
        Admitted::Call(invocation, principal) => (invocation, principal),
    };
    let Invocation {
        key,
        method,
        params,
        meta,
        id,
        progress_token,
        check,
    } = invocation;
    let is_quick = check.work(&params) <= QUICK_WORK;
    let checked = if is_quick { check.run(&params) } else { Ok(()) };
    let call = checked.and_then(|()| mapping::call(method, params).map_err(RpcError::from));
    let call = match call {
        Ok(call) => call,
        Err(error) => return Prepared::Refused(key, error),
    };
    let request = Arc::new(Request {
        key,
        id: Some(id),
        meta: meta.map(|meta| meta.get().to_owned()),
        progress_token: progress_token.map(|token| token.get().to_owned()),
        check,
        principal,
        end: RequestEnd::default(),
    });
    let job = Job {
        request,
        call,
        alone: false,
    };
    if is_quick {
        Prepared::Queue(job)
    } else {
        Prepared::Validate(job)
    }
}
