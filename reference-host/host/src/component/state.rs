//! The data of a guest's store.

use std::sync::Arc;

use tokio::sync::watch;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::extension::Extension;
use super::instance::InstanceLimits;
use super::limiter::Limiter;
use super::outgoing::HttpGrant;
use super::registry::Registry;
use super::sandbox::{Sandbox, SandboxError};
use super::session_handle::SessionHandle;
use crate::telemetry::LiveGuard;

/// The data of one store, for the functions that an embedder adds to the linker.
pub struct State {
    extension: Extension,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    http_grant: HttpGrant,
    pub(super) limiter: Limiter,
    pub(super) table: ResourceTable,
    pub(super) registry: Registry,
    pub(super) session: Arc<dyn SessionHandle>,
    pub(super) stopping: watch::Receiver<bool>,
    /// Counts this store.
    _live: LiveGuard,
}

impl State {
    pub(super) fn new(
        sandbox: &Sandbox,
        limits: &InstanceLimits,
        session: Arc<dyn SessionHandle>,
        stopping: watch::Receiver<bool>,
        registry: Registry,
        live: LiveGuard,
    ) -> Result<Self, SandboxError> {
        let origin = session.origin();
        Ok(Self {
            extension: sandbox.extension.clone(),
            wasi: sandbox.wasi(&origin)?,
            http: WasiHttpCtx::new(),
            http_grant: sandbox.http(session.observer().clone()),
            limiter: Limiter::new(limits.memory_bytes, session.observer().clone()),
            table: table(),
            registry,
            session,
            stopping,
            _live: live,
        })
    }
}

impl State {
    /// Returns the embedder's value of this type, which
    /// [`Sandbox::extension`](super::Sandbox::extension) holds.
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.extension.get()
    }

    /// Returns the number of entries that the guest's resources have in the host's table.
    pub(super) fn table_entries(&mut self) -> usize {
        self.table.iter_mut().count()
    }
}

/// The most resources that a guest may hold at a time: contexts, streams, files.
const RESOURCES: usize = 100_000;

fn table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(RESOURCES);
    table
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.http_grant,
        }
    }
}
