//! The edge to components of `wasi:mcp@0.2.0-draft2`: functions block, and an instance handles one
//! call at a time.

use wasi_mcp_types::content::{
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, ListRootsResult,
};
use wasi_mcp_types::types::Error;
use wasmtime::Store;
use wasmtime::component::{
    ComponentNamedList, FutureReader, HasSelf, Lift, Linker, Lower, Resource, StreamReader,
    TypedFunc,
};

use super::asking::ListRoots;
use super::bindings::p2::wasi::mcp as interfaces;
use super::call_start::CallStart;
use super::context::RequestContext;
use super::handlers::{Caller, Context};
use super::linking::link_imports;
use super::state::State;
use super::streaming::Incoming;

/// Links the imports of the 0.2 package.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    link_imports!(linker, interfaces)
}

/// Calls with exclusive access to the store: nothing else in the instance runs meanwhile.
pub(super) struct Exclusive<'a>(pub(super) &'a mut Store<State>);

impl Exclusive<'_> {
    /// Lends the store for one call.
    pub(super) fn reborrow(&mut self) -> Exclusive<'_> {
        Exclusive(self.0)
    }
}

impl Caller for Exclusive<'_> {
    async fn call<P, R>(&mut self, function: &TypedFunc<P, R>, params: P) -> wasmtime::Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        function.call_async(&mut *self.0, params).await
    }

    fn call_start(&self, _context: &Context) -> CallStart {
        // The store belongs to this call alone, so the call begins at once.
        CallStart::default()
    }

    fn connect(
        &mut self,
        stream: StreamReader<u8>,
        outcome: FutureReader<Result<(), Error>>,
    ) -> wasmtime::Result<Incoming> {
        Incoming::connect(&mut *self.0, stream, outcome)
    }

    fn with_state<R>(&mut self, reach: impl FnOnce(&mut State) -> R) -> R {
        reach(self.0.data_mut())
    }

    fn table_entries(&mut self) -> usize {
        let of_engine = if self.0.engine().get_concurrency_support() {
            self.0.concurrent_state_table_size()
        } else {
            // Without an event loop, a store has no engine tables.
            0
        };
        self.0.data_mut().table_entries() + of_engine
    }
}

super::registry::runtime_imports!(interfaces::runtime);
super::registry::notifications_imports!(interfaces::notifications);
super::context::context_imports!(interfaces::context);
super::plain_imports::plain_imports!(interfaces);

impl interfaces::sampling::Host for State {
    async fn create_message(
        &mut self,
        ctx: Resource<RequestContext>,
        params: CreateMessageParams,
    ) -> wasmtime::Result<Result<CreateMessageResult, Error>> {
        Ok(self.ask(&ctx, params)?.await)
    }
}

impl interfaces::elicitation::Host for State {
    async fn elicit(
        &mut self,
        ctx: Resource<RequestContext>,
        params: ElicitParams,
    ) -> wasmtime::Result<Result<ElicitResult, Error>> {
        Ok(self.ask(&ctx, params)?.await)
    }
}

impl interfaces::roots::Host for State {
    async fn list_roots(
        &mut self,
        ctx: Resource<RequestContext>,
        meta: Option<String>,
    ) -> wasmtime::Result<Result<ListRootsResult, Error>> {
        Ok(self.ask(&ctx, ListRoots { meta })?.await)
    }
}
