//! The session as an instance sees it: requests and reports of the instance.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use futures::future::BoxFuture;
use serde_json::value::RawValue;
use tokio::sync::{Notify, oneshot};

use super::core::SessionCore;
use super::state::Serving;
use crate::component::Isolation;
use crate::component::call_start::CallStart;
use crate::component::context::Request;
use crate::component::handlers::Return;
use crate::component::job::Job;
use crate::component::output::Origin;
use crate::component::session_handle::SessionHandle;
use crate::component::streaming::{Begun, NotBegun};
use crate::telemetry::{Limit, SessionObserver};
use wasi_mcp_protocol::wire::{self, Bound, StreamedResult};
use wasi_mcp_protocol::{
    AskFailure, AskKey, AskMethod, AskParams, Catalog, Changed, ContextError, Denied, LogLevel,
    LogText, Offer, Outcome, RequestKey,
};
use wasi_mcp_types::capabilities::{Client, ClientCapabilities};
use wasi_mcp_types::content::ReadResourceResult;
use wasi_mcp_types::types;

/// The size from which the text of a log message is checked without the session's lock.
const LARGE_LOG: usize = 16 << 10;

/// The instance's handle on its session.
pub(super) struct InstanceSide(pub(super) Arc<SessionCore>);

impl SessionHandle for InstanceSide {
    fn observer(&self) -> &SessionObserver {
        &self.0.observer
    }

    fn origin(&self) -> Origin {
        let core = &self.0;
        Origin {
            session: core.number,
            instance: core.instances.fetch_add(1, Ordering::Relaxed) + 1,
            allowance: Arc::clone(&core.allowance),
            telemetry: Arc::clone(&core.server.telemetry),
        }
    }

    fn started(&self, offer: Offer) {
        self.0.locked(|state| {
            let now = Instant::now();
            if self.0.server.keeps_sessions {
                tracing::info!(
                    session = self.0.number,
                    server = offer.info,
                    "an instance has started"
                );
            }
            state.serving = Some(Serving {
                since: now,
                has_finished_a_call: false,
            });
            match state.initializing.take() {
                Some(key) => state.started(now, key, offer),
                None if !self.0.server.keeps_sessions => {
                    if let Some(awaited) = state.offer_awaited.take() {
                        // The client may have disconnected.
                        let _ = awaited.send(Ok(offer));
                    }
                }
                None => {
                    if state
                        .negotiated
                        .as_ref()
                        .is_some_and(|it| it.differs(&offer))
                    {
                        tracing::warn!(
                            session = self.0.number,
                            "the new instance describes its server differently: what was \
                             negotiated with the client stays in force"
                        );
                    }
                    state.protocol.restarted(now, offer);
                }
            }
        });
    }

    fn take_job(&self) -> Option<Job> {
        let core = &self.0;
        let is_shared = core.server.isolation == Isolation::Session;
        let mut state = core.lock();
        if !state.calls.has_queued() {
            return None;
        }
        core.act(&mut state, |state| {
            loop {
                let job = state.calls.take(Instant::now(), is_shared)?;
                let key = job.request.key;
                if !state.protocol.is_cancelled(key) {
                    return Some(job);
                }
                state.finish(key, Outcome::Empty);
            }
        })
    }

    fn has_jobs(&self) -> bool {
        self.0.has_queued_calls()
    }

    fn job_added(&self) -> &Notify {
        &self.0.job_added
    }

    fn call_starting(&self, request: RequestKey, start: CallStart) {
        self.0.lock().calls.starting(request, start);
    }

    fn finished(&self, request: &Arc<Request>, result: Result<Return, types::Error>) {
        self.0.finished(request, result);
    }

    fn lost(&self, request: RequestKey, reason: String) {
        self.0
            .locked(|state| state.finish(request, Outcome::Lost(reason)));
    }

    fn begin_stream(
        &self,
        request: RequestKey,
        result: ReadResourceResult,
    ) -> Result<Begun, NotBegun> {
        let bound = Bound {
            bytes: self.result_bytes(),
            exceeded: &|| self.0.observer.reached(Limit::ResultBytes),
        };
        let StreamedResult {
            head,
            tail,
            encoder,
        } = wire::streamed_result(result, bound)
            .map_err(|fault| NotBegun::Faulty(fault.within("result").to_string()))?;
        let (begun, pieces) = Begun::new(encoder, head.len() + tail.len());
        self.0.locked(|state| {
            self.0.check_unread().map_err(|reason| {
                NotBegun::Refused(types::Error::from(ContextError::Busy(reason)))
            })?;
            let stream = state.protocol.stream_of(request);
            if stream.is_some_and(|stream| !self.0.outlet.can_stream(stream)) {
                let reason = "a streamed resource needs a client that is connected: read it again";
                return Err(NotBegun::Refused(types::Error::from(ContextError::Busy(
                    reason.to_owned(),
                ))));
            }
            state
                .protocol
                .begin_streaming(Instant::now(), request, &head, &tail)
                .map_err(|error| NotBegun::Refused(error.into()))?;
            state.calls.set_pieces(request, pieces);
            Ok(begun)
        })
    }

    fn result_bytes(&self) -> usize {
        self.0.server.limits.result_bytes
    }

    fn awaits_stop(&self) {
        // An instance dedicated to one call is dropped with it.
        if self.0.server.isolation == Isolation::Session {
            self.0.locked(|state| state.stop_awaited = true);
        }
    }

    fn client(&self) -> Client {
        let state = self.0.lock();
        let mut client = state.client.clone().unwrap_or_else(unknown_client);
        client.log_level = state.protocol.log_level().map(Into::into);
        hide(&mut client.capabilities, self.0.server.sandbox.denied);
        client
    }

    fn report_progress(
        &self,
        request: RequestKey,
        progress: f64,
        total: Option<f64>,
        message: Option<&str>,
    ) -> Result<(), ContextError> {
        self.0.locked(|state| {
            state
                .protocol
                .report_progress(Instant::now(), request, progress, total, message)
        })
    }

    fn log(
        &self,
        request: Option<RequestKey>,
        level: LogLevel,
        logger: Option<&str>,
        data: &str,
    ) -> Result<(), ContextError> {
        let core = &self.0;
        let now = Instant::now();
        let limits = &core.server.limits;
        if data.len() < LARGE_LOG {
            return core.locked(|state| state.protocol.log(now, request, level, logger, data));
        }
        core.lock().protocol.check_log(request)?;
        let exceeded = || core.observer.reached(Limit::ResultBytes);
        let text = LogText::check(logger, data, limits, exceeded)?;
        core.locked(|state| state.protocol.log_text(now, request, level, text))
    }

    fn check_ask(&self, request: RequestKey, method: AskMethod) -> Result<(), ContextError> {
        let mut state = self.0.lock();
        state.protocol.check_ask(request, method).map(drop)
    }

    fn ask(
        &self,
        request: RequestKey,
        method: AskMethod,
        params: Option<String>,
    ) -> BoxFuture<'static, Result<Box<RawValue>, types::Error>> {
        let (sender, receiver) = oneshot::channel();
        let core = Arc::clone(&self.0);
        let asked =
            AskParams::check(params.as_deref(), core.server.limits.depth).and_then(|params| {
                core.locked(|state| {
                    core.check_unread().map_err(ContextError::Busy)?;
                    let now = Instant::now();
                    let ask = state.protocol.send_ask(now, request, method, params)?;
                    state.asks.insert(ask, sender);
                    Ok(ask)
                })
            });
        if let Err(ContextError::NotSupported(_)) = asked {
            self.0.server.live_counts().ask_unsupported(method);
        }
        Box::pin(async move {
            let ask = asked?;
            // Cancels the request when the guest stops waiting for it.
            let withdraw = Withdraw {
                core,
                ask: Some(ask),
            };
            let answer = receiver.await;
            withdraw.keep();
            // If there is no answer at all, the session has ended.
            Ok(answer.unwrap_or(Err(AskFailure::Stopped))?)
        })
    }

    fn is_cancelled(&self, request: RequestKey) -> bool {
        self.0.lock().protocol.is_cancelled(request)
    }

    fn publish(&self, catalog: Arc<Catalog>, changed: Changed) {
        self.0
            .locked(|state| state.protocol.set_catalog(Instant::now(), catalog, changed));
    }

    fn lists_changed(&self, changed: Changed) {
        self.0
            .locked(|state| state.protocol.lists_changed(Instant::now(), changed));
    }

    fn resource_updated(&self, subscribed: &str, uri: Option<&str>) {
        self.0.locked(|state| {
            state
                .protocol
                .resource_updated(Instant::now(), subscribed, uri)
        });
    }
}

/// Removes the capabilities that the operator denies to the component.
fn hide(capabilities: &mut ClientCapabilities, denied: Denied) {
    if denied.sampling {
        capabilities.sampling = None;
    }
    if denied.elicitation {
        capabilities.elicitation = None;
    }
    if denied.roots {
        capabilities.roots = None;
    }
}

/// Cancels a request to the client unless it has been answered.
struct Withdraw {
    core: Arc<SessionCore>,
    ask: Option<AskKey>,
}

impl Withdraw {
    fn keep(mut self) {
        self.ask = None;
    }
}

impl Drop for Withdraw {
    fn drop(&mut self) {
        if let Some(ask) = self.ask.take() {
            self.core.locked(|state| {
                state.asks.remove(&ask);
                state.protocol.give_up_ask(Instant::now(), ask);
            });
        }
    }
}

/// Returns a placeholder. No guest runs before `initialize`, so it is never seen, but it avoids a
/// panic.
fn unknown_client() -> Client {
    Client {
        info: None,
        capabilities: ClientCapabilities::default(),
        protocol_version: wasi_mcp_protocol::PROTOCOL_VERSION.to_owned(),
        log_level: None,
    }
}
