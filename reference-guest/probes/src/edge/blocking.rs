//! Imports block the instance, and one call at a time runs in it: WASI 0.2, and WASI 0.3 with
//! functions that are lifted and lowered synchronously.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::Probe;
use crate::bindings::exports::wasi::mcp::{
    client_events, completion, prompts, resource_subscriptions, resources, start, tools,
};
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::context::RequestContext as Given;
use crate::bindings::wasi::mcp::types::Error;
use crate::bindings::wasi::mcp::{elicitation, roots, sampling};
use crate::host::{self, RequestContext, shutdown};

/// Between two looks at whether the request is cancelled or the instance stopped.
const POLL_MILLISECONDS: u32 = 5;

/// Runs a handler. Whatever waits here blocks inside an import, so one poll ends it.
fn block_on<T>(handler: impl Future<Output = T>) -> T {
    match pin!(handler).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a handler awaits something that does not block"),
    }
}

#[cfg(feature = "p2")]
pub async fn sleep(milliseconds: u32) {
    host::before_wait(milliseconds);
    std::thread::sleep(std::time::Duration::from_millis(milliseconds.into()));
}

#[cfg(feature = "p3")]
pub async fn sleep(milliseconds: u32) {
    host::before_wait(milliseconds);
    const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;
    crate::bindings::wasi::clocks::monotonic_clock::wait_for(
        u64::from(milliseconds) * NANOSECONDS_PER_MILLISECOND,
    );
}

pub async fn cancelled(context: &RequestContext) {
    while !context.is_cancelled() {
        sleep(POLL_MILLISECONDS).await;
    }
}

pub async fn stopped() {
    while !shutdown::is_stopped() {
        sleep(POLL_MILLISECONDS).await;
    }
}

pub async fn create_message(
    context: &RequestContext,
    mut params: CreateMessageParams,
) -> Result<CreateMessageResult, Error> {
    host::before_message(context, &mut params)?;
    host::message(sampling::create_message(context.lent(), &params))
}

pub async fn elicit(
    context: &RequestContext,
    mut params: ElicitParams,
) -> Result<ElicitResult, Error> {
    host::before_form(context, &mut params)?;
    host::submission(elicitation::elicit(context.lent(), &params))
}

pub async fn list_roots(
    context: &RequestContext,
    mut meta: Option<String>,
) -> Result<ListRootsResult, Error> {
    host::before_roots(context, &mut meta)?;
    host::answered(roots::list_roots(context.lent(), meta.as_deref()))
}

impl start::Guest for Probe {
    fn start() -> Result<(), Error> {
        block_on(host::exports::start())
    }
}

impl tools::Guest for Probe {
    fn call_tool(context: Given, params: CallToolParams) -> Result<CallToolResult, Error> {
        block_on(host::exports::call_tool(
            RequestContext::new(context),
            params,
        ))
    }
}

impl resources::Guest for Probe {
    fn read_resource(
        _context: Given,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        crate::resources::read(params)
    }
}

/// Streams nothing: what it would write after its return waits for the host, which blocks.
#[cfg(feature = "p3")]
impl crate::bindings::exports::wasi::mcp::resource_streams::Guest for Probe {
    fn read_resource_stream(
        _context: Given,
        _params: ReadResourceParams,
    ) -> Result<
        Option<(
            ReadResourceResult,
            wit_bindgen::StreamReader<u8>,
            wit_bindgen::FutureReader<Result<(), Error>>,
        )>,
        Error,
    > {
        Ok(None)
    }
}

impl resource_subscriptions::Guest for Probe {
    fn subscribe(context: Given, uri: String) -> Result<(), Error> {
        host::exports::subscribe(&RequestContext::new(context), uri)
    }

    fn unsubscribe(_context: Given, uri: String) -> Result<(), Error> {
        host::exports::unsubscribe(&uri)
    }
}

impl completion::Guest for Probe {
    fn complete(_context: Given, params: CompleteParams) -> Result<CompleteResult, Error> {
        crate::completion::complete(params)
    }
}

impl prompts::Guest for Probe {
    fn get_prompt(_context: Given, params: GetPromptParams) -> Result<GetPromptResult, Error> {
        crate::prompts::get(&params)
    }
}

impl client_events::Guest for Probe {
    fn initialized(context: Given) {
        block_on(host::exports::initialized(&RequestContext::new(context)));
    }

    fn roots_changed(context: Given) {
        block_on(host::exports::roots_changed(&RequestContext::new(context)));
    }
}
