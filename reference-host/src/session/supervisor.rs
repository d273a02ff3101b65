//! The task behind a session: it runs the instance, replaces a lost one, and
//! keeps the clock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::link::{InstancePeer, Link};
use crate::component::instance::{End, Plan};

/// An instance that is lost sooner than this after its start is replaced only
/// when there is work for it: a guest that traps by itself must not keep the
/// host busy.
const SHORT_LIFE: Duration = Duration::from_secs(1);

/// Runs until the session is closed.
pub(super) async fn run(link: Arc<Link>) {
    let closed = link.closed.clone();
    tokio::select! {
        biased;
        () = closed.cancelled() => {}
        () = supervise(&link) => {}
    }
}

async fn supervise(link: &Arc<Link>) {
    let plan = Plan {
        component: link.server.component.clone(),
        sandbox: Arc::clone(&link.server.sandbox),
        limits: link.server.instance.clone(),
        peer: Arc::new(InstancePeer(Arc::clone(link))),
        stopping: link.stopping(),
    };
    let mut restart_at_once = false;
    loop {
        if !restart_at_once {
            demand(link).await;
        }
        let begun = Instant::now();
        let end = tokio::select! {
            end = plan.run(&link.jobs) => end,
            () = overdue(link) => End::Lost("it did not return from a cancelled call".to_owned()),
        };
        match end {
            End::NotStarted(reason) => {
                tracing::error!(reason, "the component did not start");
                link.not_started(&reason);
                restart_at_once = false;
            }
            End::Lost(reason) => {
                link.lost(&reason);
                restart_at_once = begun.elapsed() >= SHORT_LIFE;
            }
        }
    }
}

/// Waits until an instance is needed, and keeps the clock meanwhile.
async fn demand(link: &Link) {
    while !link.is_initializing() && link.jobs.is_empty() {
        wait(link).await;
    }
}

/// Keeps the clock while an instance runs; resolves when it must be replaced.
async fn overdue(link: &Link) {
    while !wait(link).await {}
}

/// Waits for the next timeout or a wake-up, and does what is due then. Tells
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
