//! Calls and requests that overlap, which only WASI 0.3 supports.

#[cfg(feature = "p3")]
pub use meeting::Meeting;

/// Calls that wait for one another.
#[cfg(feature = "p3")]
mod meeting {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::task::{Poll, Waker};

    use crate::state;

    /// The calls that are waiting.
    #[derive(Default)]
    pub struct Meeting {
        waiting: Vec<(Rc<Cell<bool>>, Option<Waker>)>,
    }

    /// Enters, and releases all calls once enough have entered.
    pub fn enter(parties: usize) -> Rc<Cell<bool>> {
        let met = Rc::new(Cell::new(false));
        let released = state::with(|state| {
            let waiting = &mut state.meeting.waiting;
            waiting.push((met.clone(), None));
            if waiting.len() >= parties {
                std::mem::take(waiting)
            } else {
                Vec::new()
            }
        });
        for (met, waker) in released {
            met.set(true);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
        met
    }

    pub async fn wait(met: &Rc<Cell<bool>>) {
        std::future::poll_fn(|task| {
            if met.get() {
                return Poll::Ready(());
            }
            state::with(|state| {
                let waiting = &mut state.meeting.waiting;
                if let Some(own) = waiting.iter_mut().find(|it| Rc::ptr_eq(&it.0, met)) {
                    own.1 = Some(task.waker().clone());
                }
            });
            Poll::Pending
        })
        .await;
    }

    pub fn leave(met: &Rc<Cell<bool>>) {
        state::with(|state| {
            let waiting = &mut state.meeting.waiting;
            waiting.retain(|it| !Rc::ptr_eq(&it.0, met));
        });
    }
}

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    #[cfg(feature = "p3")]
    use {
        super::meeting,
        crate::state,
        futures::future::{Either, select},
        schemars::JsonSchema,
        serde::Serialize,
        std::pin::pin,
        wasi_mcp_guest::{Context, Form, Json, ToolError},
    };

    /// Returns as soon as `parties` calls of it are inside this instance at the same time.
    #[cfg(feature = "p3")]
    #[tool(read_only)]
    async fn barrier(
        context: &Context,
        #[schemars(range(min = 1, max = 100_000))] parties: usize,
    ) -> Result<String, &'static str> {
        let met = meeting::enter(parties);
        let all = pin!(meeting::wait(&met));
        let cancelled = pin!(context.cancelled());
        match select(all, cancelled).await {
            Either::Left(_) => Ok(format!("{parties} calls met")),
            Either::Right((reason, _)) => {
                meeting::leave(&met);
                state::with(|state| state.cancellations.push(reason));
                Err("Cancelled")
            }
        }
    }

    #[cfg(feature = "p3")]
    #[derive(Form)]
    struct Question {
        #[expect(dead_code, reason = "the quicker answer counts, not what it says")]
        answer: String,
    }

    #[cfg(feature = "p3")]
    #[derive(Form)]
    struct Confirmation {
        agreed: bool,
    }

    #[cfg(feature = "p3")]
    #[derive(Serialize, JsonSchema)]
    struct Race {
        first: &'static str,
        agreed: Option<bool>,
    }

    /// Asks the user and the model at once, withdraws the slower question, and asks the user to confirm.
    #[cfg(feature = "p3")]
    #[tool(read_only)]
    async fn ask_user_and_model(context: &Context) -> Result<Json<Race>, ToolError> {
        let first = {
            let user = pin!(context.elicit::<Question>("What is the answer?"));
            let model = pin!(context.ask_model("What is the answer?", 100));
            // The other question is withdrawn, because its future is dropped.
            match select(user, model).await {
                Either::Left((answer, _)) => answer.map(|_| "user")?,
                Either::Right((answer, _)) => answer.map(|_| "model")?,
            }
        };
        let confirmation = context
            .elicit::<Confirmation>(format!("Is the {first} right?"))
            .await?;
        Ok(Json(Race {
            first,
            agreed: confirmation.accepted().map(|it| it.agreed),
        }))
    }
}
