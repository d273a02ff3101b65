//! Cut streams: continuation of their requests, and replay.

use std::sync::Arc;
use std::time::Duration;

use ::http::Method;

use crate::checks::context::CheckContext;
use crate::driver::log::{Entry, State, Via};
use crate::driver::session::{Pending, with_token};
use crate::driver::{ClientRole, Session};
use crate::model::{Finding, Judgement};
use crate::survey::ToolCall;

/// The result of cutting a stream and resuming it while another is open.
struct Resumption {
    /// A message of the other stream.
    foreign: Option<Arc<Entry>>,
    /// True if the response came on the resumed stream.
    answered: bool,
    /// True if the event after which the stream was resumed came again.
    repeated: bool,
    /// True if the response came before the stream was cut, so that nothing is left to replay.
    complete: bool,
}

async fn resumption(context: &CheckContext) -> Result<Resumption, Finding> {
    let survey = context.survey().await?;
    let session = context.fresh(ClientRole::complete()).await?;
    let timing = session.timing();
    let call = survey.quickest(|call| call.behaviour.progress > 1 && call.took >= timing.quiet);
    let call = call
        .ok_or_else(|| Finding::Skip("no lasting tool was seen to report progress".to_owned()))?;
    let token = |name: &str| with_token(call.params(), name.into());
    let cut = session
        .begin("tools/call", token("stream that is cut"))
        .await;
    // The other stream is the newer one, even for a slow server: one that confuses streams may
    // always resume the newest. Both exist before one is resumed.
    first_event(&session, cut.via).await?;
    let other = session
        .begin("tools/call", token("stream that stays"))
        .await;
    first_event(&session, other.via).await?;
    let event = cut_after_event(&session, cut.via).await?;
    let (resumed, head) = session
        .http(Method::GET, session.resume_headers(&event)?, b"")
        .await?;
    if !head.is_stream {
        let what = head.describe();
        return Err(Finding::Skip(format!(
            "the server does not resume streams: {what}"
        )));
    }
    let is_foreign = |entry: &Entry| {
        let token = entry.params().map(|params| &params["progressToken"]);
        entry.answers(&other.id) || token.is_some_and(|token| token == "stream that stays")
    };
    let came = |state: &State, wanted: &dyn Fn(&Entry) -> bool| {
        let mut here = state.entries.iter().skip(cut.from);
        let found = here.find(|entry| entry.via == Via::Get(resumed) && wanted(entry));
        found.cloned()
    };
    // A response that came before the stream was cut does not come again.
    let early = session.log().since(cut.from);
    let early = early.iter().any(|entry| entry.answers(&cut.id));
    let settled = |state: &State| {
        let ended = state.exchanges.get(resumed);
        let ended = ended.is_none_or(|exchange| exchange.ended.is_some());
        let answered = came(state, &|entry| entry.answers(&cut.id)).is_some();
        let shown = early && came(state, &is_foreign).is_some();
        (ended || answered || shown).then_some(answered)
    };
    let answered = session.log().until(timing.call, settled).await;
    let is_answer = |entry: &Entry| entry.answers(&other.id);
    let log = session.log();
    log.wait_for(other.from, timing.answer, is_answer).await;
    session.reply(&other, timing.quiet).await.result()?;
    // Messages of another stream may follow the response.
    tokio::time::sleep(timing.quiet).await;
    let foreign = came(&session.log().read(), &is_foreign);
    session.cut(resumed);
    let state = session.log().read();
    let events = state
        .exchanges
        .get(resumed)
        .map(|exchange| &exchange.events);
    let repeated = events
        .into_iter()
        .flatten()
        .any(|again| again.id.as_deref() == Some(event.as_str()));
    Ok(Resumption {
        foreign,
        answered: answered.unwrap_or_default(),
        repeated,
        complete: early,
    })
}

/// Waits for an event with an id on the stream of a request. Returns the number of the exchange.
async fn first_event(session: &Session, via: Via) -> Result<usize, Finding> {
    let Via::Post(index) = via else {
        return Err(Finding::Skip("only over HTTP".to_owned()));
    };
    let event = session.log().until(session.timing().answer, |state| {
        let exchange = state.exchanges.get(index)?;
        let is_named = exchange.events.iter().any(|event| event.id.is_some());
        (is_named || exchange.ended.is_some()).then_some(is_named)
    });
    let without = || Finding::Skip("the server gives its events no ids".to_owned());
    event.await.filter(|named| *named).ok_or_else(without)?;
    Ok(index)
}

/// Waits for an event with an id on the stream of a request, drops the connection, and returns the
/// id of the last event.
async fn cut_after_event(session: &Session, via: Via) -> Result<String, Finding> {
    let index = first_event(session, via).await?;
    session.cut(index);
    // Data in transit when the connection was dropped still enters the log.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let state = session.log().read();
    let events = state.exchanges.get(index).map(|exchange| &exchange.events);
    let last = events
        .into_iter()
        .flatten()
        .rev()
        .find_map(|event| event.id.clone());
    last.ok_or_else(|| Finding::Broken("an event is missing from the log".to_owned()))
}

pub(super) async fn resume(context: &CheckContext) -> Judgement {
    match resumption(context).await? {
        Resumption {
            foreign: Some(entry),
            ..
        } => Err(Finding::Violation(format!(
            "resumed the stream of one call; got of another {}",
            entry.shown()
        ))),
        Resumption { answered: true, .. } => {
            Ok("only the messages of the cut stream were replayed".to_owned())
        }
        _ => Ok("nothing of another stream was replayed".to_owned()),
    }
}

pub(super) async fn resume_replay(context: &CheckContext) -> Judgement {
    match resumption(context).await? {
        Resumption { repeated: true, .. } => Err(Finding::Violation(
            "resumed a stream after an event; got that event again".to_owned(),
        )),
        Resumption { answered: true, .. } => Ok("the missed messages were replayed".to_owned()),
        _ => Ok("nothing was replayed, which is allowed".to_owned()),
    }
}

pub(super) async fn resume_cursor(context: &CheckContext) -> Judgement {
    match resumption(context).await? {
        Resumption {
            foreign: Some(entry),
            answered: false,
            ..
        } => Err(Finding::Violation(format!(
            "resumed the stream of one call after its last event; expected what came after that \
             event on that stream; got of another {}",
            entry.shown()
        ))),
        Resumption {
            foreign: None,
            answered: false,
            complete: false,
            ..
        } => Err(Finding::Skip(
            "nothing came on the resumed stream".to_owned(),
        )),
        _ => Ok("an event id was a position in its own stream".to_owned()),
    }
}

/// Returns true if the response to a request can be replayed after this event.
async fn is_replayed(
    session: &Session,
    event: &str,
    call: &Pending,
    within: Duration,
) -> Result<bool, Finding> {
    let (index, head) = session
        .http(Method::GET, session.resume_headers(event)?, b"")
        .await?;
    if !head.is_stream {
        return Ok(false);
    }
    let settled = |state: &State| {
        let mut replayed = state
            .entries
            .iter()
            .filter(|entry| entry.via == Via::Get(index));
        let answered = replayed.any(|entry| entry.answers(&call.id));
        let exchange = state.exchanges.get(index);
        let ended = exchange.is_none_or(|exchange| exchange.ended.is_some());
        (answered || ended).then_some(answered)
    };
    let answered = session.log().until(within, settled).await;
    session.cut(index);
    Ok(answered.unwrap_or_default())
}

/// Returns true if the response to a call with a cut stream is eventually available. The server may
/// end the resumed stream before the call is over.
async fn comes_in_the_end(
    session: &Session,
    event: &str,
    call: &Pending,
    pause: Duration,
) -> Result<bool, Finding> {
    for _ in 0..RESUMPTIONS {
        tokio::time::sleep(pause).await;
        if is_replayed(session, event, call, session.timing().answer).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The number of calls made to cut a stream before the call is over.
const ATTEMPTS: usize = 3;
/// The number of resumptions after which a response counts as lost.
const RESUMPTIONS: usize = 3;

/// Judges whether a request continues after its stream was cut. That is visible only if its
/// response can be replayed, so a call with an intact stream is replayed first.
pub(super) async fn disconnect(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let session = context.fresh(ClientRole::complete()).await?;
    let timing = session.timing();
    let call = survey.quickest(|call| call.behaviour.progress > 1 && call.took >= timing.quiet);
    let call = call
        .ok_or_else(|| Finding::Skip("no lasting tool was seen to report progress".to_owned()))?;
    let whole = begin(&session, call, "stream that is whole").await;
    session.reply(&whole, timing.answer).await.result()?;
    let Via::Post(index) = whole.via else {
        return Err(Finding::Skip("only over HTTP".to_owned()));
    };
    let exchange = session.end_of(index, timing.answer).await;
    let first =
        exchange.and_then(|exchange| exchange.events.into_iter().find_map(|event| event.id));
    let unseen = || {
        Finding::Skip("the server does not replay ended streams, so it is not visible whether a request continued".to_owned())
    };
    if !is_replayed(&session, &first.ok_or_else(unseen)?, &whole, timing.call).await? {
        return Err(unseen());
    }
    for _ in 0..ATTEMPTS {
        let cut = begin(&session, call, "stream that is dropped").await;
        let last = cut_after_event(&session, cut.via).await?;
        if session
            .log()
            .since(cut.from)
            .iter()
            .any(|entry| entry.answers(&cut.id))
        {
            // The response came before the connection was dropped.
            continue;
        }
        if comes_in_the_end(&session, &last, &cut, call.took + timing.quiet).await? {
            return Ok(format!(
                "a call of {} continued although its stream was cut",
                call.tool
            ));
        }
        return Err(Finding::Violation(format!(
            "called {}, dropped the connection after an event, and resumed the stream later; \
             expected the response, as it comes for a call whose connection holds; got nothing",
            call.tool
        )));
    }
    Err(Finding::Skip(format!(
        "calls of {} were over before their connection could be dropped",
        call.tool
    )))
}

async fn begin(session: &Session, call: &ToolCall, token: &str) -> Pending {
    let params = with_token(call.params(), token.into());
    session.begin("tools/call", params).await
}
