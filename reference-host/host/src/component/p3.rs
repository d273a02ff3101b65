//! The edge to components of `wasi:mcp@0.3.0-draft2`: functions that may wait are async, and calls
//! of one instance run concurrently.

use wasi_mcp_types::content::{
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, ListRootsResult,
};
use wasi_mcp_types::types::Error;
use wasmtime::AsContextMut as _;
use wasmtime::component::{
    Accessor, ComponentNamedList, FutureReader, HasSelf, Lift, Linker, Lower, Resource,
    StreamReader, TypedFunc,
};

use super::asking::ListRoots;
use super::bindings::p3::wasi::mcp as interfaces;
use super::call_start::CallStart;
use super::context::RequestContext;
use super::handlers::{Caller, Context};
use super::linking::link_imports;
use super::state::State;
use super::streaming::Incoming;

/// Links the imports of the 0.3 package.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    link_imports!(linker, interfaces)
}

/// Calls through an accessor: the store's event loop runs the calls of an instance concurrently.
pub(super) struct Concurrent<'a>(pub(super) &'a Accessor<State>);

impl Caller for Concurrent<'_> {
    async fn call<P, R>(&mut self, function: &TypedFunc<P, R>, params: P) -> wasmtime::Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        function.call_concurrent(self.0, params).await
    }

    fn call_start(&self, context: &Context) -> CallStart {
        CallStart::of(context)
    }

    fn connect(
        &mut self,
        stream: StreamReader<u8>,
        outcome: FutureReader<Result<(), Error>>,
    ) -> wasmtime::Result<Incoming> {
        self.0
            .with(|mut access| Incoming::connect(&mut access, stream, outcome))
    }

    fn with_state<R>(&mut self, reach: impl FnOnce(&mut State) -> R) -> R {
        self.0.with(|mut access| reach(access.get()))
    }

    fn table_entries(&mut self) -> usize {
        self.0.with(|mut access| {
            let of_host = access.get().table_entries();
            // Meant for the engine's own tests, but the only way to see the size of its tables.
            of_host + access.as_context_mut().concurrent_state_table_size()
        })
    }
}

super::registry::runtime_imports!(interfaces::runtime);
super::registry::notifications_imports!(interfaces::notifications);
super::context::context_imports!(interfaces::context);
super::plain_imports::plain_imports!(interfaces);

impl<T: Send> interfaces::context::HostWithStore<T> for HasSelf<State> {
    async fn wait_cancelled(
        accessor: &Accessor<T, Self>,
        ctx: Resource<RequestContext>,
    ) -> wasmtime::Result<Option<interfaces::context::Cancellation>> {
        let RequestContext(request) = accessor.with(|mut access| access.get().table.delete(ctx))?;
        let cancellation = request.end.cancelled().await;
        Ok(cancellation.map(|it| interfaces::context::Cancellation { reason: it.reason }))
    }
}

impl<T: Send> interfaces::shutdown::HostWithStore<T> for HasSelf<State> {
    async fn wait_stopped(accessor: &Accessor<T, Self>) -> wasmtime::Result<()> {
        let mut stopping = accessor.with(|mut access| {
            let state = access.get();
            state.session.awaits_stop();
            state.stopping.clone()
        });
        // An error means that the session is already gone.
        let _ = stopping.wait_for(|stopping| *stopping).await;
        Ok(())
    }
}

impl interfaces::sampling::Host for State {}

impl<T: Send> interfaces::sampling::HostWithStore<T> for HasSelf<State> {
    async fn create_message(
        accessor: &Accessor<T, Self>,
        ctx: Resource<RequestContext>,
        params: CreateMessageParams,
    ) -> wasmtime::Result<Result<CreateMessageResult, Error>> {
        let answer = accessor.with(|mut access| access.get().ask(&ctx, params))?;
        Ok(answer.await)
    }
}

impl interfaces::elicitation::Host for State {}

impl<T: Send> interfaces::elicitation::HostWithStore<T> for HasSelf<State> {
    async fn elicit(
        accessor: &Accessor<T, Self>,
        ctx: Resource<RequestContext>,
        params: ElicitParams,
    ) -> wasmtime::Result<Result<ElicitResult, Error>> {
        let answer = accessor.with(|mut access| access.get().ask(&ctx, params))?;
        Ok(answer.await)
    }
}

impl interfaces::roots::Host for State {}

impl<T: Send> interfaces::roots::HostWithStore<T> for HasSelf<State> {
    async fn list_roots(
        accessor: &Accessor<T, Self>,
        ctx: Resource<RequestContext>,
        meta: Option<String>,
    ) -> wasmtime::Result<Result<ListRootsResult, Error>> {
        let answer = accessor.with(|mut access| access.get().ask(&ctx, ListRoots { meta }))?;
        Ok(answer.await)
    }
}
