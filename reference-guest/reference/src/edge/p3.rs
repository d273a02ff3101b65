//! WASI 0.3: imports that wait are awaited, and several calls run concurrently in one instance.

use crate::Reference;
use crate::bindings::exports::wasi::mcp::{
    client_events, completion, prompts, resource_subscriptions, resources, tools,
};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::context::{self, RequestContext};
use crate::bindings::wasi::mcp::types::Error;
use crate::bindings::wasi::mcp::{elicitation, roots, sampling};

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

/// Waits through the 0.3 clock: the standard library's sleep would stall every call in the store.
pub async fn sleep(milliseconds: u32) {
    monotonic_clock::wait_for(u64::from(milliseconds) * NANOSECONDS_PER_MILLISECOND).await;
}

/// Waits until the request is cancelled, and returns the client's reason, if any.
pub async fn cancelled(context: &RequestContext) -> Option<String> {
    let cancellation = context::wait_cancelled(context.clone()).await;
    cancellation.and_then(|it| it.reason)
}

pub async fn create_message(
    context: &RequestContext,
    params: CreateMessageParams,
) -> Result<CreateMessageResult, Error> {
    sampling::create_message(context, params).await
}

pub async fn elicit(context: &RequestContext, params: ElicitParams) -> Result<ElicitResult, Error> {
    elicitation::elicit(context, params).await
}

pub async fn list_roots(
    context: &RequestContext,
    meta: Option<String>,
) -> Result<ListRootsResult, Error> {
    roots::list_roots(context, meta).await
}

impl tools::Guest for Reference {
    async fn call_tool(
        context: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        crate::tools::call(context, params).await
    }
}

impl resources::Guest for Reference {
    async fn read_resource(
        _context: RequestContext,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        crate::resources::read(params).await
    }
}

impl resource_subscriptions::Guest for Reference {
    async fn subscribe(_context: RequestContext, uri: String) -> Result<(), Error> {
        crate::subscriptions::subscribe(uri).await
    }

    async fn unsubscribe(_context: RequestContext, uri: String) -> Result<(), Error> {
        crate::subscriptions::unsubscribe(uri).await
    }
}

impl prompts::Guest for Reference {
    async fn get_prompt(
        _context: RequestContext,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        crate::prompts::get(params).await
    }
}

impl completion::Guest for Reference {
    async fn complete(
        _context: RequestContext,
        params: CompleteParams,
    ) -> Result<CompleteResult, Error> {
        crate::completion::complete(params).await
    }
}

impl client_events::Guest for Reference {
    async fn initialized(context: RequestContext) {
        crate::client_events::initialized(context).await;
    }

    async fn roots_changed(context: RequestContext) {
        crate::client_events::roots_changed(context).await;
    }
}

#[cfg(feature = "backend")]
mod backend {
    use crate::Reference;
    use crate::bindings::exports::wasi::mcp::start;
    use crate::bindings::wasi::mcp::types::Error;

    impl start::Guest for Reference {
        async fn start() -> Result<(), Error> {
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
        async fn get_server() -> Result<Server, Error> {
            Ok(crate::server::server())
        }
    }

    impl tool_catalog::Guest for Reference {
        async fn list_tools(
            _context: RequestContext,
            cursor: Option<String>,
        ) -> Result<ListToolsResult, Error> {
            crate::world::list_tools(cursor)
        }
    }

    impl resource_catalog::Guest for Reference {
        async fn list_resources(
            _context: RequestContext,
            cursor: Option<String>,
        ) -> Result<ListResourcesResult, Error> {
            crate::world::list_resources(cursor)
        }

        async fn list_resource_templates(
            _context: RequestContext,
            cursor: Option<String>,
        ) -> Result<ListResourceTemplatesResult, Error> {
            crate::world::list_resource_templates(cursor)
        }
    }

    impl prompt_catalog::Guest for Reference {
        async fn list_prompts(
            _context: RequestContext,
            cursor: Option<String>,
        ) -> Result<ListPromptsResult, Error> {
            crate::world::list_prompts(cursor)
        }
    }
}
