//! The edge to components of `wasi:mcp@0.3.0-draft`: functions that may wait
//! are async, and calls of one instance run concurrently.

use futures::FutureExt as _;
use wasmtime::AsContextMut as _;
use wasmtime::component::{
    Access, Accessor, ComponentNamedList, FutureReader, HasSelf, Lift, Linker, Lower, Resource,
    TypedFunc,
};

use super::bindings::content::{
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, ListRootsResult,
};
use super::bindings::p3::wasi::mcp::{context, notifications, runtime};
use super::bindings::types::Error;
use super::context::{ListRoots, RequestContext, request};
use super::entrance::Entrance;
use super::handlers::{Caller, Context};
use super::state::State;

/// Links the imports of the 0.3 package. `types`, `capabilities` and `content`
/// have no functions.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    context::add_to_linker::<_, HasSelf<State>>(linker, |state| state)?;
    runtime::add_to_linker::<_, HasSelf<State>>(linker, |state| state)?;
    notifications::add_to_linker::<_, HasSelf<State>>(linker, |state| state)
}

/// Calls through an accessor: the store's event loop runs the calls of an
/// instance side by side.
pub(super) struct Concurrent<'a>(pub(super) &'a Accessor<State>);

impl Caller for Concurrent<'_> {
    async fn call<P, R>(&mut self, function: &TypedFunc<P, R>, params: P) -> wasmtime::Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        function.call_concurrent(self.0, params).await
    }

    fn entrance(&self, context: &Context) -> Entrance {
        Entrance::of(context)
    }

    fn with_state<R>(&mut self, reach: impl FnOnce(&mut State) -> R) -> R {
        self.0.with(|mut access| reach(access.get()))
    }

    fn table_entries(&mut self) -> usize {
        self.0.with(|mut access| {
            let of_host = access.get().table_entries();
            // Made for the engine's own tests; there is no other way to see
            // what it keeps.
            of_host + access.as_context_mut().concurrent_state_table_size()
        })
    }
}

super::registry::runtime_imports!(runtime);
super::registry::notifications_imports!(notifications);

impl<T: Send> runtime::HostWithStore<T> for HasSelf<State> {
    fn stopped(mut store: Access<T, Self>) -> wasmtime::Result<FutureReader<()>> {
        let state = store.get();
        state.peer.awaits_stop();
        let mut stopping = state.stopping.clone();
        let stopped = async move {
            // An error says that the session is gone altogether.
            let _ = stopping.wait_for(|stopping| *stopping).await;
            Ok::<_, wasmtime::Error>(())
        };
        FutureReader::new(store, stopped.boxed())
    }
}

impl context::Host for State {}

impl context::HostRequestContext for State {
    super::context::request_context_methods!();
}

impl<T: Send> context::HostRequestContextWithStore<T> for HasSelf<State> {
    async fn create_message(
        accessor: &Accessor<T, Self>,
        handle: Resource<RequestContext>,
        params: CreateMessageParams,
    ) -> wasmtime::Result<Result<CreateMessageResult, Error>> {
        let answer = accessor.with(|mut access| access.get().ask(&handle, params))?;
        Ok(answer.await)
    }

    async fn elicit(
        accessor: &Accessor<T, Self>,
        handle: Resource<RequestContext>,
        params: ElicitParams,
    ) -> wasmtime::Result<Result<ElicitResult, Error>> {
        let answer = accessor.with(|mut access| access.get().ask(&handle, params))?;
        Ok(answer.await)
    }

    async fn list_roots(
        accessor: &Accessor<T, Self>,
        handle: Resource<RequestContext>,
        meta: Option<String>,
    ) -> wasmtime::Result<Result<ListRootsResult, Error>> {
        let answer = accessor.with(|mut access| access.get().ask(&handle, ListRoots { meta }))?;
        Ok(answer.await)
    }

    fn cancelled(
        mut store: Access<T, Self>,
        handle: Resource<RequestContext>,
    ) -> wasmtime::Result<FutureReader<Option<String>>> {
        let request = request(store.get(), &handle)?;
        let reason = async move { Ok::<_, wasmtime::Error>(request.cancelled.reason().await) };
        FutureReader::new(store, reason.boxed())
    }
}
