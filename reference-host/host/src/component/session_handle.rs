//! The session as an instance sees it.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::value::RawValue;
use tokio::sync::Notify;

use super::call_start::CallStart;
use super::context::Request;
use super::handlers::Return;
use super::job::Job;
use super::output::Origin;
use super::streaming::{Begun, NotBegun};
use crate::telemetry::SessionObserver;
use wasi_mcp_protocol::{AskMethod, Catalog, Changed, ContextError, LogLevel, Offer, RequestKey};
use wasi_mcp_types::capabilities::Client;
use wasi_mcp_types::content::ReadResourceResult;
use wasi_mcp_types::types;

/// The session behind an instance. All methods return at once, except for the future of
/// [`SessionHandle::ask`].
pub trait SessionHandle: Send + Sync + 'static {
    /// Returns the observer that counts the session's events.
    fn observer(&self) -> &SessionObserver;
    /// Identifies a new instance, for log lines and for its output.
    fn origin(&self) -> Origin;
    /// Reports that the component has started, with its offer.
    fn started(&self, offer: Offer);
    /// Takes the first call of the queue, if there is one that the instance may begin now. The call
    /// is lost if the instance is.
    fn take_job(&self) -> Option<Job>;
    /// Returns whether calls are queued.
    fn has_jobs(&self) -> bool;
    /// Returns the notification of queued calls, for one waiter at a time.
    fn job_added(&self) -> &Notify;
    /// Reports that the instance was asked to make a call that it has accepted. The call begins
    /// when the guest admits it.
    fn call_starting(&self, request: RequestKey, start: CallStart);
    /// Reports that a call has returned: with a result, or with an error of the guest's. A large
    /// result is prepared by other threads, and sent later.
    fn finished(&self, request: &Arc<Request>, result: Result<Return, types::Error>);
    /// Reports that the instance dedicated to this call is lost, for the reason given in words for
    /// a client.
    fn lost(&self, request: RequestKey, reason: String);

    /// Begins a response whose last blob follows later.
    ///
    /// # Errors
    ///
    /// When the result breaks a rule, the request has ended, or the client has too much unread
    /// output.
    fn begin_stream(
        &self,
        request: RequestKey,
        result: ReadResourceResult,
    ) -> Result<Begun, NotBegun>;

    /// Returns the limit for one message of the guest, in bytes of JSON.
    fn result_bytes(&self) -> usize;
    /// Returns the client's description of itself, with the log level in force.
    fn client(&self) -> Client;
    /// Reports progress of a request.
    fn report_progress(
        &self,
        request: RequestKey,
        progress: f64,
        total: Option<f64>,
        message: Option<&str>,
    ) -> Result<(), ContextError>;
    /// Sends a log message, for a request or for the session.
    fn log(
        &self,
        request: Option<RequestKey>,
        level: LogLevel,
        logger: Option<&str>,
        data: &str,
    ) -> Result<(), ContextError>;
    /// Checks that a request is in a state to ask the client.
    fn check_ask(&self, request: RequestKey, method: AskMethod) -> Result<(), ContextError>;
    /// Sends a request to the client and waits for its result. Dropping the
    /// future cancels the request.
    fn ask(
        &self,
        request: RequestKey,
        method: AskMethod,
        params: Option<String>,
    ) -> BoxFuture<'static, Result<Box<RawValue>, types::Error>>;
    /// Reports that the guest waits for the host to stop, so it is granted some time to finish
    /// then.
    fn awaits_stop(&self);
    /// Returns whether the request was cancelled.
    fn is_cancelled(&self, request: RequestKey) -> bool;

    /// Publishes the catalog that a backend has changed after `serve`.
    fn publish(&self, catalog: Arc<Catalog>, changed: Changed);
    /// Announces changes of lists that the host does not own, or that the guest wants announced.
    fn lists_changed(&self, changed: Changed);
    /// Announces that a resource has changed.
    fn resource_updated(&self, subscribed: &str, uri: Option<&str>);
}

impl dyn SessionHandle {
    /// Waits for a call that the instance may begin, and takes it.
    pub(super) async fn next_job(&self) -> Job {
        loop {
            if let Some(job) = self.take_job() {
                return job;
            }
            self.job_added().notified().await;
        }
    }
}
