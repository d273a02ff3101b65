//! The edge between the bindings of a world and a [`Service`](wasi_mcp_joining::Service): both
//! variants from one source. Included by each adapter, whose root holds the bindings.
//!
//! In WASI 0.3 an import is awaited, in WASI 0.2 it returns with its result.

#![allow(unused_macros, reason = "each adapter uses some")]

use wasi_mcp_joining::Context;

use crate::wasi::mcp::context::RequestContext;

/// The handle of the bindings, which are another type in each adapter.
pub struct Request(pub RequestContext);

impl Context for Request {
    fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

#[cfg(feature = "p3")]
pub type Streamed = (
    wasi_mcp_types::content::ReadResourceResult,
    wit_bindgen::StreamReader<u8>,
    wit_bindgen::FutureReader<Result<(), wasi_mcp_types::types::Error>>,
);
#[cfg(feature = "p2")]
pub type Streamed = ();

/// Calls an import. WASI 0.2 borrows the arguments, and WASI 0.3 takes them.
#[cfg(feature = "p3")]
macro_rules! import {
    ($($function:ident)::+()) => { $($function)::+().await };
    ($($function:ident)::+($context:expr)) => { $($function)::+($context.0).await };
    ($($function:ident)::+($context:expr, record $params:expr)) => { $($function)::+($context.0, $params).await };
    ($($function:ident)::+($context:expr, text $uri:expr)) => { $($function)::+($context.0, $uri).await };
    ($($function:ident)::+($context:expr, cursor $cursor:expr)) => { $($function)::+($context.0, $cursor).await };
}
#[cfg(feature = "p2")]
macro_rules! import {
    ($($function:ident)::+()) => { $($function)::+() };
    ($($function:ident)::+($context:expr)) => { $($function)::+($context.0) };
    ($($function:ident)::+($context:expr, record $params:expr)) => { $($function)::+($context.0, &$params) };
    ($($function:ident)::+($context:expr, text $uri:expr)) => { $($function)::+($context.0, &$uri) };
    ($($function:ident)::+($context:expr, cursor $cursor:expr)) => { $($function)::+($context.0, $cursor.as_deref()) };
}

/// Writes the functions of a service that pass a request on to the imports below `$root`, without
/// the catalogs.
macro_rules! imported_handlers {
    ($($root:ident)::+) => {
        async fn call_tool(&self, context: Request, params: CallToolParams) -> Result<CallToolResult, Error> {
            import!($($root)::+::tools::call_tool(context, record params))
        }
        async fn read_resource(&self, context: Request, params: ReadResourceParams) -> Result<ReadResourceResult, Error> {
            import!($($root)::+::resources::read_resource(context, record params))
        }
        #[cfg(feature = "p3")]
        async fn read_resource_stream(&self, context: Request, params: ReadResourceParams) -> Result<Option<Streamed>, Error> {
            import!($($root)::+::resource_streams::read_resource_stream(context, record params))
        }
        async fn subscribe(&self, context: Request, uri: String) -> Result<(), Error> {
            import!($($root)::+::resource_subscriptions::subscribe(context, text uri))
        }
        async fn unsubscribe(&self, context: Request, uri: String) -> Result<(), Error> {
            import!($($root)::+::resource_subscriptions::unsubscribe(context, text uri))
        }
        async fn get_prompt(&self, context: Request, params: GetPromptParams) -> Result<GetPromptResult, Error> {
            import!($($root)::+::prompts::get_prompt(context, record params))
        }
        async fn complete(&self, context: Request, params: CompleteParams) -> Result<CompleteResult, Error> {
            import!($($root)::+::completion::complete(context, record params))
        }
        async fn initialized(&self, context: Request) {
            import!($($root)::+::client_events::initialized(context));
        }
        async fn roots_changed(&self, context: Request) {
            import!($($root)::+::client_events::roots_changed(context));
        }
    };
}

/// Implements a service by the imports below `$root`.
macro_rules! imported_service {
    ($service:ident, $($root:ident)::+) => {
        impl Service for $service {
            type Context = Request;
            type Streamed = Streamed;

            async fn get_server(&self) -> Result<Server, Error> {
                import!($($root)::+::server_catalog::get_server())
            }
            async fn list_tools(&self, context: Request, cursor: Option<String>) -> Result<ListToolsResult, Error> {
                import!($($root)::+::tool_catalog::list_tools(context, cursor cursor))
            }
            async fn list_resources(&self, context: Request, cursor: Option<String>) -> Result<ListResourcesResult, Error> {
                import!($($root)::+::resource_catalog::list_resources(context, cursor cursor))
            }
            async fn list_resource_templates(&self, context: Request, cursor: Option<String>) -> Result<ListResourceTemplatesResult, Error> {
                import!($($root)::+::resource_catalog::list_resource_templates(context, cursor cursor))
            }
            async fn list_prompts(&self, context: Request, cursor: Option<String>) -> Result<ListPromptsResult, Error> {
                import!($($root)::+::prompt_catalog::list_prompts(context, cursor cursor))
            }
            imported_handlers!($($root)::+);
        }
    };
}

#[cfg(feature = "p3")]
macro_rules! exported {
    (impl $interface:ident { $(fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? = $call:expr;)* }) => {
        impl $crate::exports::wasi::mcp::$interface::Guest for Exported {
            $(async fn $name($($argument: $type),*) $(-> $result)? { $call.await })*
        }
    };
}
#[cfg(feature = "p2")]
macro_rules! exported {
    (impl $interface:ident { $(fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? = $call:expr;)* }) => {
        impl $crate::exports::wasi::mcp::$interface::Guest for Exported {
            $(fn $name($($argument: $type),*) $(-> $result)? { wasi_mcp_joining::now($call) })*
        }
    };
}

/// Exports the service that `$service()` returns, as everything that a service may export.
macro_rules! export_service {
    ($service:ident) => {
        struct Exported;

        exported!(impl server_catalog {
            fn get_server() -> Result<Server, Error> = $service().get_server();
        });
        exported!(impl tool_catalog {
            fn list_tools(context: RequestContext, cursor: Option<String>) -> Result<ListToolsResult, Error> =
                $service().list_tools(Request(context), cursor);
        });
        exported!(impl resource_catalog {
            fn list_resources(context: RequestContext, cursor: Option<String>) -> Result<ListResourcesResult, Error> =
                $service().list_resources(Request(context), cursor);
            fn list_resource_templates(context: RequestContext, cursor: Option<String>) -> Result<ListResourceTemplatesResult, Error> =
                $service().list_resource_templates(Request(context), cursor);
        });
        exported!(impl prompt_catalog {
            fn list_prompts(context: RequestContext, cursor: Option<String>) -> Result<ListPromptsResult, Error> =
                $service().list_prompts(Request(context), cursor);
        });
        exported!(impl tools {
            fn call_tool(context: RequestContext, params: CallToolParams) -> Result<CallToolResult, Error> =
                $service().call_tool(Request(context), params);
        });
        exported!(impl resources {
            fn read_resource(context: RequestContext, params: ReadResourceParams) -> Result<ReadResourceResult, Error> =
                $service().read_resource(Request(context), params);
        });
        #[cfg(feature = "p3")]
        exported!(impl resource_streams {
            fn read_resource_stream(context: RequestContext, params: ReadResourceParams) -> Result<Option<Streamed>, Error> =
                $service().read_resource_stream(Request(context), params);
        });
        exported!(impl resource_subscriptions {
            fn subscribe(context: RequestContext, uri: String) -> Result<(), Error> =
                $service().subscribe(Request(context), uri);
            fn unsubscribe(context: RequestContext, uri: String) -> Result<(), Error> =
                $service().unsubscribe(Request(context), uri);
        });
        exported!(impl prompts {
            fn get_prompt(context: RequestContext, params: GetPromptParams) -> Result<GetPromptResult, Error> =
                $service().get_prompt(Request(context), params);
        });
        exported!(impl completion {
            fn complete(context: RequestContext, params: CompleteParams) -> Result<CompleteResult, Error> =
                $service().complete(Request(context), params);
        });
        exported!(impl client_events {
            fn initialized(context: RequestContext) = $service().initialized(Request(context));
            fn roots_changed(context: RequestContext) = $service().roots_changed(Request(context));
        });

        export!(Exported);
    };
}
