//! The task behind a session. It runs the instance, or one instance for each call, replaces
//! instances that are lost or used up, and keeps the clock.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;

use super::core::SessionCore;
use super::instance_side::InstanceSide;
use super::state::Serving;
use crate::component::failure::not_returned;
use crate::component::instance::{ComputingTime, End, InstanceRunner};
use crate::telemetry::{Limit, SessionEnd, Telemetry};

/// The pause before replacing an instance that was lost without having made a call. It doubles each
/// time up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Runs until the session is closed.
///
/// Callers that bring work may poll this ([`InlineTask`](super::inline_task::InlineTask)). A panic, which is a
/// defect of this host or of its engine, therefore costs the session but not its caller.
pub(super) async fn run(core: Arc<SessionCore>) {
    let closed = core.closed.clone();
    let supervised = async {
        tokio::select! {
            biased;
            () = closed.cancelled() => {}
            () = supervise(&core) => {}
        }
    };
    if AssertUnwindSafe(supervised).catch_unwind().await.is_err() {
        tracing::error!(
            session = core.number,
            "a defect of the host ends the session"
        );
        core.give_up("the host failed");
        core.close(SessionEnd::Failed);
    }
}

async fn supervise(core: &Arc<SessionCore>) {
    demand(core).await;
    let principal = core.lock().principal.clone();
    let runner = InstanceRunner {
        component: core.server.component.clone(),
        sandbox: core.server.sandbox_of(core.number, principal.as_deref()),
        limits: core.server.instance.clone(),
        computing_time: ComputingTime::new(core.server.instance.computing_in_all),
        permits: Arc::clone(&core.server.instances),
        session: Arc::new(InstanceSide(Arc::clone(core))),
        stopping: core.stopping.subscribe(),
        isolation: core.server.isolation,
        keeps_sessions: core.server.keeps_sessions,
        known_offer: core.server.known_offer.clone(),
        instances: core.server.instances_per_session,
        cancelled_call_grace: core.server.cancelled_call_grace,
        live_counts: Arc::clone(core.server.live_counts()),
    };
    let mut permit = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let end = tokio::select! {
            end = measured(&core.server.telemetry, runner.run(&mut permit)) => end,
            end = late(core, runner.limits.start) => end,
            () = overdue(core) => {
                core.observer.reached(Limit::CancelledCallTime);
                End::Lost(not_returned())
            }
        };
        match end {
            End::NotStarted(reason) => {
                // Release the permit for other sessions until an instance is needed again.
                permit = None;
                tracing::warn!(session = core.number, reason, "the component did not start");
                runner.live_counts.start_failed();
                core.not_started(&reason);
                demand(core).await;
            }
            End::Lost(reason) => {
                runner.live_counts.instance_lost();
                if core.lost(&reason).is_some_and(Serving::was_in_vain) {
                    let wait = sleep_keeping_the_clock(core, pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    wait.await;
                } else {
                    pause = FIRST_PAUSE;
                }
            }
            End::UsedUp => {
                runner.live_counts.instance_replaced();
                tracing::info!(
                    session = core.number,
                    "an instance is used up: a new one takes its place"
                );
                core.used_up();
            }
        }
    }
}

/// Adds the time spent in polling to the metrics, if that is enabled: reading the clock has a cost.
async fn measured<F: Future>(telemetry: &Telemetry, driving: F) -> F::Output {
    if !telemetry.measures_guests {
        return driving.await;
    }
    let mut driving = pin!(driving);
    std::future::poll_fn(|context| {
        let began = Instant::now();
        let polled = driving.as_mut().poll(context);
        telemetry.guest_time.add(began.elapsed());
        polled
    })
    .await
}

/// Waits until an instance is needed, and keeps the clock meanwhile.
async fn demand(core: &SessionCore) {
    while !core.is_initializing() && !core.has_queued_calls() {
        wait(core).await;
    }
}

async fn sleep_keeping_the_clock(core: &SessionCore, pause: Duration) {
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = async { loop { wait(core).await; } } => {}
    }
}

/// Resolves when an instance has not started in time. The timer runs outside the instance, because
/// an instance that blocks cannot enforce a limit.
async fn late(core: &SessionCore, limit: Duration) -> End {
    tokio::time::sleep(limit).await;
    if core.is_serving() {
        return std::future::pending().await;
    }
    core.observer.reached(Limit::StartTime);
    End::NotStarted(format!("the component did not start within {limit:?}"))
}

/// Keeps the clock while an instance runs; resolves when it must be replaced.
async fn overdue(core: &SessionCore) {
    while !wait(core).await {}
}

/// Waits for the next timeout or a wake-up, and performs the actions that are due first. Returns
/// whether the instance must be replaced.
async fn wait(core: &SessionCore) -> bool {
    let tick = core.tick();
    if tick.replace_instance {
        return true;
    }
    let sleep = async {
        match tick.next {
            Some(next) => tokio::time::sleep_until(next.into()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = core.wake.notified() => {}
        () = sleep => {}
    }
    false
}
