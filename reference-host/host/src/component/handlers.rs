//! The typed exported functions of an instance, and the single way to call them.

use std::sync::Arc;

use wasmtime::component::{
    ComponentNamedList, FutureReader, Instance, Lift, Lower, Resource, StreamReader, TypedFunc,
};

use super::call_start::CallStart;
use super::context::RequestContext;
use super::shape::Exports;
use super::state::State;
use super::streaming::Incoming;
pub use wasi_mcp_protocol::{Call, Return};
use wasi_mcp_types::capabilities::Server;
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, CompleteParams, CompleteResult, GetPromptParams,
    GetPromptResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, ReadResourceParams, ReadResourceResult,
};
use wasi_mcp_types::types::{Cursor, Error};

/// Calls an exported function: the difference between the variants.
pub(super) trait Caller {
    /// Calls `function` and waits for its result.
    async fn call<P, R>(&mut self, function: &TypedFunc<P, R>, params: P) -> wasmtime::Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static;

    /// Returns the entrance that shows when a call with this context has begun.
    fn call_start(&self, context: &Context) -> CallStart;

    /// Takes over the ends of a stream that the guest returned.
    fn connect(
        &mut self,
        stream: StreamReader<u8>,
        outcome: FutureReader<Result<(), Error>>,
    ) -> wasmtime::Result<Incoming>;

    /// Accesses the store's data between calls.
    fn with_state<R>(&mut self, reach: impl FnOnce(&mut State) -> R) -> R;

    /// Counts the entries in the store's tables: the host's table of resources, and the engine's
    /// table of tasks and the objects they wait for. The cost is linear in the number of entries.
    fn table_entries(&mut self) -> usize;
}

type Fallible<T> = (Result<T, Error>,);
/// A context among the parameters of a call. It is shared so that [`CallStart`] can tell when the
/// parameters are handed over.
pub(super) type Context = Arc<Resource<RequestContext>>;
type Page<T> = TypedFunc<(Context, Option<Cursor>), Fallible<T>>;
type Handler<P, R> = TypedFunc<(Context, P), Fallible<R>>;
type Event = TypedFunc<(Context,), ()>;
/// A result whose last blob the stream continues, with the guest's verdict at its end.
pub(super) type StreamedResource = (
    ReadResourceResult,
    StreamReader<u8>,
    FutureReader<Result<(), Error>>,
);

macro_rules! handlers {
    ($($field:ident: $ty:ty,)*) => {
        /// The exported functions of one instance; absent ones are not exported.
        pub(super) struct Handlers {
            $($field: Option<$ty>,)*
        }

        impl Handlers {
            /// Looks the functions up and checks their types.
            pub(super) fn load<T>(
                exports: &Exports,
                store: &mut wasmtime::Store<T>,
                instance: &Instance,
            ) -> wasmtime::Result<Self> {
                Ok(Self {
                    $($field: exports
                        .$field
                        .as_ref()
                        .map(|index| instance.get_typed_func(&mut *store, index))
                        .transpose()?,)*
                })
            }
        }
    };
}

handlers! {
    start: TypedFunc<(), Fallible<()>>,
    get_server: TypedFunc<(), Fallible<Server>>,
    list_tools: Page<ListToolsResult>,
    list_resources: Page<ListResourcesResult>,
    list_resource_templates: Page<ListResourceTemplatesResult>,
    list_prompts: Page<ListPromptsResult>,
    call_tool: Handler<CallToolParams, CallToolResult>,
    read_resource: Handler<ReadResourceParams, ReadResourceResult>,
    read_resource_stream: Handler<ReadResourceParams, Option<StreamedResource>>,
    subscribe: Handler<String, ()>,
    unsubscribe: Handler<String, ()>,
    get_prompt: Handler<GetPromptParams, GetPromptResult>,
    complete: Handler<CompleteParams, CompleteResult>,
    initialized: Event,
    roots_changed: Event,
}

impl Handlers {
    /// Runs `start` of a backend.
    pub(super) async fn start(
        &self,
        caller: &mut impl Caller,
    ) -> wasmtime::Result<Result<(), Error>> {
        let (result,) = caller.call(exported(&self.start)?, ()).await?;
        Ok(result)
    }

    /// Asks a service for its server description.
    pub(super) async fn get_server(
        &self,
        caller: &mut impl Caller,
    ) -> wasmtime::Result<Result<Server, Error>> {
        let (result,) = caller.call(exported(&self.get_server)?, ()).await?;
        Ok(result)
    }

    /// Returns whether the component may stream resources.
    pub(super) fn streams_resources(&self) -> bool {
        self.read_resource_stream.is_some()
    }

    /// Reads a resource as a stream. Returns `None` if the guest does not stream this one.
    pub(super) async fn read_resource_stream(
        &self,
        caller: &mut impl Caller,
        context: Context,
        params: ReadResourceParams,
    ) -> wasmtime::Result<Result<Option<StreamedResource>, Error>> {
        let function = exported(&self.read_resource_stream)?;
        let (result,) = caller.call(function, (context, params)).await?;
        Ok(result)
    }

    /// Makes one call with a context that the guest owns from then on.
    pub(super) async fn call(
        &self,
        caller: &mut impl Caller,
        context: Context,
        call: Call,
    ) -> wasmtime::Result<Result<Return, Error>> {
        /// Calls the function of one handler and wraps its result.
        macro_rules! returned {
            ($field:ident, $wrap:expr, $params:expr) => {{
                let (result,) = caller
                    .call(exported(&self.$field)?, (context, $params))
                    .await?;
                result.map($wrap)
            }};
        }
        Ok(match call {
            Call::ListTools(cursor) => returned!(list_tools, Return::ListTools, cursor),
            Call::ListResources(cursor) => returned!(list_resources, Return::ListResources, cursor),
            Call::ListResourceTemplates(cursor) => {
                returned!(
                    list_resource_templates,
                    Return::ListResourceTemplates,
                    cursor
                )
            }
            Call::ListPrompts(cursor) => returned!(list_prompts, Return::ListPrompts, cursor),
            Call::CallTool(params) => returned!(call_tool, Return::CallTool, params),
            Call::ReadResource(params) => returned!(read_resource, Return::ReadResource, params),
            Call::Subscribe(uri) => returned!(subscribe, |()| Return::Empty, uri),
            Call::Unsubscribe(uri) => returned!(unsubscribe, |()| Return::Empty, uri),
            Call::GetPrompt(params) => returned!(get_prompt, Return::GetPrompt, params),
            Call::Complete(params) => returned!(complete, Return::Complete, params),
            Call::Initialized => {
                caller
                    .call(exported(&self.initialized)?, (context,))
                    .await?;
                Ok(Return::Empty)
            }
            Call::RootsChanged => {
                caller
                    .call(exported(&self.roots_changed)?, (context,))
                    .await?;
                Ok(Return::Empty)
            }
        })
    }
}

/// Returns an exported function. The protocol layer asks only for features that are exported, so a
/// missing function is a defect of this host. It fails the instance, not the process.
fn exported<F>(function: &Option<F>) -> wasmtime::Result<&F> {
    function.as_ref().ok_or_else(|| {
        wasmtime::format_err!("a function was called that the component does not export")
    })
}
