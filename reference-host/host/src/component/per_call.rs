//! One instance for each call: it is created, started, makes the call and is dropped.
//!
//! All of them run inside the session's future. No task is spawned, so dropping that future drops
//! every instance.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use super::context::Request;
use super::failure::not_returned;
use super::handlers::{Caller, Handlers};
use super::instance::{Ending, InstanceRunner, Worked, run_start};
use super::job::Job;
use super::p2::Exclusive;
use super::p3::Concurrent;
use super::recycling::RecycleSignal;
use super::shape::{Variant, World};
use crate::telemetry::Limit;
use wasi_mcp_protocol::Offer;

impl InstanceRunner {
    /// Returns the component's offer, which a first instance makes unless it is known.
    pub(super) async fn offer(&self) -> Result<Offer, Ending> {
        match &self.known_offer {
            Some(known) => known.get_or_try_init(|| self.first_offer()).await.cloned(),
            None => self.first_offer().await,
        }
    }

    /// Asks a first instance what the component offers.
    async fn first_offer(&self) -> Result<Offer, Ending> {
        self.guarded_with_permit(async |mut store| {
            let handlers = self.instantiate(&mut store).await?;
            match self.component.variant() {
                Variant::P2 => self.start(&handlers, &mut Exclusive(&mut store)).await,
                Variant::P3 => {
                    store
                        .run_concurrent(async |accessor| {
                            self.start(&handlers, &mut Concurrent(accessor)).await
                        })
                        .await?
                }
            }
        })
        .await
    }

    /// Serves each job with an instance of its own, several at a time. Runs until it is dropped.
    pub(super) async fn serve_per_call(&self) -> Result<(), Ending> {
        let mut running = FuturesUnordered::new();
        loop {
            let has_room = running.len() < self.instances;
            tokio::select! {
                biased;
                Some(()) = running.next() => {
                    if !has_room && self.session.has_jobs() {
                        // These jobs had to wait for a free instance.
                        self.session.observer().reached(Limit::SessionInstances);
                    }
                }
                job = self.session.next_job(), if has_room => running.push(self.serve_one(job)),
            }
        }
    }

    async fn serve_one(&self, job: Job) {
        let request = Arc::clone(&job.request);
        let subject = job.call.subject();
        let has_started = AtomicBool::new(false);
        let worked = tokio::select! {
            biased;
            worked = self.make_call(job, &has_started) => worked.map_err(Ending::in_words),
            () = late(&has_started, self.limits.start) => {
                self.session.observer().reached(Limit::StartTime);
                Err(format!("the component did not start within {:?}", self.limits.start))
            }
            () = given_up(&request, self.cancelled_call_grace) => {
                self.session.observer().reached(Limit::CancelledCallTime);
                Err(not_returned())
            }
        };
        match worked {
            Ok((request, result)) => self.session.finished(&request, result),
            Err(reason) => {
                let session = self.session.observer().session;
                tracing::warn!(session, reason, %subject, "an instance was lost");
                if has_started.load(Ordering::Relaxed) {
                    self.live_counts.instance_lost();
                } else {
                    self.live_counts.start_failed();
                }
                self.session
                    .lost(request.key, format!("{reason}, while it ran {subject}"));
            }
        }
    }

    /// Creates and starts an instance and makes this call in it.
    async fn make_call(&self, job: Job, has_started: &AtomicBool) -> Result<Worked, Ending> {
        self.guarded_with_permit(async |mut store| {
            let handlers = self.instantiate(&mut store).await?;
            // An instance of one call is never replaced before the call ends.
            let recycling = RecycleSignal::default();
            match self.component.variant() {
                Variant::P2 => {
                    let mut caller = Exclusive(&mut store);
                    self.start_again(&handlers, &mut caller).await?;
                    has_started.store(true, Ordering::Relaxed);
                    Ok(self.work(&handlers, caller, job, &recycling).await?)
                }
                Variant::P3 => {
                    store
                        .run_concurrent(async |accessor| {
                            self.start_again(&handlers, &mut Concurrent(accessor))
                                .await?;
                            has_started.store(true, Ordering::Relaxed);
                            let caller = Concurrent(accessor);
                            Ok(self.work(&handlers, caller, job, &recycling).await?)
                        })
                        .await?
                }
            }
        })
        .await
    }

    /// Starts an instance of a component whose offer is known. A backend must register again; a
    /// service needs no registration.
    async fn start_again(
        &self,
        handlers: &Handlers,
        caller: &mut impl Caller,
    ) -> Result<(), Ending> {
        match self.component.shape().world {
            World::Backend => run_start(handlers, caller).await,
            World::Service => Ok(()),
        }
    }
}

/// Resolves when an instance has not started in time. The timer runs outside the instance, because
/// an instance that blocks cannot enforce a limit.
async fn late(has_started: &AtomicBool, limit: std::time::Duration) {
    tokio::time::sleep(limit).await;
    if has_started.load(Ordering::Relaxed) {
        std::future::pending().await
    }
}

/// Resolves once a request has been cancelled or timed out for `grace`.
async fn given_up(request: &Request, grace: std::time::Duration) {
    // The reason is meant for the guest.
    let _ = request.end.cancelled().await;
    tokio::time::sleep(grace).await;
}
