//! Calls that wait for one another: proves that they run concurrently, without a clock.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures::future::{Either, poll_fn, select};
use serde::Deserialize;
use serde_json::json;

use super::entry::{Call, Entry, Outcome, arguments};
use crate::content::{failed_result, text_result};
use crate::{edge, state};

/// The calls that are waiting.
#[derive(Default)]
pub struct Meeting {
    waiting: Vec<Waiting>,
}

struct Waiting {
    met: Rc<Cell<bool>>,
    waker: Option<Waker>,
}

pub fn entries() -> Vec<Entry> {
    vec![Entry::new(
        "barrier",
        "Returns as soon as `parties` calls of it are inside this instance at the same time.",
        arguments(
            json!({ "parties": { "type": "integer", "minimum": 1, "maximum": 100_000 } }),
            &["parties"],
        ),
        |call| Box::pin(barrier(call)),
    )]
}

#[derive(Deserialize)]
struct Arguments {
    parties: usize,
}

async fn barrier(call: Call) -> Outcome {
    let Arguments { parties } = call.arguments.parse()?;
    let met = enter(parties);
    let meeting = pin!(wait(&met));
    let cancelled = pin!(edge::cancelled(&call.context));
    match select(meeting, cancelled).await {
        Either::Left(_) => Ok(text_result(format!("{parties} calls met"))),
        Either::Right((reason, _)) => {
            leave(&met);
            state::with(|state| state.cancellations.push(reason));
            Ok(failed_result("Cancelled"))
        }
    }
}

/// Enters, and releases all calls once enough have entered.
fn enter(parties: usize) -> Rc<Cell<bool>> {
    let met = Rc::new(Cell::new(false));
    let released = state::with(|state| {
        let waiting = &mut state.meeting.waiting;
        waiting.push(Waiting {
            met: met.clone(),
            waker: None,
        });
        if waiting.len() >= parties {
            std::mem::take(waiting)
        } else {
            Vec::new()
        }
    });
    for Waiting { met, waker } in released {
        met.set(true);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
    met
}

async fn wait(met: &Rc<Cell<bool>>) {
    poll_fn(|task| {
        if met.get() {
            return Poll::Ready(());
        }
        state::with(|state| {
            let waiting = &mut state.meeting.waiting;
            if let Some(own) = waiting.iter_mut().find(|it| Rc::ptr_eq(&it.met, met)) {
                own.waker = Some(task.waker().clone());
            }
        });
        Poll::Pending
    })
    .await;
}

fn leave(met: &Rc<Cell<bool>>) {
    state::with(|state| {
        let waiting = &mut state.meeting.waiting;
        waiting.retain(|it| !Rc::ptr_eq(&it.met, met));
    });
}
