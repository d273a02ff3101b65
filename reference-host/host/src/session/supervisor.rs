//! The task behind a session. It runs the instance, or one instance for each call, replaces
//! instances that are lost or used up, and keeps the clock.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;

use super::link::{InstancePeer, Link, Serving};
use crate::component::instance::{ComputingTime, End, Plan};
use crate::telemetry::{Limit, SessionEnd, Telemetry};

/// The pause before replacing an instance that was lost without having made a call. It doubles each
/// time up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Runs until the session is closed.
///
/// Callers that bring work may poll this ([`Driven`](super::driving::Driven)). A panic, which is a
/// defect of this host or of its engine, therefore costs the session but not its caller.
pub(super) async fn run(link: Arc<Link>) {
    let closed = link.closed.clone();
    let supervised = async {
        tokio::select! {
            biased;
            () = closed.cancelled() => {}
            () = supervise(&link) => {}
        }
    };
    if AssertUnwindSafe(supervised).catch_unwind().await.is_err() {
        tracing::error!(
            session = link.number,
            "a defect of the host ends the session"
        );
        link.give_up("the host failed");
        link.close(SessionEnd::Failed);
    }
}

async fn supervise(link: &Arc<Link>) {
    let plan = Plan {
        component: link.server.component.clone(),
        sandbox: Arc::clone(&link.server.sandbox),
        limits: link.server.instance.clone(),
        computing_time: ComputingTime::new(link.server.instance.computing_in_all),
        places: Arc::clone(&link.server.instances),
        peer: Arc::new(InstancePeer(Arc::clone(link))),
        stopping: link.stopping(),
        isolation: link.server.isolation,
        instances: link.server.instances_per_session,
        cancelled_call_grace: link.server.cancelled_call_grace,
        live_counts: Arc::clone(link.server.live_counts()),
    };
    demand(link).await;
    let mut place = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let end = tokio::select! {
            end = measured(&link.server.telemetry, plan.run(&mut place, &link.jobs)) => end,
            end = late(link, plan.limits.start) => end,
            () = overdue(link) => {
                link.observer.reached(Limit::CancelledCallTime);
                End::Lost("the component was stopped: it did not return from a cancelled call".to_owned())
            }
        };
        match end {
            End::NotStarted(reason) => {
                // Release the permit for other sessions until an instance is needed again.
                place = None;
                tracing::warn!(session = link.number, reason, "the component did not start");
                plan.live_counts.start_failed();
                link.not_started(&reason);
                demand(link).await;
            }
            End::Lost(reason) => {
                plan.live_counts.instance_lost();
                if link.lost(&reason).is_some_and(Serving::was_in_vain) {
                    let wait = sleep_keeping_the_clock(link, pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    wait.await;
                } else {
                    pause = FIRST_PAUSE;
                }
            }
            End::UsedUp => {
                plan.live_counts.instance_replaced();
                tracing::info!(
                    session = link.number,
                    "an instance is used up: a new one takes its place"
                );
                link.used_up();
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
async fn demand(link: &Link) {
    while !link.is_initializing() && link.jobs.is_empty() {
        wait(link).await;
    }
}

async fn sleep_keeping_the_clock(link: &Link, pause: Duration) {
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = async { loop { wait(link).await; } } => {}
    }
}

/// Resolves when an instance has not started in time. The timer runs outside the instance, because
/// an instance that blocks cannot enforce a limit.
async fn late(link: &Link, limit: Duration) -> End {
    tokio::time::sleep(limit).await;
    if link.is_serving() {
        return std::future::pending().await;
    }
    link.observer.reached(Limit::StartTime);
    End::NotStarted(format!("the component did not start within {limit:?}"))
}

/// Keeps the clock while an instance runs; resolves when it must be replaced.
async fn overdue(link: &Link) {
    while !wait(link).await {}
}

/// Waits for the next timeout or a wake-up, and performs the actions that are due first. Returns
/// whether the instance must be replaced.
async fn wait(link: &Link) -> bool {
    let tick = link.tick();
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
        () = link.wake.notified() => {}
        () = sleep => {}
    }
    false
}
