//! The entry points for a runtime: a command, and a handler of HTTP requests. Both ask the substrate
//! which functions of the service to call, and report their results.

#[macro_use]
#[path = "../../../edge/bindings.rs"]
mod bindings;
#[macro_use]
#[path = "../../bindings.rs"]
mod target;

#[cfg(feature = "http")]
target_bindings!("wasi-mcp:target/front");
#[cfg(not(feature = "http"))]
target_bindings!("wasi-mcp:target/front-cli");

use wasi::mcp::context::RequestContext;
use wasi_mcp::target::control::{self, Call, Invocation, Returned};
use wasi_mcp_types::types::{Error, ErrorCode};

/// Calls an import. WASI 0.2 borrows the arguments and returns with the result, and WASI 0.3 takes
/// them and is awaited.
#[cfg(feature = "p3")]
macro_rules! import {
    ($($function:ident)::+($($kind:ident $argument:expr),*)) => {
        wasi::mcp::$($function)::+($($argument),*).await
    };
}
#[cfg(feature = "p2")]
macro_rules! import {
    (@ handle $argument:expr) => { $argument };
    (@ record $argument:expr) => { &$argument };
    (@ cursor $argument:expr) => { $argument.as_deref() };
    ($($function:ident)::+($($kind:ident $argument:expr),*)) => {
        wasi::mcp::$($function)::+($(import!(@ $kind $argument)),*)
    };
}

/// Makes a call of the service.
async fn call(context: Option<RequestContext>, call: Call) -> Result<Returned, Error> {
    let Some(context) = context else {
        return match call {
            Call::GetServer => import!(server_catalog::get_server()).map(Returned::Server),
            _ => Err(Error::new(
                ErrorCode::InternalError,
                "the call has no context",
            )),
        };
    };
    match call {
        Call::GetServer => import!(server_catalog::get_server()).map(Returned::Server),
        Call::ListTools(cursor) => {
            import!(tool_catalog::list_tools(handle context, cursor cursor)).map(Returned::Tools)
        }
        Call::ListResources(cursor) => {
            import!(resource_catalog::list_resources(handle context, cursor cursor))
                .map(Returned::Resources)
        }
        Call::ListResourceTemplates(cursor) => {
            import!(resource_catalog::list_resource_templates(handle context, cursor cursor))
                .map(Returned::ResourceTemplates)
        }
        Call::ListPrompts(cursor) => {
            import!(prompt_catalog::list_prompts(handle context, cursor cursor))
                .map(Returned::Prompts)
        }
        Call::CallTool(params) => {
            import!(tools::call_tool(handle context, record params)).map(Returned::ToolResult)
        }
        Call::ReadResource(params) => {
            import!(resources::read_resource(handle context, record params)).map(Returned::Contents)
        }
        Call::Subscribe(uri) => {
            import!(resource_subscriptions::subscribe(handle context, record uri))
                .map(|()| Returned::Empty)
        }
        Call::Unsubscribe(uri) => {
            import!(resource_subscriptions::unsubscribe(handle context, record uri))
                .map(|()| Returned::Empty)
        }
        Call::GetPrompt(params) => {
            import!(prompts::get_prompt(handle context, record params)).map(Returned::Prompt)
        }
        Call::Complete(params) => {
            import!(completion::complete(handle context, record params)).map(Returned::Completion)
        }
        Call::Initialized => {
            import!(client_events::initialized(handle context));
            Ok(Returned::Empty)
        }
        Call::RootsChanged => {
            import!(client_events::roots_changed(handle context));
            Ok(Returned::Empty)
        }
    }
}

struct Front;

#[cfg(feature = "p2")]
mod blocking {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::{Front, Invocation, call, control};

    /// Makes all calls of an exchange, one after the other.
    fn serve(exchange: u64) {
        while let Some(invocation) = control::next(exchange) {
            let Invocation {
                number,
                context,
                call: function,
            } = invocation;
            // Nothing in it waits: its imports block.
            let future = pin!(call(context, function));
            let Poll::Ready(returned) = future.poll(&mut Context::from_waker(Waker::noop())) else {
                unreachable!("an import of WASI 0.2 returned without its result");
            };
            control::finished(
                exchange,
                number,
                match &returned {
                    Ok(returned) => Ok(returned),
                    Err(error) => Err(error),
                },
            );
        }
    }

    impl super::exports::wasi::cli::run::Guest for Front {
        fn run() -> Result<(), ()> {
            serve(control::open_stdio());
            Ok(())
        }
    }

    #[cfg(feature = "http")]
    impl super::exports::wasi::http::incoming_handler::Guest for Front {
        fn handle(
            request: super::wasi::http::types::IncomingRequest,
            response: super::wasi::http::types::ResponseOutparam,
        ) {
            serve(super::wasi_mcp::target::web::open_http(request, response));
        }
    }
}

#[cfg(feature = "p3")]
mod concurrent {
    use super::{Front, Invocation, call, control};

    /// Makes all calls of an exchange, side by side.
    async fn serve(exchange: u64) {
        while let Some(invocation) = control::next(exchange).await {
            let Invocation {
                number,
                context,
                call: function,
            } = invocation;
            wit_bindgen::spawn_local(async move {
                let returned = call(context, function).await;
                control::finished(
                    exchange,
                    number,
                    match &returned {
                        Ok(returned) => Ok(returned),
                        Err(error) => Err(error),
                    },
                );
            });
        }
    }

    impl super::exports::wasi::cli::run::Guest for Front {
        async fn run() -> Result<(), ()> {
            serve(control::open_stdio().await).await;
            Ok(())
        }
    }

    #[cfg(feature = "http")]
    impl super::exports::wasi::http::handler::Guest for Front {
        async fn handle(
            request: super::wasi::http::types::Request,
        ) -> Result<super::wasi::http::types::Response, super::wasi::http::types::ErrorCode>
        {
            use super::wasi_mcp::target::web;

            let exchange = web::open_http(request).await;
            wit_bindgen::spawn_local(serve(exchange));
            web::respond(exchange).await
        }
    }
}

export!(Front);
