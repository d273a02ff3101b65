//! The data of a guest's store.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::denials::Denials;
use super::extension::Extension;
use super::files::Operations;
use super::holdings::{HoldingLimits, Holdings, HoldsTooMuch};
use super::instance::InstanceLimits;
use super::limiter::Limiter;
use super::outgoing::HttpGrant;
use super::output::LastWords;
use super::registry::Registry;
use super::sandbox::{Sandbox, SandboxError};
use super::session_handle::SessionHandle;
use super::shares::Shares;
use super::watchdog::ComputingTime;
use crate::telemetry::LiveGuard;
use wasi_mcp_protocol::Denied;

/// The data of one store, for the functions that an embedder adds to the linker.
pub struct State {
    extension: Extension,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    http_grant: HttpGrant,
    pub(super) limiter: Limiter,
    pub(super) table: ResourceTable,
    pub(super) holdings: Holdings,
    /// The operations on files in progress.
    pub(super) operations: Operations,
    /// The end of the guest's standard error.
    pub(super) last_words: LastWords,
    /// Logs denied accesses of the guest.
    pub(super) denials: Denials,
    /// The requests to the client that the guest may not make.
    pub(super) denied: Denied,
    pub(super) shares: Shares,
    /// The computing time that the session's instances have used.
    pub(super) computing_time: ComputingTime,
    pub(super) most_computing: Duration,
    pub(super) registry: Registry,
    pub(super) session: Arc<dyn SessionHandle>,
    pub(super) stopping: watch::Receiver<bool>,
    /// Counts this store.
    _live: LiveGuard,
}

impl State {
    #[allow(
        clippy::too_many_arguments,
        reason = "each is another part of the store"
    )]
    pub(super) fn new(
        sandbox: &Sandbox,
        limits: &InstanceLimits,
        session: Arc<dyn SessionHandle>,
        stopping: watch::Receiver<bool>,
        registry: Registry,
        live: LiveGuard,
        computing_time: ComputingTime,
        shares: Shares,
    ) -> Result<Self, SandboxError> {
        let origin = session.origin();
        let observer = session.observer().clone();
        let denials = Denials::new(observer.session);
        let last_words = LastWords::default();
        let holding_limits = HoldingLimits {
            bytes: limits.host_bytes,
            descriptors: limits.descriptors,
        };
        Ok(Self {
            extension: sandbox.extension.clone(),
            wasi: sandbox.wasi(&origin, &last_words)?,
            last_words,
            http: WasiHttpCtx::new(),
            http_grant: sandbox.http(
                shares.descriptors.clone(),
                observer.clone(),
                denials.clone(),
            ),
            limiter: Limiter::new(limits.memory_bytes, observer.clone()),
            table: table(),
            holdings: Holdings::new(holding_limits, shares.descriptors.clone(), observer),
            operations: Operations::default(),
            denials,
            denied: sandbox.denied,
            shares,
            computing_time,
            most_computing: limits.computing,
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

    /// Checks the limit on what the host keeps for the guest.
    pub(super) fn check_holdings(&mut self) -> Result<(), HoldsTooMuch> {
        self.holdings.check(&mut self.table)
    }

    /// Counts a call into WASI. Beyond the limit on what the host keeps for the guest, no
    /// handle and no header field is added, until the guest is stopped at the next tick.
    fn count_call(&mut self) {
        if !self.holdings.count_call(&mut self.table) {
            self.table.set_max_capacity(0);
            self.http.set_field_size_limit(0);
        }
    }
}

/// The most handles that a guest may hold at a time: contexts, streams, files, tasks.
pub(super) const HANDLES: usize = 100_000;

fn table() -> ResourceTable {
    let mut table = ResourceTable::new();
    table.set_max_capacity(HANDLES);
    table
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.count_call();
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.count_call();
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.http_grant,
        }
    }
}
