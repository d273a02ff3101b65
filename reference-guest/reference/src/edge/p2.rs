//! WASI 0.2: imports that wait block the instance, and one call at a time runs in it.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use crate::Reference;
use crate::bindings::exports::wasi::mcp::{
    client_events, completion, prompts, resource_subscriptions, resources, tools,
};
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::types::Error;
use crate::bindings::wasi::mcp::{elicitation, roots, sampling};

/// The interval between two polls for cancellation.
const CANCELLATION_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Runs a handler. Waiting blocks inside an import in this variant, so one poll completes it.
fn block_on<T>(handler: impl Future<Output = T>) -> T {
    match pin!(handler).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a handler awaits something that is not of this variant"),
    }
}

pub async fn sleep(milliseconds: u32) {
    thread::sleep(Duration::from_millis(milliseconds.into()));
}

/// Waits until the request is cancelled. This variant does not give the reason.
pub async fn cancelled(context: &RequestContext) -> Option<String> {
    while !context.is_cancelled() {
        thread::sleep(CANCELLATION_POLL_INTERVAL);
    }
    None
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

impl tools::Guest for Reference {
    fn call_tool(context: RequestContext, params: CallToolParams) -> Result<CallToolResult, Error> {
        block_on(crate::tools::call(context, params))
    }
}

impl resources::Guest for Reference {
    fn read_resource(
        _context: RequestContext,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        block_on(crate::resources::read(params))
    }
}

impl resource_subscriptions::Guest for Reference {
    fn subscribe(_context: RequestContext, uri: String) -> Result<(), Error> {
        block_on(crate::subscriptions::subscribe(uri))
    }

    fn unsubscribe(_context: RequestContext, uri: String) -> Result<(), Error> {
        block_on(crate::subscriptions::unsubscribe(uri))
    }
}

impl prompts::Guest for Reference {
    fn get_prompt(
        _context: RequestContext,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        block_on(crate::prompts::get(params))
    }
}

impl completion::Guest for Reference {
    fn complete(_context: RequestContext, params: CompleteParams) -> Result<CompleteResult, Error> {
        block_on(crate::completion::complete(params))
    }
}

impl client_events::Guest for Reference {
    fn initialized(context: RequestContext) {
        block_on(crate::client_events::initialized(context));
    }

    fn roots_changed(context: RequestContext) {
        block_on(crate::client_events::roots_changed(context));
    }
}

#[cfg(feature = "backend")]
mod backend {
    use crate::Reference;
    use crate::bindings::exports::wasi::mcp::start;
    use crate::bindings::wasi::mcp::types::Error;

    impl start::Guest for Reference {
        fn start() -> Result<(), Error> {
            crate::world::start()
        }
    }
}

#[cfg(feature = "service")]
mod service {
    use crate::Reference;
    use crate::bindings::exports::wasi::mcp::{
        prompt_catalog, resource_catalog, server_catalog, tool_catalog,
    };
    use crate::bindings::wasi::mcp::capabilities::Server;
    use crate::bindings::wasi::mcp::content::*;
    use crate::bindings::wasi::mcp::context::RequestContext;
    use crate::bindings::wasi::mcp::types::Error;

    impl server_catalog::Guest for Reference {
        fn get_server() -> Result<Server, Error> {
            Ok(crate::server::server())
        }
    }

    impl tool_catalog::Guest for Reference {
        fn list_tools(
            _context: RequestContext,
            cursor: Option<String>,
        ) -> Result<ListToolsResult, Error> {
            crate::world::list_tools(cursor)
        }
    }

    impl resource_catalog::Guest for Reference {
        fn list_resources(
            _context: RequestContext,
            cursor: Option<String>,
        ) -> Result<ListResourcesResult, Error> {
            crate::world::list_resources(cursor)
        }

        fn list_resource_templates(
            _context: RequestContext,
            cursor: Option<String>,
        ) -> Result<ListResourceTemplatesResult, Error> {
            crate::world::list_resource_templates(cursor)
        }
    }

    impl prompt_catalog::Guest for Reference {
        fn list_prompts(
            _context: RequestContext,
            cursor: Option<String>,
        ) -> Result<ListPromptsResult, Error> {
            crate::world::list_prompts(cursor)
        }
    }
}
