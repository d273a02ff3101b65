//! The edge to components of `wasi:mcp@0.2.0-draft`: functions block, and an
//! instance does one call at a time.

use wasmtime::Store;
use wasmtime::component::{ComponentNamedList, HasSelf, Lift, Linker, Lower, Resource, TypedFunc};

use super::bindings::content::{
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, ListRootsResult,
};
use super::bindings::p2::wasi::mcp::{context, notifications, runtime};
use super::bindings::types::Error;
use super::context::{ListRoots, RequestContext};
use super::entrance::Entrance;
use super::handlers::{Caller, Context};
use super::state::State;

/// Links the imports of the 0.2 package. `types`, `capabilities` and `content`
/// have no functions.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    context::add_to_linker::<_, HasSelf<State>>(linker, |state| state)?;
    runtime::add_to_linker::<_, HasSelf<State>>(linker, |state| state)?;
    notifications::add_to_linker::<_, HasSelf<State>>(linker, |state| state)
}

/// Calls with the whole store: nothing else of the instance runs meanwhile.
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

    fn entrance(&self, _context: &Context) -> Entrance {
        // The store is this call's alone: it begins at once.
        Entrance::default()
    }

    fn with_state<R>(&mut self, reach: impl FnOnce(&mut State) -> R) -> R {
        reach(self.0.data_mut())
    }

    fn table_entries(&mut self) -> usize {
        let of_engine = if self.0.engine().get_concurrency_support() {
            self.0.concurrent_state_table_size()
        } else {
            // Without an event loop a store has no tables of the engine's own.
            0
        };
        self.0.data_mut().table_entries() + of_engine
    }
}

super::registry::runtime_imports!(runtime);
super::registry::notifications_imports!(notifications);

impl context::Host for State {}

impl context::HostRequestContext for State {
    super::context::request_context_methods!();

    async fn create_message(
        &mut self,
        handle: Resource<RequestContext>,
        params: CreateMessageParams,
    ) -> wasmtime::Result<Result<CreateMessageResult, Error>> {
        Ok(self.ask(&handle, params)?.await)
    }

    async fn elicit(
        &mut self,
        handle: Resource<RequestContext>,
        params: ElicitParams,
    ) -> wasmtime::Result<Result<ElicitResult, Error>> {
        Ok(self.ask(&handle, params)?.await)
    }

    async fn list_roots(
        &mut self,
        handle: Resource<RequestContext>,
        meta: Option<String>,
    ) -> wasmtime::Result<Result<ListRootsResult, Error>> {
        Ok(self.ask(&handle, ListRoots { meta })?.await)
    }
}
