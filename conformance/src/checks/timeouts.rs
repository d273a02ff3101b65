//! Timeouts of the server's own requests:
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#timeouts>.
//!
//! The suite cannot distinguish a timeout beyond its own patience from none at all. It judges
//! nothing unless the timeout is known (`--peer-timeout`).

use super::check::Check;
use super::context::CheckContext;
use crate::driver::Body;
use crate::model::duration::in_words;
use crate::model::{Finding, Judgement};
use crate::survey::unanswered::Outcome;

/// The checks of this section.
pub const CHECKS: &[Check] = &[
    check!(
        "lifecycle/request-timeout",
        "Gives up a request that the client does not answer.",
        ["lifecycle.timeouts.every-request"],
        gives_up
    ),
    check!(
        "lifecycle/timeout-cancelled",
        "Cancels the request that it gives up.",
        ["lifecycle.timeouts.cancel"],
        cancels
    ),
    check!(
        "lifecycle/timeout-maximum",
        "Gives up eventually, even if progress is reported.",
        ["lifecycle.timeouts.maximum"],
        gives_up_in_the_end
    ),
    check!(
        "lifecycle/after-timeout",
        "Continues after one of its own requests timed out.",
        ["lifecycle.errors.timeouts"],
        expect_alive
    ),
];

fn is_over(outcome: &Outcome) -> bool {
    matches!(outcome.reply.body, Body::Result(_) | Body::Error(_))
}

async fn gives_up(context: &CheckContext) -> Judgement {
    let trial = context.unanswered().await?;
    let tool = &trial.tool;
    if is_over(&trial.ignored) || trial.ignored.cancelled {
        return Ok(format!("{tool} gave up its {}", trial.method));
    }
    let sent = trial.ignored.asked.shown();
    let reply = &trial.ignored.reply;
    Err(Finding::Violation(format!(
        "left {sent} unanswered; expected that the call of {tool} ends; it got {}",
        reply.came()
    )))
}

async fn cancels(context: &CheckContext) -> Judgement {
    let trial = context.unanswered().await?;
    if trial.ignored.cancelled {
        return Ok(format!(
            "{} was cancelled after it remained unanswered",
            trial.method
        ));
    }
    Err(Finding::Violation(format!(
        "left {} unanswered for {}; expected notifications/cancelled with its id; got none, \
         and the call of {} got {}",
        trial.ignored.asked.shown(),
        in_words(trial.waited),
        trial.tool,
        trial.ignored.reply.came()
    )))
}

async fn gives_up_in_the_end(context: &CheckContext) -> Judgement {
    let trial = context.unanswered().await?;
    let Some(prolonged) = &trial.prolonged else {
        return Err(Finding::Skip(
            "the server gives its requests no progress token, or asks only once".to_owned(),
        ));
    };
    if is_over(prolonged) || prolonged.cancelled {
        return Ok(format!(
            "{} gave up its {} although progress was reported",
            trial.tool, trial.method
        ));
    }
    Err(Finding::Violation(format!(
        "left {} unanswered and reported progress for it for {}; expected that the call of {} \
         ends; it got {}",
        prolonged.asked.shown(),
        in_words(trial.waited),
        trial.tool,
        prolonged.reply.came()
    )))
}

async fn expect_alive(context: &CheckContext) -> Judgement {
    let trial = context.unanswered().await?;
    trial.afterwards.clone()?;
    Ok(format!(
        "the session continued after {} was left unanswered",
        trial.method
    ))
}
