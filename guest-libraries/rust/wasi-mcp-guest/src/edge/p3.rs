//! WASI 0.3: imports that wait are awaited, and several calls run concurrently in one instance.

use std::pin::Pin;
use std::time::Duration;

use wasi_mcp_types::capabilities::Server;
use wasi_mcp_types::content::*;
use wasi_mcp_types::types::{Cursor, Error};
use wit_bindgen::{FutureReader, StreamReader, StreamWriter};

use crate::bindings::exports::{
    client_events, completion, prompt_catalog, prompts, resource_catalog, resource_streams,
    resource_subscriptions, resources, server_catalog, start, tool_catalog, tools,
};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::mcp::context::{self, RequestContext};
use crate::bindings::wasi::mcp::{elicitation, roots, sampling};
use crate::context::Context;
use crate::edge::report;
use crate::errors::internal;
use crate::server::{self, ServerDefinition};
use crate::streaming::{Begun, Pipe};
use crate::{catalog, handlers};

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
        server::start::<S>()
    }
}

impl<S: ServerDefinition> server_catalog::exports::wasi::mcp::server_catalog::Guest for S {
    async fn get_server() -> Result<Server, Error> {
        server::get_server::<S>()
    }
}

impl<S: ServerDefinition> tool_catalog::exports::wasi::mcp::tool_catalog::Guest for S {
    async fn list_tools(
        request: RequestContext,
        cursor: Option<Cursor>,
    ) -> Result<ListToolsResult, Error> {
        catalog::list_tools::<S>(Context::new(request), cursor).await
    }
}

impl<S: ServerDefinition> resource_catalog::exports::wasi::mcp::resource_catalog::Guest for S {
    async fn list_resources(
        request: RequestContext,
        cursor: Option<Cursor>,
    ) -> Result<ListResourcesResult, Error> {
        catalog::list_resources::<S>(Context::new(request), cursor).await
    }

    async fn list_resource_templates(
        request: RequestContext,
        cursor: Option<Cursor>,
    ) -> Result<ListResourceTemplatesResult, Error> {
        catalog::list_resource_templates::<S>(Context::new(request), cursor).await
    }
}

impl<S: ServerDefinition> prompt_catalog::exports::wasi::mcp::prompt_catalog::Guest for S {
    async fn list_prompts(
        request: RequestContext,
        cursor: Option<Cursor>,
    ) -> Result<ListPromptsResult, Error> {
        catalog::list_prompts::<S>(Context::new(request), cursor).await
    }
}

impl<S: ServerDefinition> tools::exports::wasi::mcp::tools::Guest for S {
    async fn call_tool(
        request: RequestContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        handlers::call_tool::<S>(Context::new(request), params).await
    }
}

impl<S: ServerDefinition> resources::exports::wasi::mcp::resources::Guest for S {
    async fn read_resource(
        request: RequestContext,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        handlers::read_resource::<S>(Context::new(request), params).await
    }
}

impl<S: ServerDefinition> resource_streams::exports::wasi::mcp::resource_streams::Guest for S {
    async fn read_resource_stream(
        request: RequestContext,
        params: ReadResourceParams,
    ) -> Result<Option<Streamed>, Error> {
        let open_pipe = || -> (Box<dyn Pipe>, _) {
            let (writer, reader) = resource_streams::wit_stream::new();
            (Box::new(writer), reader)
        };
        let context = Context::new(request);
        let begun = handlers::read_resource_stream::<S, _>(context, params, open_pipe).await?;
        Ok(begun.map(|begun| {
            let Begun {
                result,
                reader,
                rest,
            } = begun;
            let (resolver, outcome) = resource_streams::wit_future::new(|| {
                Err(internal(
                    "the function that writes the resource has not ended",
                ))
            });
            wit_bindgen::spawn_local(async move {
                let outcome = rest.await;
                // A host that no longer reads may have dropped its end.
                let _ = resolver.write(outcome).await;
            });
            (result, reader, outcome)
        }))
    }
}

type Streamed = (
    ReadResourceResult,
    StreamReader<u8>,
    FutureReader<Result<(), Error>>,
);

impl Pipe for StreamWriter<u8> {
    fn write(&mut self, bytes: Vec<u8>) -> Pin<Box<dyn Future<Output = bool> + '_>> {
        Box::pin(async move { self.write_all(bytes).await.is_empty() })
    }
}

impl<S: ServerDefinition> resource_subscriptions::exports::wasi::mcp::resource_subscriptions::Guest
    for S
{
    async fn subscribe(request: RequestContext, uri: String) -> Result<(), Error> {
        handlers::subscribe::<S>(Context::new(request), uri).await
    }

    async fn unsubscribe(request: RequestContext, uri: String) -> Result<(), Error> {
        handlers::unsubscribe::<S>(Context::new(request), uri).await
    }
}

impl<S: ServerDefinition> prompts::exports::wasi::mcp::prompts::Guest for S {
    async fn get_prompt(
        request: RequestContext,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        handlers::get_prompt::<S>(Context::new(request), params).await
    }
}

impl<S: ServerDefinition> completion::exports::wasi::mcp::completion::Guest for S {
    async fn complete(
        request: RequestContext,
        params: CompleteParams,
    ) -> Result<CompleteResult, Error> {
        handlers::complete::<S>(Context::new(request), params).await
    }
}

impl<S: ServerDefinition> client_events::exports::wasi::mcp::client_events::Guest for S {
    async fn initialized(request: RequestContext) {
        report(handlers::initialized::<S>(Context::new(request)).await);
    }

    async fn roots_changed(request: RequestContext) {
        report(handlers::roots_changed::<S>(Context::new(request)).await);
    }
}
