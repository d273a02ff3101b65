//! Ping: <https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/ping>.

use serde_json::{Value, json};

use super::check::Check;
use super::context::CheckContext;
use super::tally::Tally;
use crate::driver::log::State;
use crate::driver::{ClientRole, Session};
use crate::model::duration::in_words;
use crate::model::{Finding, Judgement, Transport};
use crate::observe::Evidence;
use crate::survey::unanswered::patience;
use crate::wire::shapes::Rule;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "ping/respond",
        "Answers ping promptly.",
        ["ping.respond"],
        respond
    ),
    check!(
        "ping/before-initialized",
        "Answers ping before initialized.",
        ["ping.before-initialized"],
        before_initialized
    ),
    check!(
        "ping/during-call",
        "Answers ping while a tool runs.",
        ["ping.during-call"],
        during_call
    ),
    check!(
        "ping/periodic",
        "Pings the client from time to time.",
        ["ping.periodic"],
        periodic
    ),
    check!(
        "ping/timeout",
        "Treats a client that answers no ping as disconnected.",
        ["ping.timeout-is-failure"],
        timeout
    ),
    observe!(
        "ping/not-excessive",
        "Does not ping excessively.",
        ["ping.not-excessive"],
        not_excessive
    ),
    shape!(
        "ping/empty",
        "Answers ping with an empty object.",
        ["ping.empty"],
        ["ping"],
        ["EmptyResult"],
        [Rule::NotEmpty, Rule::Type]
    ),
    shape!(
        "ping/empty-results",
        "Answers with an empty object when there is no data.",
        ["schema.empty-result"],
        [
            "ping",
            "logging/setLevel",
            "resources/subscribe",
            "resources/unsubscribe"
        ],
        ["EmptyResult"],
        [Rule::NotEmpty, Rule::Type]
    ),
];

async fn respond(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for params in [Value::Null, json!({}), json!({"_meta": {}})] {
        tally.note(session.request("ping", params).await.result());
    }
    tally.judge("pings were answered", "")
}

async fn before_initialized(context: &CheckContext) -> Judgement {
    let session = context.connect(ClientRole::complete()).await?;
    session.introduce().await?;
    session.request("ping", Value::Null).await.result()?;
    Ok("ping was answered between initialize and initialized".to_owned())
}

async fn during_call(context: &CheckContext) -> Judgement {
    let timing = context.timing();
    let survey = context.survey().await?;
    let least = timing.call / 4;
    let call = survey.lasting(least)?;
    let session = context.fresh(ClientRole::complete()).await?;
    let running = session.begin("tools/call", call.params()).await;
    // Over HTTP the ping could overtake the call.
    session.taken(&running, least).await;
    let asked = session.log().now();
    let ping = session.begin("ping", Value::Null).await;
    let pong = session.reply(&ping, timing.answer).await;
    let ended = session
        .log()
        .since(running.from)
        .into_iter()
        .find(|entry| entry.from_server() && entry.answers(&running.id));
    session.cancel(&running.id).await;
    pong.result()?;
    match (ended, &pong.entry) {
        // The survey may have met a slow start or a cold cache.
        (Some(ended), Some(pong))
            if ended.index < pong.index && ended.at.saturating_sub(asked) < least =>
        {
            Err(Finding::Skip(format!(
                "a call of {} ended {} after ping was sent, too soon to expect the answer before it",
                call.tool,
                in_words(ended.at.saturating_sub(asked))
            )))
        }
        (Some(ended), Some(pong)) if ended.index < pong.index => Err(Finding::Violation(format!(
            "ping was answered only after the call of {} ended",
            call.tool
        ))),
        _ => Ok(format!("ping was answered while {} ran", call.tool)),
    }
}

async fn periodic(context: &CheckContext) -> Judgement {
    let patience = patience(context.timing())?;
    let session = context.fresh(ClientRole::complete()).await?;
    can_ping(&session)?;
    let ping = session
        .log()
        .wait_for(0, patience, |entry| entry.is("ping"))
        .await;
    match ping {
        Some(ping) => Ok(format!(
            "a ping came {} after the session began",
            in_words(ping.at)
        )),
        None => {
            // The stream may have ended in the meantime.
            can_ping(&session)?;
            Err(Finding::Violation(format!(
                "left a session alone for {}; expected a ping; got none",
                in_words(patience)
            )))
        }
    }
}

/// Skips servers that cannot ping an idle client: without a listening stream, or without sessions.
fn can_ping(session: &Session) -> Result<(), Finding> {
    let is_http = session.transport() == Transport::Http;
    let stateless = is_http && session.log().read().session_id.is_none();
    if session.is_listening() && !stateless {
        return Ok(());
    }
    Err(Finding::Skip(
        "the server offers no stream on which it could ping an idle client".to_owned(),
    ))
}

/// The number of pings that a server may send after an unanswered one, as the page allows retries.
const RETRIES: usize = 2;

async fn timeout(context: &CheckContext) -> Judgement {
    let patience = patience(context.timing())?;
    let session = context
        .fresh(ClientRole::complete().without_pongs())
        .await?;
    can_ping(&session)?;
    let pings = |state: &State| {
        let entries = state.entries.iter();
        entries
            .filter(|entry| entry.from_server() && entry.is("ping"))
            .count()
    };
    let first = session
        .log()
        .until(patience, |state| {
            let ping = state.entries.iter().find(|entry| entry.is("ping"));
            ping.map(|ping| ping.at)
        })
        .await;
    let first =
        first.ok_or_else(|| Finding::Skip("the server sent no ping of its own".to_owned()))?;
    let settled = |state: &State| {
        let ended = state.closed.is_some();
        (ended || pings(state) > 1 + RETRIES).then_some(ended)
    };
    // A server that ignores the silence has sent more than that by then.
    let window = patience.min(first * (4 + RETRIES as u32));
    match session.log().until(window, settled).await {
        Some(true) => Ok("the server ended a session whose client answers no ping".to_owned()),
        Some(false) => Err(Finding::Violation(format!(
            "answered none of {} pings; expected that the server treats the connection as \
             broken; it went on as if nothing had happened",
            2 + RETRIES
        ))),
        None => Ok("the server stops pinging a client that does not answer".to_owned()),
    }
}

fn not_excessive(evidence: &Evidence) -> Judgement {
    const MAX_PER_SECOND: f64 = 5.0;
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let pings: Vec<_> = conversation
            .theirs
            .iter()
            .filter(|asked| asked.method == "ping")
            .collect();
        let span = conversation
            .entries
            .last()
            .map_or(0.0, |entry| entry.at.as_secs_f64());
        let allowed = (span.max(1.0) * MAX_PER_SECOND) as usize;
        tally.expect(pings.len() <= allowed, || {
            format!(
                "{}: {} pings in {span:.1} s",
                conversation.label,
                pings.len()
            )
        });
    }
    tally.judge("sessions without too many pings", "")
}
