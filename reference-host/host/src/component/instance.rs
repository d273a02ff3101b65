//! One instance in one store: it starts and serves calls until it is lost or used up.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::OptionFuture;
use futures::stream::FuturesUnordered;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore, watch};
use wasmtime::Store;
use wasmtime::component::{Accessor, Resource};

use super::context::{Request, RequestContext};
use super::handlers::{Call, Caller, Handlers, Return};
use super::holdings::HoldsTooMuch;
use super::isolation::Isolation;
use super::job::Job;
use super::limiter::Refused;
use super::load::Component;
use super::output::LastWords;
use super::p2::Exclusive;
use super::p3::Concurrent;
use super::recycling::{RecyclePolicy, RecycleSignal};
use super::registry::Registry;
use super::sandbox::Sandbox;
use super::session_handle::SessionHandle;
use super::shape::{Variant, World};
use super::shares::Charge;
use super::state::{HANDLES, State};
use super::streaming::{StreamLimits, forward};
pub use super::watchdog::ComputingTime;
use super::watchdog::Watchdog;
use super::{failure, registry};
use crate::telemetry::Limit;
use crate::telemetry::LiveCounts;
use wasi_mcp_protocol::{Offer, Schemas};
use wasi_mcp_types::content::Tool;
use wasi_mcp_types::types::Error;

/// Limits of one instance.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InstanceLimits {
    /// The most linear memory that all its memories may have together, in bytes. The same limit
    /// applies to the estimated host memory that its registered schemas use. Default 256 MiB.
    pub memory_bytes: usize,
    /// The most that it may register, in bytes of names, URIs and JSON. Default 64 MiB.
    pub catalog_bytes: usize,
    /// The most memory that the host may keep behind its handles, such as header fields, files and
    /// streams, in bytes and by estimate. Default 64 MiB.
    pub host_bytes: usize,
    /// The most files and folders that it may have open. All instances together get a quarter of
    /// the process's descriptors. Default 128.
    pub descriptors: usize,
    /// The longest time that it may compute without waiting for anything. Default 30 s.
    pub computing: Duration,
    /// The total computing time of all instances of one session. Default: no limit.
    pub computing_in_all: Option<Duration>,
    /// The longest time that it may take to start. Default 60 s.
    pub start: Duration,
    /// The number of calls after which it is replaced, along with the guest's state, as soon as it
    /// is idle: for guests whose memory grows. Default never.
    pub calls: Option<u64>,
    /// The number of entries by which its tables may grow before it is replaced, as soon as it is
    /// idle. The tables hold resources that the guest has not dropped and the engine's records of
    /// calls. Default 10,000, which is some megabytes.
    pub table_entries: usize,
    /// Limits of the resources that it streams.
    pub streams: StreamLimits,
}

impl Default for InstanceLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 256 << 20,
            catalog_bytes: 64 << 20,
            host_bytes: 64 << 20,
            descriptors: 128,
            computing: Duration::from_secs(30),
            computing_in_all: None,
            start: Duration::from_secs(60),
            calls: None,
            table_entries: 10_000,
            streams: StreamLimits::default(),
        }
    }
}

/// The end of an instance.
#[derive(Debug)]
pub enum End {
    /// It did not start; no call was made.
    NotStarted(String),
    /// It trapped or was stopped, for the reason given in words for a client. The calls that it had
    /// accepted are lost with it.
    Lost(String),
    /// It was used up, and was dropped while idle.
    UsedUp,
}

/// A permit for one of this process's instances.
pub type InstancePermit = OwnedSemaphorePermit;

/// The longest time for which a call may have an instance to itself. A repeated subscription that
/// does not return must not delay all other calls.
const ALONE: Duration = Duration::from_secs(1);

/// Everything needed to create instances for a session and run them.
#[derive(Clone)]
pub struct InstanceRunner {
    /// The component.
    pub component: Component,
    /// The grants of each instance.
    pub sandbox: Arc<Sandbox>,
    /// The limits of each instance.
    pub limits: InstanceLimits,
    /// The computing time that the session's instances have used so far.
    pub computing_time: ComputingTime,
    /// Holds a permit for each instance that this process may have.
    pub permits: Arc<Semaphore>,
    /// The session that it serves.
    pub session: Arc<dyn SessionHandle>,
    /// Turns true when the host begins to stop.
    pub stopping: watch::Receiver<bool>,
    /// Determines which calls share an instance.
    pub isolation: Isolation,
    /// False if the session is for a single message, so nothing later can reach the client.
    pub keeps_sessions: bool,
    /// The component's offer, once an instance has made it, where sessions share it.
    pub known_offer: Option<Arc<OnceCell<Offer>>>,
    /// The maximum number of simultaneous instances if each call has its own.
    pub instances: usize,
    /// The time for which a call with its own instance may continue after it is cancelled or times
    /// out.
    pub cancelled_call_grace: Duration,
    /// Counts instances and calls.
    pub live_counts: Arc<LiveCounts>,
}

impl InstanceRunner {
    /// Creates and starts instances and serves jobs until the instance is lost or used up. Dropping
    /// this future drops all instances. Results go to the session.
    ///
    /// With [`Isolation::Session`], a permit is acquired if `permit` is `None`. It is left in
    /// `permit` for the next instance, because another session could take it in between.
    pub async fn run(&self, permit: &mut Option<InstancePermit>) -> End {
        let mut phase = Phase::Starting;
        let ended = match self.isolation {
            Isolation::Session => self.serve_shared(permit, &mut phase).await,
            Isolation::Call => match self.offer().await {
                Ok(offer) => {
                    self.session.started(offer);
                    self.serve_per_call().await
                }
                Err(ending) => Err(ending),
            },
        };
        match (ended, phase) {
            (Ok(()), _) => End::UsedUp,
            (Err(ending), Phase::Starting) => End::NotStarted(ending.in_words()),
            (Err(ending), Phase::Serving) => End::Lost(ending.in_words()),
        }
    }

    /// Serves all jobs with one instance, until it is used up.
    async fn serve_shared(
        &self,
        permit: &mut Option<InstancePermit>,
        phase: &mut Phase,
    ) -> Result<(), Ending> {
        if permit.is_none() {
            *permit = Some(self.acquire_permit()?);
        }
        self.guarded(async |store| self.drive(store, phase).await)
            .await
    }

    /// Does the same as [`guarded`](Self::guarded), with a permit of its own.
    pub(super) async fn guarded_with_permit<T>(
        &self,
        act: impl AsyncFnOnce(Store<State>) -> Result<T, Ending>,
    ) -> Result<T, Ending> {
        let _permit = self.acquire_permit()?;
        self.guarded(act).await
    }

    /// Runs an operation with a new store, supervised by a watchdog.
    async fn guarded<T>(
        &self,
        act: impl AsyncFnOnce(Store<State>) -> Result<T, Ending>,
    ) -> Result<T, Ending> {
        self.check_computing_time()?;
        let mut store = self.store()?;
        let refused = store.data().limiter.refused();
        let exceeded = store.data().holdings.exceeded();
        let last_words = store.data().last_words.clone();
        let watchdog = Watchdog::new(self.computing_time.clone());
        watchdog.guard(&mut store, self.limits.computing);
        let ended = watchdog.run(act(store)).await;
        ended.map_err(|ending| match ending {
            Ending::Failed(error) => self.failed(error, exceeded.get(), &last_words, &refused),
            ending => ending,
        })
    }

    /// Finds the cause of a failure beyond the error itself, and logs its place and the guest's last line.
    fn failed(
        &self,
        mut error: wasmtime::Error,
        exceeded: Option<HoldsTooMuch>,
        last_words: &LastWords,
        refused: &Refused,
    ) -> Ending {
        let observer = self.session.observer();
        let place = failure::place(&error);
        if let Some(held) = exceeded {
            error = held.into();
        } else if failure::is_out_of_handles(&error) {
            observer.reached(Limit::Handles);
        }
        let last_line = last_words.get();
        if place.is_some() || last_line.is_some() {
            let session = observer.session;
            let reason = failure::describe(&error);
            tracing::warn!(session, reason, place, last_line, "the component failed");
        }
        if self.sandbox.tell_last_words {
            if let Some(place) = place {
                error = error.context(failure::FailedAt(place));
            }
            if let Some(line) = last_line {
                error = error.context(failure::LastLine(line));
            }
        }
        if refused.is_set() && exceeded.is_none() {
            return Ending::Starved {
                error,
                memory_bytes: self.limits.memory_bytes,
            };
        }
        Ending::Failed(error)
    }

    async fn drive(&self, mut store: Store<State>, phase: &mut Phase) -> Result<(), Ending> {
        let handlers = self.instantiate(&mut store).await?;
        match self.component.variant() {
            Variant::P2 => {
                let recycling = RecycleSignal::default();
                let mut caller = Exclusive(&mut store);
                let mut policy = self.started(&handlers, &mut caller, phase).await?;
                while !policy.is_used_up() {
                    let job = self.session.next_job().await;
                    policy.begun(&job);
                    let worked = self.work(&handlers, caller.reborrow(), job, &recycling);
                    let (request, result) = worked.await?;
                    self.session.finished(&request, result);
                    policy.ended(0, || caller.table_entries());
                }
                Ok(())
            }
            Variant::P3 => {
                store
                    .run_concurrent(async |accessor| {
                        let mut caller = Concurrent(accessor);
                        let mut policy = self.started(&handlers, &mut caller, phase).await?;
                        self.work_side_by_side(&handlers, accessor, &mut policy)
                            .await
                    })
                    .await?
            }
        }
    }

    /// Makes calls concurrently, until the instance is used up and all its calls have returned.
    async fn work_side_by_side(
        &self,
        handlers: &Handlers,
        accessor: &Accessor<State>,
        policy: &mut RecyclePolicy,
    ) -> Result<(), Ending> {
        // Outlives the calls, which borrow it.
        let recycling = RecycleSignal::default();
        let mut running = FuturesUnordered::new();
        // The deadline until which a call has the instance to itself.
        let mut alone = None;
        while !(policy.is_used_up() && running.is_empty()) {
            let takes_more = alone.is_none() && !policy.is_exhausted();
            tokio::select! {
                biased;
                Some(done) = running.next() => {
                    let (request, result): Worked = done?;
                    self.session.finished(&request, result);
                    policy.ended(running.len(), || Concurrent(accessor).table_entries());
                    if policy.is_used_up() {
                        recycling.set();
                    }
                    if running.is_empty() {
                        alone = None;
                    }
                }
                job = self.session.next_job(), if takes_more => {
                    policy.begun(&job);
                    alone = job.alone.then(|| Box::pin(tokio::time::sleep(ALONE)));
                    running.push(self.work(handlers, Concurrent(accessor), job, &recycling));
                }
                Some(()) = OptionFuture::from(alone.as_mut()) => {
                    let session = self.session.observer().session;
                    tracing::warn!(session, "a subscription is not repeated yet: other calls go on beside it");
                    alone = None;
                }
            }
        }
        Ok(())
    }

    /// Creates an instance in this store and looks up its functions.
    pub(super) async fn instantiate(&self, store: &mut Store<State>) -> Result<Handlers, Ending> {
        let instance = self
            .component
            .instance_pre()
            .instantiate_async(&mut *store)
            .await?;
        Handlers::load(&self.component.shape().exports, store, &instance).map_err(|error| {
            Ending::Refused(format!(
                "an export has another type than this draft of wasi:mcp gives it ({error:#}); \
                 rebuild the component against the packages of this host"
            ))
        })
    }

    /// Checks that the session has computing time left for another instance.
    fn check_computing_time(&self) -> Result<(), Ending> {
        self.computing_time.check().map_err(|end| {
            self.session.observer().reached(Limit::CpuTime);
            Ending::Refused(end.to_string())
        })
    }

    /// Acquires a permit for one of this process's instances.
    fn acquire_permit(&self) -> Result<InstancePermit, Ending> {
        // Retrying later could not succeed.
        self.check_computing_time()?;
        Arc::clone(&self.permits).try_acquire_owned().map_err(|_| {
            self.session.observer().reached(Limit::Instances);
            Ending::Refused("the host runs as many instances as it may: try again later".to_owned())
        })
    }

    /// Creates a store for one instance.
    fn store(&self) -> Result<Store<State>, Ending> {
        let state = State::new(
            &self.sandbox,
            &self.limits,
            Arc::clone(&self.session),
            self.stopping.clone(),
            Registry::new(
                self.isolation,
                self.keeps_sessions,
                self.component.world(),
                &self.limits,
                self.component.schemas().clone(),
            ),
            self.live_counts.instance(),
            self.computing_time.clone(),
            self.component.shares().clone(),
        )
        .map_err(|error| {
            // The text may name folders of the host, so it goes to the log only.
            tracing::error!(error = format!("{error:#}"), "the sandbox cannot be set up");
            Ending::Refused("the sandbox cannot be set up".to_owned())
        })?;
        let mut store = Store::new(self.component.engine(), state);
        store.limiter(|state| &mut state.limiter);
        store.set_max_component_handles(HANDLES);
        Ok(store)
    }

    /// Starts an instance that serves a session, and reports its offer.
    async fn started(
        &self,
        handlers: &Handlers,
        caller: &mut impl Caller,
        phase: &mut Phase,
    ) -> Result<RecyclePolicy, Ending> {
        let offer = self.start(handlers, caller).await?;
        let policy = RecyclePolicy::new(&self.limits, caller.table_entries(), &self.live_counts);
        self.session.started(offer);
        *phase = Phase::Serving;
        Ok(policy)
    }

    /// Runs `start`, or asks a service for its server description, and checks the outcome.
    pub(super) async fn start(
        &self,
        handlers: &Handlers,
        caller: &mut impl Caller,
    ) -> Result<Offer, Ending> {
        let shape = self.component.shape();
        let offer = match shape.world {
            World::Backend => {
                run_start(handlers, caller).await?;
                caller.with_state(|state| state.registry.offer(shape))
            }
            World::Service => match handlers.get_server(caller).await? {
                Ok(server) => {
                    registry::offer(shape, &server, None, self.isolation, self.keeps_sessions)
                }
                Err(error) => Err(format!("`get-server` failed: {}", error.message)),
            },
        };
        offer.map_err(Ending::Refused)
    }

    /// Makes one call, with a context of its own. A stream that it returns ends soon after the
    /// instance is due to be replaced.
    pub(super) async fn work(
        &self,
        handlers: &Handlers,
        mut caller: impl Caller,
        job: Job,
        recycling: &RecycleSignal,
    ) -> wasmtime::Result<Worked> {
        self.live_counts.call();
        let request = Arc::clone(&job.request);
        if let Call::ReadResource(params) = &job.call
            && handlers.streams_resources()
        {
            let params = params.clone();
            let context = self.enter(&mut caller, &job.request)?;
            let streamed = handlers
                .read_resource_stream(&mut caller, context, params)
                .await?;
            match streamed {
                Err(error) => return Ok((request, Err(error))),
                Ok(Some((result, stream, outcome))) => {
                    let incoming = caller.connect(stream, outcome)?;
                    let limits = &self.limits.streams;
                    let forwarded = forward(
                        &*self.session,
                        &request,
                        result,
                        incoming,
                        limits,
                        recycling,
                    );
                    let forwarded = forwarded.await;
                    return Ok((request, forwarded));
                }
                Ok(None) => {}
            }
        }
        let context = self.enter(&mut caller, &job.request)?;
        let result = handlers.call(&mut caller, context, job.call).await?;
        let exceeded = caller.with_state(|state| {
            state.holdings.forget_closed_files();
            state.operations.forget_read_folders();
            state.holdings.exceeded().get()
        });
        if let Some(held) = exceeded {
            // The guest may have made something of the refusals that came of it.
            return Err(held.into());
        }
        if let Ok(Return::ListTools(listed)) = &result {
            self.check_schemas(&listed.tools).await?;
        }
        Ok((request, result))
    }

    /// Checks the schemas of a component's own list in slices, so that the session finds them
    /// checked. The session reports one that breaks a rule.
    async fn check_schemas(&self, tools: &[Tool]) -> wasmtime::Result<()> {
        let schemas = tools
            .iter()
            .flat_map(|tool| [Some(&tool.input_schema), tool.output_schema.as_ref()]);
        let schemas: Vec<String> = schemas.flatten().cloned().collect();
        let charge = Charge {
            time: self.computing_time.clone(),
            most: self.limits.computing,
        };
        let known = self.component.schemas().clone();
        let check = |known: &mut Schemas, schema: String| known.check(&schema).map(drop);
        let shares = self.component.shares();
        // The session finds the same error and describes it.
        let _ = shares
            .work_off(&charge, schemas, String::len, known, check)
            .await?;
        Ok(())
    }

    /// Creates a context for a call that is about to be made.
    fn enter(
        &self,
        caller: &mut impl Caller,
        request: &Arc<Request>,
    ) -> wasmtime::Result<Arc<Resource<RequestContext>>> {
        let context = caller.with_state(|state| state.push_context(Arc::clone(request)))?;
        let context = Arc::new(context);
        self.session
            .call_starting(request.key, caller.call_start(&context));
        Ok(context)
    }
}

/// Runs `start` of a backend, and checks that it has called `serve`.
pub(super) async fn run_start(handlers: &Handlers, caller: &mut impl Caller) -> Result<(), Ending> {
    if let Err(error) = handlers.start(caller).await? {
        return Err(Ending::Refused(format!(
            "`start` failed: {}",
            error.message
        )));
    }
    if !caller.with_state(|state| state.registry.is_served()) {
        return Err(Ending::Refused(
            "`start` returned without having called `serve`".to_owned(),
        ));
    }
    Ok(())
}

/// The progress of an instance.
enum Phase {
    Starting,
    Serving,
}

/// The reason for an instance's premature end.
pub(super) enum Ending {
    /// The component reported an error, or an offer that cannot be served.
    Refused(String),
    /// It trapped, exited or was stopped.
    Failed(wasmtime::Error),
    /// It trapped, exited or was stopped after it had been refused memory.
    Starved {
        /// The underlying failure.
        error: wasmtime::Error,
        /// Its memory limit.
        memory_bytes: usize,
    },
}

impl Ending {
    /// Returns the reason, for a client.
    pub(super) fn in_words(self) -> String {
        match self {
            Self::Refused(reason) => reason,
            Self::Failed(error) => failure::describe(&error),
            Self::Starved {
                error,
                memory_bytes,
            } => {
                let reason = failure::describe(&error);
                format!(
                    "{reason}, after it had been refused more than {memory_bytes} bytes of memory"
                )
            }
        }
    }
}

impl From<wasmtime::Error> for Ending {
    fn from(error: wasmtime::Error) -> Self {
        Self::Failed(error)
    }
}

/// The outcome of a call.
pub(super) type Worked = (Arc<Request>, Result<Return, Error>);
