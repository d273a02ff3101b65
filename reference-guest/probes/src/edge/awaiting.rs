//! WASI 0.3 with async functions: calls run side by side.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use crate::Probe;
use crate::bindings::exports::wasi::mcp::{
    client_events, completion, prompts, resource_streams, resource_subscriptions, resources, start,
    tools,
};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::context::RequestContext as Given;
use crate::bindings::wasi::mcp::types::Error;
use crate::bindings::wasi::mcp::{elicitation, roots, sampling};
use crate::host::{self, RequestContext};

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

pub async fn sleep(milliseconds: u32) {
    host::before_wait(milliseconds);
    monotonic_clock::wait_for(u64::from(milliseconds) * NANOSECONDS_PER_MILLISECOND).await;
}

/// Awaits an import, and drops it if it has not returned after this time.
pub async fn dropped_after<T>(milliseconds: u32, import: impl Future<Output = T>) -> Option<T> {
    let mut import = pin!(import);
    let mut time = pin!(sleep(milliseconds));
    poll_fn(|waker| match import.as_mut().poll(waker) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => time.as_mut().poll(waker).map(|()| None),
    })
    .await
}

pub async fn cancelled(context: &RequestContext) {
    host::cancellation(context.clone()).await;
}

pub use host::stopped;

pub async fn create_message(
    context: &RequestContext,
    mut params: CreateMessageParams,
) -> Result<CreateMessageResult, Error> {
    host::before_message(context, &mut params)?;
    host::message(sampling::create_message(context.lent(), params).await)
}

pub async fn elicit(
    context: &RequestContext,
    mut params: ElicitParams,
) -> Result<ElicitResult, Error> {
    host::before_form(context, &mut params)?;
    host::submission(elicitation::elicit(context.lent(), params).await)
}

pub async fn list_roots(
    context: &RequestContext,
    mut meta: Option<String>,
) -> Result<ListRootsResult, Error> {
    host::before_roots(context, &mut meta)?;
    host::answered(roots::list_roots(context.lent(), meta).await)
}

impl start::Guest for Probe {
    async fn start() -> Result<(), Error> {
        host::exports::start().await
    }
}

impl tools::Guest for Probe {
    async fn call_tool(context: Given, params: CallToolParams) -> Result<CallToolResult, Error> {
        host::exports::call_tool(RequestContext::new(context), params).await
    }
}

impl resources::Guest for Probe {
    async fn read_resource(
        _context: Given,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        crate::resources::read(params)
    }
}

impl resource_streams::Guest for Probe {
    async fn read_resource_stream(
        context: Given,
        params: ReadResourceParams,
    ) -> Result<Option<crate::streams::Streamed>, Error> {
        crate::streams::read(RequestContext::new(context), params)
    }
}

impl resource_subscriptions::Guest for Probe {
    async fn subscribe(context: Given, uri: String) -> Result<(), Error> {
        host::exports::subscribe(&RequestContext::new(context), uri)
    }

    async fn unsubscribe(_context: Given, uri: String) -> Result<(), Error> {
        host::exports::unsubscribe(&uri)
    }
}

impl completion::Guest for Probe {
    async fn complete(_context: Given, params: CompleteParams) -> Result<CompleteResult, Error> {
        crate::completion::complete(params)
    }
}

impl prompts::Guest for Probe {
    async fn get_prompt(
        _context: Given,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        crate::prompts::get(&params)
    }
}

impl client_events::Guest for Probe {
    async fn initialized(context: Given) {
        host::exports::initialized(&RequestContext::new(context)).await;
    }

    async fn roots_changed(context: Given) {
        host::exports::roots_changed(&RequestContext::new(context)).await;
    }
}
