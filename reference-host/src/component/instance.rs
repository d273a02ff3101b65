//! One instance in one store: it starts and serves calls until it is lost.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::sync::watch;
use wasmtime::Store;

use super::bindings::types::Error;
use super::handlers::{Caller, Handlers, Return};
use super::jobs::{Job, Jobs};
use super::load::Component;
use super::p2::Exclusive;
use super::p3::Concurrent;
use super::peer::Peer;
use super::sandbox::Sandbox;
use super::shape::{Variant, World};
use super::state::State;
use super::watchdog::Watchdog;
use super::{failure, registry};
use crate::protocol::RequestKey;

/// What one instance may use.
#[derive(Debug, Clone)]
pub struct InstanceLimits {
    /// The most linear memory that all its memories may have together, in bytes.
    pub memory_bytes: usize,
    /// How long it may compute without waiting for anything.
    pub computing: Duration,
    /// How long it may take to start.
    pub start: Duration,
}

impl Default for InstanceLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 256 << 20,
            computing: Duration::from_secs(30),
            start: Duration::from_secs(60),
        }
    }
}

/// How an instance ended.
#[derive(Debug)]
pub enum End {
    /// It did not start; nothing was called.
    NotStarted(String),
    /// It trapped or was stopped, for the reason given in words for a client:
    /// the calls that it had taken went with it.
    Lost(String),
}

/// What an instance is made of and for.
#[derive(Clone)]
pub struct Plan {
    /// The component.
    pub component: Component,
    /// What it is granted.
    pub sandbox: Arc<Sandbox>,
    /// What it may use.
    pub limits: InstanceLimits,
    /// The session that it serves.
    pub peer: Arc<dyn Peer>,
    /// Turns true when the host begins to stop.
    pub stopping: watch::Receiver<bool>,
}

impl Plan {
    /// Makes an instance, starts it and serves jobs until it is lost or this
    /// future is dropped. Results go to the peer.
    pub async fn run(&self, jobs: &Jobs) -> End {
        let mut phase = Phase::Starting;
        let Err(ending) = self.start_and_serve(jobs, &mut phase).await;
        match ending {
            Ending::Refused(reason) => End::NotStarted(reason),
            Ending::Failed(error) => {
                let reason = failure::describe(&error);
                tracing::debug!(error = format!("{error:?}"), "what the engine says of it");
                match phase {
                    Phase::Starting => End::NotStarted(reason),
                    Phase::Serving => End::Lost(reason),
                }
            }
        }
    }

    async fn start_and_serve(&self, jobs: &Jobs, phase: &mut Phase) -> Result<Infallible, Ending> {
        let mut store = self.store()?;
        let watchdog = Watchdog::default();
        watchdog.guard(&mut store, self.limits.computing);
        watchdog.run(self.drive(store, jobs, phase)).await
    }

    async fn drive(
        &self,
        mut store: Store<State>,
        jobs: &Jobs,
        phase: &mut Phase,
    ) -> Result<Infallible, Ending> {
        let instance = self
            .component
            .instance_pre()
            .instantiate_async(&mut store)
            .await?;
        let handlers = Handlers::load(&self.component.shape().exports, &mut store, &instance)
            .map_err(|error| {
                Ending::Refused(format!(
                    "an export has another type than this draft of wasi:mcp gives it ({error:#}); \
                     rebuild the component against the packages of this host"
                ))
            })?;
        match self.component.variant() {
            Variant::P2 => {
                let mut caller = Exclusive(&mut store);
                self.start(&handlers, &mut caller, phase).await?;
                loop {
                    let job = jobs.next().await;
                    if self.peer.taken(&job) {
                        let (key, result) = work(&handlers, caller.reborrow(), &*self.peer, job).await?;
                        self.peer.finished(key, result);
                    }
                }
            }
            Variant::P3 => {
                store
                    .run_concurrent(async |accessor| {
                        self.start(&handlers, &mut Concurrent(accessor), phase)
                            .await?;
                        let mut running = FuturesUnordered::new();
                        loop {
                            tokio::select! {
                                biased;
                                Some(done) = running.next() => {
                                    let (key, result): Worked = done?;
                                    self.peer.finished(key, result);
                                }
                                job = jobs.next() => {
                                    if self.peer.taken(&job) {
                                        running.push(work(&handlers, Concurrent(accessor), &*self.peer, job));
                                    }
                                }
                            }
                        }
                    })
                    .await?
            }
        }
    }

    fn store(&self) -> Result<Store<State>, Ending> {
        let state = State::new(
            &self.sandbox,
            self.limits.memory_bytes,
            Arc::clone(&self.peer),
            self.stopping.clone(),
        )
        .map_err(|error| {
            // The text may name folders of the host: it is for the log alone.
            tracing::error!(error = format!("{error:#}"), "the sandbox cannot be set up");
            Ending::Refused("the sandbox cannot be set up".to_owned())
        })?;
        let mut store = Store::new(self.component.engine(), state);
        store.limiter(|state| &mut state.limiter);
        Ok(store)
    }

    /// Runs `start`, or asks for the server, and checks what was said.
    async fn start(
        &self,
        handlers: &Handlers,
        caller: &mut impl Caller,
        phase: &mut Phase,
    ) -> Result<(), Ending> {
        let shape = self.component.shape();
        let offer = match shape.world {
            World::Backend => match handlers.start(caller).await? {
                Ok(()) => caller.with_state(|state| state.registry.offer(shape)),
                Err(error) => Err(format!("`start` failed: {}", error.message)),
            },
            World::Service => match handlers.get_server(caller).await? {
                Ok(server) => registry::offer(shape, &server, None),
                Err(error) => Err(format!("`get-server` failed: {}", error.message)),
            },
        };
        self.peer.started(offer.map_err(Ending::Refused)?);
        *phase = Phase::Serving;
        Ok(())
    }
}

/// How far an instance has come.
enum Phase {
    Starting,
    Serving,
}

/// Why an instance ended before its time.
enum Ending {
    /// The component said so, or said something that cannot be served.
    Refused(String),
    /// It trapped, exited or was stopped.
    Failed(wasmtime::Error),
}

impl From<wasmtime::Error> for Ending {
    fn from(error: wasmtime::Error) -> Self {
        Self::Failed(error)
    }
}

type Worked = (RequestKey, Result<Return, Error>);

/// Makes one call, with a context of its own.
async fn work(
    handlers: &Handlers,
    mut caller: impl Caller,
    peer: &dyn Peer,
    job: Job,
) -> wasmtime::Result<Worked> {
    let key = job.request.key;
    let context = Arc::new(caller.with_state(|state| state.push_context(job.request))?);
    peer.entering(key, caller.entrance(&context));
    let result = handlers.call(&mut caller, context, job.call).await?;
    Ok((key, result))
}
