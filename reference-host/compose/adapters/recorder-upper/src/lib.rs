//! The upper half of a recorder: starts a backend, and is a service with what it has registered.
//!
//! It does what the interface asks of a host: `start` runs once, before anything else; names and
//! arguments are checked before the backend sees them.

#[macro_use]
#[path = "../../edge/bindings.rs"]
mod bindings;

bindings!("wasi-mcp:adapters/recorder-upper");

#[macro_use]
#[path = "../../edge/mod.rs"]
mod edge;

use edge::{Request, Streamed};
use wasi::mcp::context::RequestContext;
use wasi_mcp::adapters::control;
use wasi_mcp_joining::{Once, Service};
use wasi_mcp_types::capabilities::Server;
use wasi_mcp_types::content::*;
use wasi_mcp_types::types::Error;

struct Recorded {
    started: Once<Result<Server, Error>>,
}

/// The handlers of the backend.
struct Backend;

impl Service for Backend {
    type Context = Request;
    type Streamed = Streamed;

    imported_handlers!(wasi::mcp);
}

impl Recorded {
    /// Starts the backend in the first call, and returns the description that it has registered.
    async fn start(&self) -> Result<Server, Error> {
        let start = async || {
            import!(wasi::mcp::start::start())?;
            control::get_server()
        };
        self.started.get(start).await
    }
}

impl Service for Recorded {
    type Context = Request;
    type Streamed = Streamed;

    async fn get_server(&self) -> Result<Server, Error> {
        self.start().await
    }
    async fn list_tools(
        &self,
        _: Request,
        cursor: Option<String>,
    ) -> Result<ListToolsResult, Error> {
        self.start().await?;
        control::list_tools(cursor.as_deref())
    }
    async fn list_resources(
        &self,
        _: Request,
        cursor: Option<String>,
    ) -> Result<ListResourcesResult, Error> {
        self.start().await?;
        control::list_resources(cursor.as_deref())
    }
    async fn list_resource_templates(
        &self,
        _: Request,
        cursor: Option<String>,
    ) -> Result<ListResourceTemplatesResult, Error> {
        self.start().await?;
        control::list_resource_templates(cursor.as_deref())
    }
    async fn list_prompts(
        &self,
        _: Request,
        cursor: Option<String>,
    ) -> Result<ListPromptsResult, Error> {
        self.start().await?;
        control::list_prompts(cursor.as_deref())
    }
    async fn call_tool(
        &self,
        context: Request,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        self.start().await?;
        control::check_tool_call(&params.name, params.arguments.as_deref())?;
        let name = params.name.clone();
        let result = Backend.call_tool(context, params).await?;
        if result.is_error != Some(true) {
            control::check_tool_result(&name, result.structured_content.as_deref())?;
        }
        Ok(result)
    }
    async fn read_resource(
        &self,
        context: Request,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        self.start().await?;
        Backend.read_resource(context, params).await
    }
    #[cfg(feature = "p3")]
    async fn read_resource_stream(
        &self,
        context: Request,
        params: ReadResourceParams,
    ) -> Result<Option<Streamed>, Error> {
        self.start().await?;
        Backend.read_resource_stream(context, params).await
    }
    async fn subscribe(&self, context: Request, uri: String) -> Result<(), Error> {
        self.start().await?;
        Backend.subscribe(context, uri).await
    }
    async fn unsubscribe(&self, context: Request, uri: String) -> Result<(), Error> {
        self.start().await?;
        Backend.unsubscribe(context, uri).await
    }
    async fn get_prompt(
        &self,
        context: Request,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        self.start().await?;
        control::check_prompt(&params)?;
        Backend.get_prompt(context, params).await
    }
    async fn complete(
        &self,
        context: Request,
        params: CompleteParams,
    ) -> Result<CompleteResult, Error> {
        self.start().await?;
        control::check_completion(&params)?;
        Backend.complete(context, params).await
    }
    async fn initialized(&self, context: Request) {
        if self.start().await.is_ok() {
            Backend.initialized(context).await;
        }
    }
    async fn roots_changed(&self, context: Request) {
        if self.start().await.is_ok() {
            Backend.roots_changed(context).await;
        }
    }
}

/// Returns the one recorder of this instance.
fn recorded() -> &'static Recorded {
    thread_local! {
        static RECORDED: &'static Recorded = Box::leak(Box::new(Recorded { started: Once::new() }));
    }
    RECORDED.with(|recorded| *recorded)
}

export_service!(recorded);
