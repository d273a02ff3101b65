//! WASI 0.3: imports that wait are awaited, and several calls run concurrently in one instance.

use std::time::Duration;

use wasi_mcp_types::content::*;
use wasi_mcp_types::types::Error;

use crate::bindings::exports::{
    client_events, completion, prompts, resource_subscriptions, resources, start, tools,
};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::mcp::context::{self, RequestContext};
use crate::bindings::wasi::mcp::{elicitation, roots, sampling};
use crate::context::Context;
use crate::handlers;
use crate::server::ServerDefinition;

pub async fn sleep(time: Duration) {
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    monotonic_clock::wait_for(nanoseconds).await;
}

pub async fn cancelled(request: &RequestContext) -> Option<String> {
    let cancellation = context::wait_cancelled(request.clone()).await;
    cancellation.and_then(|it| it.reason)
}

pub async fn create_message(
    request: &RequestContext,
    params: CreateMessageParams,
) -> Result<CreateMessageResult, Error> {
    sampling::create_message(request, params).await
}

pub async fn elicit(request: &RequestContext, params: ElicitParams) -> Result<ElicitResult, Error> {
    elicitation::elicit(request, params).await
}

pub async fn list_roots(
    request: &RequestContext,
    meta: Option<String>,
) -> Result<ListRootsResult, Error> {
    roots::list_roots(request, meta).await
}

impl<S: ServerDefinition> start::exports::wasi::mcp::start::Guest for S {
    async fn start() -> Result<(), Error> {
        crate::server::start::<S>()
    }
}

impl<S: ServerDefinition> tools::exports::wasi::mcp::tools::Guest for S {
    async fn call_tool(
        request: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        handlers::call_tool(Context::new(request), params).await
    }
}

impl<S: ServerDefinition> resources::exports::wasi::mcp::resources::Guest for S {
    async fn read_resource(
        request: RequestContext,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        handlers::read_resource(Context::new(request), params).await
    }
}

impl<S: ServerDefinition> resource_subscriptions::exports::wasi::mcp::resource_subscriptions::Guest
    for S
{
    async fn subscribe(request: RequestContext, uri: String) -> Result<(), Error> {
        handlers::subscribe::<S>(Context::new(request), uri).await
    }

    async fn unsubscribe(request: RequestContext, uri: String) -> Result<(), Error> {
        S::unsubscribed(Context::new(request), uri).await
    }
}

impl<S: ServerDefinition> prompts::exports::wasi::mcp::prompts::Guest for S {
    async fn get_prompt(
        request: RequestContext,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        handlers::get_prompt(Context::new(request), params).await
    }
}

impl<S: ServerDefinition> completion::exports::wasi::mcp::completion::Guest for S {
    async fn complete(
        request: RequestContext,
        params: CompleteParams,
    ) -> Result<CompleteResult, Error> {
        handlers::complete(Context::new(request), params).await
    }
}

impl<S: ServerDefinition> client_events::exports::wasi::mcp::client_events::Guest for S {
    async fn initialized(request: RequestContext) {
        S::initialized(Context::new(request)).await;
    }

    async fn roots_changed(request: RequestContext) {
        S::roots_changed(Context::new(request)).await;
    }
}
