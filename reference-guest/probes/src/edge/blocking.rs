//! Imports block the instance, and one call at a time runs in it: WASI 0.2, and WASI 0.3 with
//! functions that are lifted and lowered synchronously.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::Probe;
use crate::bindings::exports::wasi::mcp::{
    client_events, completion, resource_subscriptions, resources, start, tools,
};
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::types::{Error, Principal};
use crate::bindings::wasi::mcp::{elicitation, identity, roots, sampling, shutdown};

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
    std::thread::sleep(std::time::Duration::from_millis(milliseconds.into()));
}

#[cfg(feature = "p3")]
pub async fn sleep(milliseconds: u32) {
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

pub fn principal(context: &RequestContext) -> Option<Principal> {
    identity::get_principal(context)
}

pub async fn stopped() {
    while !shutdown::is_stopped() {
        sleep(POLL_MILLISECONDS).await;
    }
}

pub async fn create_message(
    context: &RequestContext,
    params: CreateMessageParams,
) -> Result<CreateMessageResult, Error> {
    sampling::create_message(context, &params)
}

pub async fn elicit(context: &RequestContext, params: ElicitParams) -> Result<ElicitResult, Error> {
    elicitation::elicit(context, &params)
}

pub async fn list_roots(
    context: &RequestContext,
    meta: Option<String>,
) -> Result<ListRootsResult, Error> {
    roots::list_roots(context, meta.as_deref())
}

impl start::Guest for Probe {
    fn start() -> Result<(), Error> {
        block_on(crate::start::start())
    }
}

impl tools::Guest for Probe {
    fn call_tool(context: RequestContext, params: CallToolParams) -> Result<CallToolResult, Error> {
        block_on(crate::tools::call(context, params))
    }
}

impl resources::Guest for Probe {
    fn read_resource(
        _context: RequestContext,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        crate::resources::read(params)
    }
}

/// Streams nothing: what it would write after its return waits for the host, which blocks.
#[cfg(feature = "p3")]
impl crate::bindings::exports::wasi::mcp::resource_streams::Guest for Probe {
    fn read_resource_stream(
        _context: RequestContext,
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
    fn subscribe(context: RequestContext, uri: String) -> Result<(), Error> {
        crate::resources::subscribe(&context, uri)
    }

    fn unsubscribe(_context: RequestContext, uri: String) -> Result<(), Error> {
        crate::resources::unsubscribe(&uri)
    }
}

impl completion::Guest for Probe {
    fn complete(_context: RequestContext, params: CompleteParams) -> Result<CompleteResult, Error> {
        crate::completion::complete(params)
    }
}

impl client_events::Guest for Probe {
    fn initialized(context: RequestContext) {
        block_on(crate::events::initialized(&context));
    }

    fn roots_changed(context: RequestContext) {
        block_on(crate::events::roots_changed(&context));
    }
}
