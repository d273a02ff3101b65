//! WASI 0.3 with async functions: calls run side by side.

use crate::Probe;
use crate::bindings::exports::wasi::mcp::{
    client_events, completion, resource_streams, resource_subscriptions, resources, start, tools,
};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::context::{self, Cancellation, RequestContext};
use crate::bindings::wasi::mcp::types::{Error, Principal};
use crate::bindings::wasi::mcp::{elicitation, identity, roots, sampling, shutdown};
use crate::faulty_host;

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

pub async fn sleep(milliseconds: u32) {
    monotonic_clock::wait_for(u64::from(milliseconds) * NANOSECONDS_PER_MILLISECOND).await;
}

pub async fn cancelled(context: &RequestContext) {
    context::wait_cancelled(context.clone()).await;
}

/// Waits for the cancellation of a request, and returns it.
pub async fn cancellation(context: RequestContext) -> Option<Cancellation> {
    faulty_host::cancellation(context::wait_cancelled(context).await)
}

pub fn principal(context: &RequestContext) -> Option<Principal> {
    faulty_host::principal(identity::get_principal(context))
}

pub async fn stopped() {
    shutdown::wait_stopped().await;
}

pub async fn create_message(
    context: &RequestContext,
    params: CreateMessageParams,
) -> Result<CreateMessageResult, Error> {
    faulty_host::refuse_message(context, &params)?;
    let answer = sampling::create_message(context, params).await;
    faulty_host::message(answer)
}

pub async fn elicit(context: &RequestContext, params: ElicitParams) -> Result<ElicitResult, Error> {
    faulty_host::refuse_form(context, &params)?;
    let answer = elicitation::elicit(context, params).await;
    faulty_host::submission(answer)
}

pub async fn list_roots(
    context: &RequestContext,
    meta: Option<String>,
) -> Result<ListRootsResult, Error> {
    faulty_host::refuse_roots(context, meta.as_deref())?;
    roots::list_roots(context, meta).await
}

impl start::Guest for Probe {
    async fn start() -> Result<(), Error> {
        crate::start::start().await
    }
}

impl tools::Guest for Probe {
    async fn call_tool(
        context: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        crate::tools::call(context, params).await
    }
}

impl resources::Guest for Probe {
    async fn read_resource(
        _context: RequestContext,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        crate::resources::read(params)
    }
}

impl resource_streams::Guest for Probe {
    async fn read_resource_stream(
        _context: RequestContext,
        params: ReadResourceParams,
    ) -> Result<Option<crate::streams::Streamed>, Error> {
        crate::streams::read(params)
    }
}

impl resource_subscriptions::Guest for Probe {
    async fn subscribe(context: RequestContext, uri: String) -> Result<(), Error> {
        crate::resources::subscribe(&context, uri)
    }

    async fn unsubscribe(_context: RequestContext, uri: String) -> Result<(), Error> {
        crate::resources::unsubscribe(&uri)
    }
}

impl completion::Guest for Probe {
    async fn complete(
        _context: RequestContext,
        params: CompleteParams,
    ) -> Result<CompleteResult, Error> {
        crate::completion::complete(params)
    }
}

impl client_events::Guest for Probe {
    async fn initialized(context: RequestContext) {
        crate::events::initialized(&context).await;
    }

    async fn roots_changed(context: RequestContext) {
        crate::events::roots_changed(&context).await;
    }
}
