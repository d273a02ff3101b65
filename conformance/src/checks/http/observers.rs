//! Rules for every HTTP exchange.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::Duration;

use ::http::Method;
use serde_json::Value;

use super::{NO_SESSIONS, expected};
use crate::checks::tally::Tally;
use crate::driver::http::LAST_EVENT_ID;
use crate::driver::log::{Entry, Exchange, Via};
use crate::model::Judgement;
use crate::model::duration::in_words;
use crate::observe::conversation::Asked;
use crate::observe::evidence::place;
use crate::observe::{Conversation, Evidence};
use crate::wire::envelope::{Envelope, Message};
use crate::wire::identifier::Identifier;

/// Returns POSTs of well-formed requests with their conversations.
fn posted_requests(
    evidence: &Evidence,
) -> impl Iterator<Item = (&Conversation, &Exchange, Identifier)> {
    posts(evidence).filter_map(|(conversation, exchange)| {
        let envelope = Envelope::read(&exchange.sent);
        match envelope.message {
            Message::Request { id, .. } if envelope.defects.is_empty() => {
                Some((conversation, exchange, id))
            }
            _ => None,
        }
    })
}

fn posts(evidence: &Evidence) -> impl Iterator<Item = (&Conversation, &Exchange)> {
    evidence.conversations.iter().flat_map(|conversation| {
        let posts = conversation
            .exchanges
            .iter()
            .filter(|exchange| exchange.method == Method::POST && !exchange.judged);
        posts.map(move |exchange| (conversation, exchange))
    })
}

fn was_cancelled(conversation: &Conversation, id: &Identifier) -> bool {
    conversation
        .ours
        .iter()
        .any(|asked| asked.id == *id && asked.cancelled.is_some())
}

const NO_POST: &str = "nothing of this kind was posted";

pub(super) fn content_type(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, exchange, id) in posted_requests(evidence) {
        if !exchange.is_success() || was_cancelled(conversation, &id) {
            continue;
        }
        let media = exchange.media_type();
        let legal = matches!(
            media.as_deref(),
            Some("application/json" | "text/event-stream")
        );
        tally.expect(legal, || {
            format!(
                "{}: {}",
                conversation.label,
                expected("JSON or a stream of events", exchange)
            )
        });
    }
    tally.judge(
        "requests were answered with JSON or a stream of events",
        NO_POST,
    )
}

pub(super) fn one_object(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, exchange, _) in posted_requests(evidence) {
        if exchange.is_success()
            && exchange.ended.is_some()
            && exchange.media_type().as_deref() == Some("application/json")
        {
            let object = serde_json::from_slice::<Value>(&exchange.body)
                .is_ok_and(|value| value.is_object());
            tally.expect(object, || {
                format!(
                    "{}: {}",
                    conversation.label,
                    expected("one JSON object", exchange)
                )
            });
        }
    }
    tally.judge(
        "bodies were one JSON object",
        "no request was answered with JSON",
    )
}

pub(super) fn accepted_always(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, exchange) in posts(evidence).filter(|(_, exchange)| exchange.is_success()) {
        let envelope = Envelope::read(&exchange.sent);
        let unanswered = matches!(
            envelope.message,
            Message::Notification { .. } | Message::Response { .. }
        );
        if unanswered && envelope.defects.is_empty() && exchange.ended.is_some() {
            let holds = exchange.status == Some(202)
                && exchange.body.is_empty()
                && exchange.events.is_empty();
            tally.expect(holds, || {
                format!(
                    "{}: {}",
                    conversation.label,
                    expected("status 202 without a body", exchange)
                )
            });
        }
    }
    tally.judge(
        "notifications and responses were accepted with 202",
        NO_POST,
    )
}

/// Returns the response to a request on the stream that answers its POST.
fn response_on<'a>(
    conversation: &'a Conversation,
    exchange: &Exchange,
    id: &Identifier,
) -> Option<&'a Entry> {
    let carried = exchange
        .events
        .iter()
        .filter_map(|event| conversation.entries.get(event.entry?));
    carried.map(AsRef::as_ref).find(|entry| entry.answers(id))
}

pub(super) fn response_comes(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, exchange, id) in
        posted_requests(evidence).filter(|(_, exchange, _)| exchange.is_stream)
    {
        if exchange.ended.is_none()
            || exchange.cut
            || exchange.judged
            || was_cancelled(conversation, &id)
        {
            continue;
        }
        // Streams cut off by the end of the session are not a fault.
        if conversation
            .ending
            .is_some_and(|ending| exchange.ended >= Some(ending))
        {
            continue;
        }
        let came = response_on(conversation, exchange, &id).is_some();
        tally.expect(came, || {
            format!(
                "{}: {}",
                conversation.label,
                expected("a response before the end of the stream", exchange)
            )
        });
    }
    tally.judge(
        "streams brought their response",
        "no request was answered with a stream",
    )
}

pub(super) fn closes_after(evidence: &Evidence) -> Judgement {
    const LATE: Duration = Duration::from_secs(5);
    let mut tally = Tally::default();
    for (conversation, exchange, id) in
        posted_requests(evidence).filter(|(_, exchange, _)| exchange.is_stream)
    {
        let Some(response) = response_on(conversation, exchange, &id) else {
            continue;
        };
        let last = conversation
            .entries
            .last()
            .map_or(response.at, |entry| entry.at);
        let end = exchange.ended.or(conversation.ending).unwrap_or(last);
        // A server with other work in hand may take its time.
        let is_late = end.saturating_sub(response.at) > LATE
            && outside(response.at..end, other_requests(conversation, &id)) > LATE;
        tally.expect(!is_late, || {
            format!(
                "{}: the stream of request {id} was open {} after its response",
                conversation.label,
                in_words(LATE)
            )
        });
    }
    tally.judge(
        "streams ended after their response",
        "no request was answered with a stream",
    )
}

/// Returns the times between the other requests of a conversation and their responses.
fn other_requests(conversation: &Conversation, id: &Identifier) -> Vec<Range<Duration>> {
    let others = conversation.ours.iter().filter(|asked| asked.id != *id);
    let times = others.filter_map(|asked| Some(asked.sent_at..asked.answered_at?));
    times.collect()
}

/// Returns the part of a time that is in none of the others.
fn outside(time: Range<Duration>, mut others: Vec<Range<Duration>>) -> Duration {
    others.sort_by_key(|other| other.start);
    let mut from = time.start;
    let mut sum = Duration::ZERO;
    for other in others {
        sum += other.start.min(time.end).saturating_sub(from);
        from = from.max(other.end);
    }
    sum + time.end.saturating_sub(from)
}

/// Returns true if a stream resumes an earlier one.
fn is_resumed(conversation: &Conversation, via: Via) -> bool {
    matches!(via, Via::Get(index) if conversation.exchanges.get(index).is_some_and(|exchange| exchange.sent_headers.contains_key(LAST_EVENT_ID)))
}

pub(super) fn no_response_on_get(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.messages() {
        let Via::Get(index) = entry.via else {
            continue;
        };
        // The refusal of a GET is not a message on a stream.
        let is_stream = conversation
            .exchanges
            .get(index)
            .is_some_and(|exchange| exchange.is_stream);
        if is_stream && !is_resumed(conversation, entry.via) {
            tally.expect(!entry.is_response(), || {
                format!(
                    "a response on a listening stream ({})",
                    place(conversation, entry)
                )
            });
        }
    }
    tally.judge(
        "messages seen on listening streams",
        "nothing came on a listening stream",
    )
}

/// The identity of a message.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Mark {
    /// A request of the server with this id: it is sent once.
    Request(String),
    /// A response to this id, or a report of progress for this token: it is sent at most as often
    /// as the driver used the id or token.
    Answer(String, Identifier),
    /// Any other notification: two equal ones may be intended.
    Notification(Vec<u8>),
}

fn mark(entry: &Entry) -> Option<Mark> {
    match &entry.envelope.message {
        Message::Request { id, method, .. } => Some(Mark::Request(format!("{method} {id}"))),
        Message::Response { id: Some(id), .. } if id.as_json() != "null" => {
            Some(Mark::Answer("response".to_owned(), id.clone()))
        }
        Message::Notification { method, params } if method == "notifications/progress" => {
            let token = Identifier::from_value(&params["progressToken"]);
            Some(Mark::Answer(
                format!("{method} {}", params["progress"]),
                token,
            ))
        }
        Message::Notification { .. } => Some(Mark::Notification(entry.bytes.clone())),
        _ => None,
    }
}

/// Returns true for the body of a refusal, which is not a message on a stream.
fn is_refusal(conversation: &Conversation, via: Via) -> bool {
    let (Via::Get(index) | Via::Post(index)) = via else {
        return false;
    };
    let exchange = conversation.exchanges.get(index);
    exchange.is_some_and(|exchange| !exchange.is_success())
}

/// The time within which a message is written on several streams if it is written on all of them.
const AT_ONCE: Duration = Duration::from_secs(1);

pub(super) fn no_broadcast(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let mut seen: HashMap<Mark, Vec<&Entry>> = HashMap::new();
        for entry in conversation
            .from_server()
            .filter(|entry| !is_resumed(conversation, entry.via))
            .filter(|entry| !is_refusal(conversation, entry.via))
        {
            let Some(mark) = mark(entry) else {
                continue;
            };
            let earlier = seen.entry(mark.clone()).or_default();
            tally.expect(!is_broadcast(conversation, &mark, earlier, entry), || {
                format!(
                    "the same message on two streams ({})",
                    place(conversation, entry)
                )
            });
            earlier.push(entry);
        }
    }
    tally.judge("messages seen on one stream each", "nothing was seen")
}

/// Returns true if a message was sent before on another stream, though it is the same one.
fn is_broadcast(
    conversation: &Conversation,
    mark: &Mark,
    earlier: &[&Entry],
    entry: &Entry,
) -> bool {
    let mut elsewhere = earlier.iter().filter(|other| other.via != entry.via);
    match mark {
        Mark::Request(_) => elsewhere.next().is_some(),
        Mark::Answer(_, used) => {
            let uses = conversation
                .ours
                .iter()
                .filter(|asked| asked.id == *used || asked.progress_token().as_ref() == Some(used));
            let uses = uses.count().max(1);
            let streams: HashSet<Via> = earlier.iter().map(|other| other.via).collect();
            let listening = |via: Via| matches!(via, Via::Get(_));
            let mut both = elsewhere.filter(|other| listening(other.via) != listening(entry.via));
            // The driver reuses some tokens and ids in different requests.
            both.next().is_some() || !streams.contains(&entry.via) && streams.len() >= uses
        }
        // Each of two calls may log the same. One that is sent on a listening stream as well, at
        // the same time and as often as on another stream, is the same message, unless another
        // call was in flight that may have sent it.
        Mark::Notification(_) => {
            let listening = |via: Via| matches!(via, Via::Get(_));
            let here = earlier
                .iter()
                .filter(|other| other.via == entry.via)
                .count();
            let mut paired = elsewhere.filter(|other| {
                let alike = entry.at.saturating_sub(other.at) < AT_ONCE;
                let there = earlier.iter().filter(|third| third.via == other.via);
                alike
                    && (listening(other.via) || listening(entry.via))
                    && there.count() > here
                    && !(entry.is("notifications/message")
                        && has_further_cause(conversation, other, entry))
            });
            paired.next().is_some()
        }
    }
}

/// Returns true if a request other than those on whose streams the two messages came was in flight
/// from one to the other.
fn has_further_cause(conversation: &Conversation, first: &Entry, second: &Entry) -> bool {
    conversation.ours.iter().any(|asked| {
        let answer = asked.answers.first();
        let in_flight =
            asked.sent < second.index && answer.is_none_or(|answer| *answer > first.index);
        in_flight && asked.via != first.via && asked.via != second.via
    })
}

/// Returns reports of progress with the requests to which they belong. Cancelled requests have no
/// stream and are left out.
fn reports(evidence: &Evidence) -> impl Iterator<Item = (&Conversation, &Entry, &Asked)> {
    let reports = evidence.of_method("notifications/progress");
    reports.filter_map(|(conversation, entry)| {
        let token = Identifier::from_value(&entry.params()?["progressToken"]);
        let mut asked = conversation.ours.iter().rev();
        let asked = asked.find(|asked| {
            asked.sent < entry.index && asked.progress_token().as_ref() == Some(&token)
        })?;
        asked
            .cancelled
            .is_none()
            .then_some((conversation, entry, asked))
    })
}

pub(super) fn interim_related(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry, asked) in reports(evidence) {
        let on_another = matches!(entry.via, Via::Post(_)) && entry.via != asked.via;
        tally.expect(!on_another, || {
            format!(
                "on the stream of another request ({})",
                place(conversation, entry)
            )
        });
    }
    tally.judge(
        "reports of progress came on no other request's stream",
        "no progress was reported",
    )
}

pub(super) fn get_unrelated(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry, _) in reports(evidence) {
        let listening = matches!(entry.via, Via::Get(_)) && !is_resumed(conversation, entry.via);
        tally.expect(!listening, || {
            format!(
                "a message of a request came on a listening stream ({})",
                place(conversation, entry)
            )
        });
    }
    tally.judge(
        "reports of progress came on no listening stream",
        "no progress was reported",
    )
}

pub(super) fn event_id_unique(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let mut ids = HashSet::new();
        for (index, exchange) in conversation.exchanges.iter().enumerate() {
            if is_resumed(conversation, Via::Get(index)) {
                continue;
            }
            for id in exchange
                .events
                .iter()
                .filter_map(|event| event.id.as_ref())
                .filter(|id| !id.is_empty())
            {
                tally.expect(ids.insert(id), || {
                    format!("{}: the event id {id:?} came twice", conversation.label)
                });
            }
        }
    }
    tally.judge(
        "event ids seen, none of them twice",
        "the server gives its events no ids",
    )
}

pub(super) fn session_id_at_initialize(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let mut first = None;
        // Session ids in refusals have no effect.
        for exchange in conversation
            .exchanges
            .iter()
            .filter(|exchange| exchange.is_success())
        {
            let Some(id) = exchange.header("mcp-session-id") else {
                continue;
            };
            let initialize = matches!(Envelope::read(&exchange.sent).message, Message::Request { method, .. } if method == "initialize");
            let known = first.is_some_and(|first| first == id);
            tally.expect(initialize || known, || {
                format!(
                    "{}: {}",
                    conversation.label,
                    expected("a session id only with initialize", exchange)
                )
            });
            first.get_or_insert(id);
        }
    }
    tally.judge("session ids came with initialize", NO_SESSIONS)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::http::HeaderMap;

    use super::*;
    use crate::driver::log::{Direction, Log, StreamEvent};
    use crate::model::Finding;

    const GET: Via = Via::Get(2);

    /// Judges messages of a server on two POSTs and a listening stream.
    fn judged(messages: &[(Via, &str)]) -> Judgement {
        let log = Log::new("a session");
        log.write(|state| {
            for method in [Method::POST, Method::POST, Method::GET] {
                let mut exchange =
                    Exchange::new(method, HeaderMap::new(), Vec::new(), Duration::ZERO);
                exchange.status = Some(200);
                exchange.is_stream = true;
                state.exchanges.push(exchange);
            }
        });
        for (via, message) in messages {
            let text = format!(r#"{{"jsonrpc":"2.0",{message}}}"#);
            log.record(Direction::ToClient, *via, text.into_bytes(), true);
        }
        no_broadcast(&Evidence::read(&[Arc::new(log)]))
    }

    const LOGGED: &str =
        r#""method":"notifications/message","params":{"level":"info","data":"working"}"#;
    const CHANGED: &str = r#""method":"notifications/tools/list_changed""#;
    const ASKED: &str = r#""id":7,"method":"roots/list""#;
    const ANSWERED: &str = r#""id":1,"result":{}"#;

    /// Judges a stream that ends ten seconds after its response, while another request takes from
    /// the beginning to this second.
    fn ten_seconds_open(other_until: u64) -> Judgement {
        let second = Duration::from_secs;
        let ping = |id: usize| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        let pong = |id: usize| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#);
        let log = Log::new("a session");
        let answers = [(0, 0), (1, other_until)];
        log.write(|state| {
            let mut add = |direction, number: usize, text: String, at| {
                let index = state.entries.len();
                state.entries.push(Arc::new(Entry {
                    index,
                    at,
                    direction,
                    via: Via::Post(number),
                    envelope: Envelope::read(text.as_bytes()),
                    bytes: text.into_bytes(),
                    complete: true,
                    replayed: false,
                    stray: false,
                }));
                index
            };
            for (number, _) in answers {
                add(Direction::ToServer, number, ping(number), Duration::ZERO);
            }
            let carried = answers.map(|(number, until)| {
                add(Direction::ToClient, number, pong(number), second(until))
            });
            for ((number, until), entry) in answers.into_iter().zip(carried) {
                let sent = ping(number).into_bytes();
                let mut exchange =
                    Exchange::new(Method::POST, HeaderMap::new(), sent, Duration::ZERO);
                exchange.status = Some(200);
                exchange.is_stream = true;
                exchange.events.push(StreamEvent {
                    id: None,
                    at: second(until),
                    entry: Some(entry),
                });
                exchange.ended = Some(second(if number == 0 { 10 } else { until }));
                state.exchanges.push(exchange);
            }
        });
        closes_after(&Evidence::read(&[Arc::new(log)]))
    }

    #[test]
    fn a_stream_that_ends_late_is_found_unless_the_server_is_busy() {
        for other_until in [0, 4] {
            let found = ten_seconds_open(other_until);
            assert!(
                matches!(found, Err(Finding::Violation(_))),
                "{other_until}: {found:?}"
            );
        }
        for other_until in [5, 10, 20] {
            let found = ten_seconds_open(other_until);
            assert!(found.is_ok(), "{other_until}: {found:?}");
        }
    }

    #[test]
    fn time_with_other_work_does_not_count() {
        let second = Duration::from_secs;
        let outside = |others: &[(u64, u64)]| {
            let others = others.iter().map(|(from, to)| second(*from)..second(*to));
            outside(second(10)..second(20), others.collect()).as_secs()
        };
        assert_eq!(outside(&[]), 10);
        assert_eq!(outside(&[(0, 5), (20, 30), (25, 26)]), 10);
        assert_eq!(outside(&[(0, 12), (18, 30)]), 6);
        assert_eq!(outside(&[(11, 19), (12, 13), (14, 20)]), 1);
        assert_eq!(outside(&[(18, 30), (0, 12), (11, 18)]), 0);
    }

    #[test]
    fn a_message_of_any_kind_on_two_streams_is_found() {
        let (first, second) = (Via::Post(0), Via::Post(1));
        for messages in [
            [(first, LOGGED), (GET, LOGGED)],
            [(GET, CHANGED), (second, CHANGED)],
            [(first, ASKED), (second, ASKED)],
            [(first, ASKED), (GET, ASKED)],
            [(first, ANSWERED), (second, ANSWERED)],
            [(first, ANSWERED), (GET, ANSWERED)],
        ] {
            let found = judged(&messages);
            assert!(matches!(found, Err(Finding::Violation(_))), "{messages:?}");
        }
    }

    #[test]
    fn messages_that_are_merely_alike_are_not_the_same() {
        let (first, second) = (Via::Post(0), Via::Post(1));
        for messages in [
            vec![(first, LOGGED), (second, LOGGED)],
            vec![(first, LOGGED), (first, LOGGED)],
            vec![(GET, CHANGED), (GET, CHANGED)],
        ] {
            assert!(judged(&messages).is_ok(), "{messages:?}");
        }
    }
}
