//! The resource `request-context`: all that belongs to one request.

use std::sync::{Arc, OnceLock};

use serde_json::value::RawValue;
use tokio::sync::Notify;
use wasmtime::component::Resource;

use super::bindings::content::{
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, ListRootsResult,
};
use super::bindings::types::{self, Error, ErrorCode};
use super::state::State;
use crate::json;
use crate::protocol::{AskFailure, AskMethod, ContextError, LogLevel, RequestId, RequestKey};
use crate::telemetry::Limit;
use crate::wire::{self, Bound, FromJson, ToJson};

/// One request of a client, or one of its notifications, as the session sees it.
#[derive(Debug)]
pub struct Request {
    /// The session's key of the request.
    pub key: RequestKey,
    /// The request's id; none for a notification.
    pub id: Option<RequestId>,
    /// `_meta` as JSON text.
    pub meta: Option<String>,
    /// `_meta.progressToken` as JSON text.
    pub progress_token: Option<String>,
    /// Whether it was cancelled.
    pub cancelled: Cancelled,
}

/// Whether a request was cancelled, for those who wait to know.
#[derive(Debug, Default)]
pub struct Cancelled {
    reason: OnceLock<Option<String>>,
    told: Notify,
}

impl Cancelled {
    /// The request is cancelled, for this reason if one was given. The first
    /// call counts.
    pub fn cancel(&self, reason: Option<String>) {
        if self.reason.set(reason).is_ok() {
            self.told.notify_waiters();
        }
    }

    /// The reason, once the request is cancelled; pending for ever where it
    /// ends otherwise.
    pub async fn reason(&self) -> Option<String> {
        loop {
            let told = self.told.notified();
            if let Some(reason) = self.reason.get() {
                return reason.clone();
            }
            told.await;
        }
    }
}

/// A guest's handle on a [`Request`]. It may outlive the request: using it then
/// is an error result, never a trap.
#[derive(Debug, Clone)]
pub struct RequestContext(pub Arc<Request>);

/// Takes a handle out of the table; a handle that is not there is a defect of
/// the engine, not of the guest, so this may trap.
pub(super) fn request(
    state: &State,
    handle: &Resource<RequestContext>,
) -> wasmtime::Result<Arc<Request>> {
    Ok(Arc::clone(&state.table.get(handle)?.0))
}

/// The methods of `request-context` that never wait, for both variants: their
/// signatures are the same, only the generated traits differ.
macro_rules! request_context_methods {
    () => {
        fn get_id(&mut self, handle: Resource<RequestContext>) -> wasmtime::Result<Option<String>> {
            Ok(crate::component::context::request(self, &handle)?
                .id
                .as_ref()
                .map(|id| id.as_json().to_owned()))
        }

        fn get_meta(
            &mut self,
            handle: Resource<RequestContext>,
        ) -> wasmtime::Result<Option<String>> {
            Ok(crate::component::context::request(self, &handle)?
                .meta
                .clone())
        }

        fn get_progress_token(
            &mut self,
            handle: Resource<RequestContext>,
        ) -> wasmtime::Result<Option<String>> {
            Ok(crate::component::context::request(self, &handle)?
                .progress_token
                .clone())
        }

        fn get_client(
            &mut self,
            _handle: Resource<RequestContext>,
        ) -> wasmtime::Result<crate::component::bindings::capabilities::Client> {
            Ok(self.peer.client())
        }

        fn clone(
            &mut self,
            handle: Resource<RequestContext>,
        ) -> wasmtime::Result<Resource<RequestContext>> {
            let request = crate::component::context::request(self, &handle)?;
            self.push_context(request)
        }

        fn report_progress(
            &mut self,
            handle: Resource<RequestContext>,
            progress: crate::component::bindings::content::Progress,
        ) -> wasmtime::Result<Result<(), Error>> {
            let request = crate::component::context::request(self, &handle)?;
            Ok(self
                .peer
                .report_progress(
                    request.key,
                    progress.progress,
                    progress.total,
                    progress.message.as_deref(),
                )
                .map_err(Error::from))
        }

        fn log(
            &mut self,
            handle: Resource<RequestContext>,
            level: crate::component::bindings::types::LogLevel,
            logger: Option<String>,
            data: String,
        ) -> wasmtime::Result<Result<(), Error>> {
            let request = crate::component::context::request(self, &handle)?;
            Ok(self
                .peer
                .log(Some(request.key), level.into(), logger.as_deref(), &data)
                .map_err(Error::from))
        }

        fn is_cancelled(&mut self, handle: Resource<RequestContext>) -> wasmtime::Result<bool> {
            let request = crate::component::context::request(self, &handle)?;
            Ok(self.peer.is_cancelled(request.key))
        }

        fn drop(&mut self, handle: Resource<RequestContext>) -> wasmtime::Result<()> {
            self.table.delete(handle)?;
            Ok(())
        }
    };
}
pub(super) use request_context_methods;

impl State {
    /// Makes a handle that the guest owns.
    pub(super) fn push_context(
        &mut self,
        request: Arc<Request>,
    ) -> wasmtime::Result<Resource<RequestContext>> {
        Ok(self.table.push(RequestContext(request))?)
    }

    /// A request to the client, made in two steps so that waiting needs no
    /// access to the store: this one maps the parameters and takes what the
    /// wait needs.
    pub(super) fn ask<A: Ask>(
        &self,
        handle: &Resource<RequestContext>,
        params: A,
    ) -> wasmtime::Result<impl Future<Output = Result<A::Answer, Error>> + Send + 'static + use<A>>
    {
        let request = request(self, handle)?;
        let peer = Arc::clone(&self.peer);
        Ok(async move {
            let params = params.into_json(Bound {
                bytes: peer.result_bytes(),
                exceeded: &|| peer.observer().reached(Limit::ResultBytes),
            })?;
            let answer = peer.ask(request.key, A::METHOD, params).await?;
            A::read(&answer)
        })
    }
}

/// A request to the client: its method, its parameters and its result.
pub(super) trait Ask: Send + 'static {
    /// The MCP method.
    const METHOD: AskMethod;
    /// The result's record.
    type Answer: FromJson;

    /// The JSON text of the parameters, within bounds.
    fn into_json(self, bound: Bound<'_>) -> Result<Option<String>, Error>;

    /// Maps the client's result; one of another shape is an internal error for
    /// the guest, which cannot mend it.
    fn read(answer: &RawValue) -> Result<Self::Answer, Error> {
        Self::Answer::read(answer).map_err(|fault| Error {
            code: ErrorCode::InternalError,
            message: format!(
                "the client's result of {} is malformed: {fault}",
                Self::METHOD.name()
            ),
            data: None,
        })
    }
}

fn params_text(params: &impl ToJson, bound: Bound<'_>) -> Result<Option<String>, Error> {
    let json = wire::to_json_within(params, bound).map_err(|fault| invalid_params(&fault))?;
    String::from_utf8(json)
        .map(Some)
        .map_err(|error| invalid_params(&error))
}

fn invalid_params(fault: &dyn std::fmt::Display) -> Error {
    Error {
        code: ErrorCode::InvalidParams,
        message: fault.to_string(),
        data: None,
    }
}

/// The eight levels of [RFC 5424](https://www.rfc-editor.org/rfc/rfc5424), on
/// the protocol's side and on the component's.
macro_rules! log_levels {
    ($($level:ident)*) => {
        impl From<types::LogLevel> for LogLevel {
            fn from(level: types::LogLevel) -> Self {
                match level {
                    $(types::LogLevel::$level => Self::$level,)*
                }
            }
        }

        impl From<LogLevel> for types::LogLevel {
            fn from(level: LogLevel) -> Self {
                match level {
                    $(LogLevel::$level => Self::$level,)*
                }
            }
        }
    };
}

log_levels! { Debug Info Notice Warning Error Critical Alert Emergency }

impl From<ContextError> for Error {
    fn from(error: ContextError) -> Self {
        let code = match error {
            ContextError::Cancelled => ErrorCode::Cancelled,
            ContextError::TimedOut => ErrorCode::Timeout,
            ContextError::InvalidState(_) => ErrorCode::InvalidState,
            ContextError::InvalidParams(_) => ErrorCode::InvalidParams,
            ContextError::NotSupported(_) => ErrorCode::MethodNotFound,
            ContextError::Busy(_) => ErrorCode::InternalError,
        };
        Self {
            code,
            message: error.to_string(),
            data: None,
        }
    }
}

impl From<AskFailure> for Error {
    fn from(failure: AskFailure) -> Self {
        let code = match failure {
            AskFailure::Cancelled | AskFailure::Stopped => ErrorCode::Cancelled,
            AskFailure::TimedOut => ErrorCode::Timeout,
            AskFailure::Malformed(_) => ErrorCode::InternalError,
            AskFailure::Rejected(error) => {
                return wire::error_from_wire(error.code, error.message, error.data);
            }
        };
        Self {
            code,
            message: failure.to_string(),
            data: None,
        }
    }
}

impl Ask for CreateMessageParams {
    const METHOD: AskMethod = AskMethod::CreateMessage;
    type Answer = CreateMessageResult;

    fn into_json(self, bound: Bound<'_>) -> Result<Option<String>, Error> {
        params_text(&self, bound)
    }
}

impl Ask for ElicitParams {
    const METHOD: AskMethod = AskMethod::Elicit;
    type Answer = ElicitResult;

    fn into_json(self, bound: Bound<'_>) -> Result<Option<String>, Error> {
        params_text(&self, bound)
    }
}

/// The parameters of `roots/list`: `_meta` alone.
pub(super) struct ListRoots {
    pub(super) meta: Option<String>,
}

impl Ask for ListRoots {
    const METHOD: AskMethod = AskMethod::ListRoots;
    type Answer = ListRootsResult;

    fn into_json(self, bound: Bound<'_>) -> Result<Option<String>, Error> {
        let Some(meta) = self.meta else {
            return Ok(None);
        };
        if meta.len() > bound.bytes {
            return Err(invalid_params(&bound.exceed().within("meta")));
        }
        // That it is an object is for the protocol layer to see.
        let meta = json::check(meta.as_bytes(), wire::MAX_DEPTH)
            .map_err(|defect| invalid_params(&defect))?;
        Ok(Some(format!(r#"{{"_meta":{meta}}}"#)))
    }
}
