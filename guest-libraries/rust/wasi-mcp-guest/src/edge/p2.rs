//! WASI 0.2: imports that wait block the instance, and one call at a time runs in it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{self, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use wasi_mcp_types::capabilities::Server;
use wasi_mcp_types::content::*;
use wasi_mcp_types::types::{Cursor, Error};

use crate::bindings::exports::{
    client_events, completion, prompt_catalog, prompts, resource_catalog, resource_subscriptions,
    resources, server_catalog, start, tool_catalog, tools,
};
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::{elicitation, roots, sampling};
use crate::context::Context;
use crate::edge::report;
use crate::errors::internal;
use crate::server::{self, ServerDefinition};
use crate::{catalog, handlers};

/// The interval between two polls for cancellation.
const CANCELLATION_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Notes that a future can continue.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs a future. Waiting blocks inside an import in this variant, so that it ends without a pause.
/// A future that nothing has woken would wait for ever, and is an error.
fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Error> {
    let mut future = pin!(future);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut context = task::Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Ok(value);
        }
        if !woken.0.swap(false, Ordering::Relaxed) {
            return Err(internal(
                "an `async` function awaits what never ends in WASI 0.2, where imports block: \
                 build it for WASI 0.3 with the feature `p3`",
            ));
        }
    }
}

pub async fn sleep(time: Duration) {
    thread::sleep(time);
}

pub async fn cancelled(request: &RequestContext) -> Option<String> {
    while !request.is_cancelled() {
        thread::sleep(CANCELLATION_POLL_INTERVAL);
    }
    None
}

pub async fn create_message(
    request: &RequestContext,
    params: CreateMessageParams,
) -> Result<CreateMessageResult, Error> {
    sampling::create_message(request, &params)
}

pub async fn elicit(request: &RequestContext, params: ElicitParams) -> Result<ElicitResult, Error> {
    elicitation::elicit(request, &params)
}

pub async fn list_roots(
    request: &RequestContext,
    meta: Option<String>,
) -> Result<ListRootsResult, Error> {
    roots::list_roots(request, meta.as_deref())
}

impl<S: ServerDefinition> start::exports::wasi::mcp::start::Guest for S {
    fn start() -> Result<(), Error> {
        server::start::<S>()
    }
}

impl<S: ServerDefinition> server_catalog::exports::wasi::mcp::server_catalog::Guest for S {
    fn get_server() -> Result<Server, Error> {
        server::get_server::<S>()
    }
}

impl<S: ServerDefinition> tool_catalog::exports::wasi::mcp::tool_catalog::Guest for S {
    fn list_tools(
        request: RequestContext,
        cursor: Option<Cursor>,
    ) -> Result<ListToolsResult, Error> {
        block_on(catalog::list_tools::<S>(Context::new(request), cursor))?
    }
}

impl<S: ServerDefinition> resource_catalog::exports::wasi::mcp::resource_catalog::Guest for S {
    fn list_resources(
        request: RequestContext,
        cursor: Option<Cursor>,
    ) -> Result<ListResourcesResult, Error> {
        block_on(catalog::list_resources::<S>(Context::new(request), cursor))?
    }

    fn list_resource_templates(
        request: RequestContext,
        cursor: Option<Cursor>,
    ) -> Result<ListResourceTemplatesResult, Error> {
        block_on(catalog::list_resource_templates::<S>(
            Context::new(request),
            cursor,
        ))?
    }
}

impl<S: ServerDefinition> prompt_catalog::exports::wasi::mcp::prompt_catalog::Guest for S {
    fn list_prompts(
        request: RequestContext,
        cursor: Option<Cursor>,
    ) -> Result<ListPromptsResult, Error> {
        block_on(catalog::list_prompts::<S>(Context::new(request), cursor))?
    }
}

impl<S: ServerDefinition> tools::exports::wasi::mcp::tools::Guest for S {
    fn call_tool(request: RequestContext, params: CallToolParams) -> Result<CallToolResult, Error> {
        block_on(handlers::call_tool::<S>(Context::new(request), params))?
    }
}

impl<S: ServerDefinition> resources::exports::wasi::mcp::resources::Guest for S {
    fn read_resource(
        request: RequestContext,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        block_on(handlers::read_resource::<S>(Context::new(request), params))?
    }
}

impl<S: ServerDefinition> resource_subscriptions::exports::wasi::mcp::resource_subscriptions::Guest
    for S
{
    fn subscribe(request: RequestContext, uri: String) -> Result<(), Error> {
        block_on(handlers::subscribe::<S>(Context::new(request), uri))?
    }

    fn unsubscribe(request: RequestContext, uri: String) -> Result<(), Error> {
        block_on(handlers::unsubscribe::<S>(Context::new(request), uri))?
    }
}

impl<S: ServerDefinition> prompts::exports::wasi::mcp::prompts::Guest for S {
    fn get_prompt(
        request: RequestContext,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        block_on(handlers::get_prompt::<S>(Context::new(request), params))?
    }
}

impl<S: ServerDefinition> completion::exports::wasi::mcp::completion::Guest for S {
    fn complete(request: RequestContext, params: CompleteParams) -> Result<CompleteResult, Error> {
        block_on(handlers::complete::<S>(Context::new(request), params))?
    }
}

impl<S: ServerDefinition> client_events::exports::wasi::mcp::client_events::Guest for S {
    fn initialized(request: RequestContext) {
        report(block_on(handlers::initialized::<S>(Context::new(request))).flatten());
    }

    fn roots_changed(request: RequestContext) {
        report(block_on(handlers::roots_changed::<S>(Context::new(request))).flatten());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_that_wakes_itself_continues() {
        let mut polls = 0;
        let value = block_on(std::future::poll_fn(|context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls == 3 {
                Poll::Ready("done")
            } else {
                Poll::Pending
            }
        }));
        assert_eq!(value, Ok("done"));
    }

    #[test]
    fn a_future_that_nothing_wakes_is_an_error() {
        let error = block_on(std::future::pending::<()>()).unwrap_err();
        assert!(error.message.contains("never ends in WASI 0.2"));
    }
}
