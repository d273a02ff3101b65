//! What an instance needs of the session that it serves.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::value::RawValue;

use super::entrance::Entrance;
use super::handlers::Return;
use super::jobs::Job;
use super::output::Origin;
use super::streaming::{Begun, NotBegun};
use crate::telemetry::SessionObserver;
use wasi_mcp_protocol::{AskMethod, Catalog, Changed, ContextError, LogLevel, Offer, RequestKey};
use wasi_mcp_types::capabilities::Client;
use wasi_mcp_types::content::ReadResourceResult;
use wasi_mcp_types::types;

/// The session behind an instance. All methods but [`Peer::ask`]'s future
/// return at once.
pub trait Peer: Send + Sync + 'static {
    /// Who counts what happens in the session.
    fn observer(&self) -> &SessionObserver;
    /// Who a new instance is, for log lines and for what it prints.
    fn origin(&self) -> Origin;
    /// The component has started and said what it offers.
    fn started(&self, offer: Offer);
    /// The instance is about to begin with a call, which is lost if the instance
    /// is. `false` if nobody waits for it any more: it must not be made.
    fn taken(&self, job: &Job) -> bool;
    /// The instance was asked to make a call that it has taken; it begins when
    /// the guest lets it in.
    fn entering(&self, request: RequestKey, entrance: Entrance);
    /// A call has returned: with a result, or with an error of the guest's.
    fn finished(&self, request: RequestKey, result: Result<Return, types::Error>);
    /// The instance that this call alone had is lost, for the reason given in
    /// words for a client.
    fn lost(&self, request: RequestKey, reason: String);

    /// Begins a response whose last blob is yet to come.
    ///
    /// # Errors
    ///
    /// Where the result breaks a rule, the request has ended, or the client has too much to read.
    fn begin_stream(
        &self,
        request: RequestKey,
        result: ReadResourceResult,
    ) -> Result<Begun, NotBegun>;

    /// How many bytes of JSON one message of the guest may have.
    fn result_bytes(&self) -> usize;
    /// What the client said of itself, with the log level in force.
    fn client(&self) -> Client;
    /// Reports progress of a request.
    fn report_progress(
        &self,
        request: RequestKey,
        progress: f64,
        total: Option<f64>,
        message: Option<&str>,
    ) -> Result<(), ContextError>;
    /// Sends a log message: of a request, or of the session.
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
    /// future withdraws the request.
    fn ask(
        &self,
        request: RequestKey,
        method: AskMethod,
        params: Option<String>,
    ) -> BoxFuture<'static, Result<Box<RawValue>, types::Error>>;
    /// The guest wants to know when the host begins to stop, so it is given some
    /// time then.
    fn awaits_stop(&self);
    /// Whether the request was cancelled.
    fn is_cancelled(&self, request: RequestKey) -> bool;

    /// A backend has changed its catalog after `serve`.
    fn publish(&self, catalog: Arc<Catalog>, changed: Changed);
    /// Lists changed that the host does not own, or that the guest wants announced.
    fn lists_changed(&self, changed: Changed);
    /// A resource has changed.
    fn resource_updated(&self, subscribed: &str, uri: Option<&str>);
}
