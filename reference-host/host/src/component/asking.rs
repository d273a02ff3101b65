//! The interfaces `sampling`, `elicitation` and `roots`: requests to the client.

use std::sync::Arc;

use serde_json::value::RawValue;
use wasi_mcp_types::content::{
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, ListRootsResult,
};
use wasi_mcp_types::types::{Error, ErrorCode};
use wasmtime::component::Resource;

use super::context::{RequestContext, request};
use super::state::State;
use crate::telemetry::Limit;
use wasi_mcp_protocol::AskMethod;
use wasi_mcp_protocol::wire::{self, Bound, FromJson, ToJson};

/// A request to the client: its method, its parameters and its result.
pub(super) trait Ask: Send + 'static {
    /// The MCP method.
    const METHOD: AskMethod;
    /// The result's record.
    type Answer: FromJson;

    /// Returns the JSON text of the parameters, within bounds.
    fn into_json(self, bound: Bound<'_>) -> Result<Option<String>, Error>;

    /// Maps the client's result. A malformed one is an internal error for the guest, which cannot
    /// correct it.
    fn read(answer: &RawValue) -> Result<Self::Answer, Error> {
        Self::Answer::read(answer).map_err(|fault| Error {
            code: ErrorCode::InternalError,
            message: format!("malformed result of {}: {fault}", Self::METHOD.name()),
            data: None,
        })
    }
}

impl State {
    /// Sends a request to the client, in two steps so that waiting needs no access to the store:
    /// this step collects the values that the wait needs.
    ///
    /// The checks follow the order that the interface defines: the state of the context's request,
    /// the parameters, the client's capability.
    pub(super) fn ask<A: Ask>(
        &self,
        handle: &Resource<RequestContext>,
        params: A,
    ) -> wasmtime::Result<impl Future<Output = Result<A::Answer, Error>> + Send + 'static + use<A>>
    {
        let request = request(self, handle)?;
        let session = Arc::clone(&self.session);
        let denied = match A::METHOD {
            AskMethod::CreateMessage => (self.denied.sampling, "sampling", "--deny-sampling"),
            AskMethod::Elicit => (self.denied.elicitation, "elicitation", "--deny-elicitation"),
            AskMethod::ListRoots => (self.denied.roots, "the client's roots", "--deny-roots"),
        };
        if let (true, what, option) = denied {
            self.denials
                .tell(what, &format!("remove {option} to grant it"));
        }
        Ok(async move {
            session.check_ask(request.key, A::METHOD)?;
            let params = params.into_json(Bound {
                bytes: session.result_bytes(),
                exceeded: &|| session.observer().reached(Limit::ResultBytes),
            })?;
            let answer = session.ask(request.key, A::METHOD, params).await?;
            A::read(&answer)
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
        wire::list_roots_params(self.meta.as_deref(), bound)
            .map_err(|reason| invalid_params(&reason))
    }
}
