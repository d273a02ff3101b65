//! Additions to the message of a check: the message that crashed the server, the end of its stderr,
//! and the unanswered request.

use std::sync::Arc;

use serde_json::Value;

use crate::driver::log::{Entry, Exchange, LAST_WORDS, Via};
use crate::driver::transcript::LogRange;
use crate::wire::envelope::Message;
use crate::wire::identifier::Identifier;
use crate::wire::shapes::{quoted, shorten};

/// The length in characters up to which a message shows a request in full.
const SHOWN: usize = 200;

/// The number below which an id is one that the driver may have counted.
const ORDINARY: u64 = 1_000_000;

/// Returns a message about a server that ended the connection by itself in one of these parts, with
/// the check's own message; `None` if none did.
pub(super) fn crash(wire: &[LogRange], said: &str) -> Option<String> {
    let part = wire.iter().find(|part| part.broke_off())?;
    let mut text = "the server ended the connection by itself".to_owned();
    if let Some(last) = last_heard(&part.entries()) {
        text.push_str(&format!(" after {}", quoted(&last.text(), SHOWN)));
    }
    if let Some(exit) = part.exit() {
        text.push_str(&format!(" (it ended {})", with_status(&exit)));
    }
    text.push('\n');
    text.push_str(said);
    if !said.contains(LAST_WORDS) {
        text.push_str(&part.log().last_words());
    }
    Some(text)
}

/// Returns a message about a server that was lost in one of these parts, with the check's own
/// message: presumably the last one that it received.
pub(super) fn loss(wire: &[LogRange], how: &str, said: &str) -> String {
    let lost = wire.iter().find(|part| part.shows_loss());
    let entries = lost.map(LogRange::entries).unwrap_or_default();
    let after = last_heard(&entries);
    let after = after.map_or(String::new(), |last| {
        format!(" after {}", quoted(&last.text(), SHOWN))
    });
    // Other findings of the check are due to the loss, except for the server's own output.
    let first = said.lines().next().unwrap_or_default();
    let words = said.find(LAST_WORDS).map_or("", |from| &said[from..]);
    let parts = [&format!("the server was lost{after}, {how}"), first, words];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n")
}

/// Returns everything that the server had not shown to have survived when it died in one of these
/// parts: requests without an answer, and other messages since its last one. What differs between
/// equal messages is left out. Returns `None` where the cause is uncertain.
pub(super) fn cause(wire: &[LogRange]) -> Option<String> {
    let died = |part: &&LogRange| part.broke_off() || part.shows_loss_of_started();
    let mut all = wire.iter().filter(died);
    let (part, None) = (all.next()?, all.next()) else {
        // One loss ended several sessions, or there were several.
        return None;
    };
    let entries = part.entries();
    let unheard = unheard(part, &entries);
    let (usual, suspects): (Vec<_>, Vec<_>) =
        unheard.into_iter().partition(|entry| is_usual(entry));
    let suspects = if suspects.is_empty() {
        // A server may also die of what it has answered, unless that is nothing.
        let mut sent = entries.iter().filter(|entry| !entry.from_server());
        if usual.is_empty() || !sent.all(|entry| is_usual(entry) || entry.is("initialize")) {
            return None;
        }
        usual
    } else {
        suspects
    };
    let mut messages: Vec<String> = Vec::new();
    for suspect in suspects {
        let message = without_ids(suspect, &entries);
        // What is sent again and again is one cause.
        if !messages.contains(&message) {
            messages.push(message);
        }
    }
    Some(messages.join("\n"))
}

/// Returns the messages to the server of which it has not shown that it survived them.
fn unheard<'a>(part: &LogRange, entries: &'a [Arc<Entry>]) -> Vec<&'a Arc<Entry>> {
    let silent_from = entries.iter().rposition(|entry| entry.from_server());
    let silent_from = silent_from.map_or(0, |index| index + 1);
    let state = part.log().read();
    let numbered = entries.iter().enumerate();
    let unheard = numbered.filter(
        |(index, entry)| match (&entry.envelope.message, entry.via) {
            _ if entry.from_server() => false,
            (Message::Request { .. }, _) => is_open(entry, entries),
            (_, Via::Post(number)) => {
                let exchange = state.exchanges.get(number);
                !exchange.is_some_and(Exchange::is_success)
            }
            (_, Via::Line | Via::Get(_)) => *index >= silent_from,
        },
    );
    unheard.map(|(_, entry)| entry).collect()
}

/// Returns true for what the driver sends in every session: the notification that it is
/// initialized, and pings to find out whether the server is alive.
fn is_usual(entry: &Entry) -> bool {
    let bare = entry.params().is_some_and(Value::is_null);
    match &entry.envelope.message {
        Message::Request { id, .. } => bare && entry.is("ping") && is_ordinary(id),
        Message::Notification { .. } => bare && entry.is("notifications/initialized"),
        Message::Response { .. } | Message::Unreadable => false,
    }
}

/// Returns true for an id such as the driver counts. The others are part of what a check tries.
fn is_ordinary(id: &Identifier) -> bool {
    let number = id.as_json().parse::<u64>();
    number.is_ok_and(|number| number < ORDINARY)
}

/// Returns the text of a message to the server without ordinary ids and progress tokens. In place
/// of the id of an earlier message stands that message.
fn without_ids(entry: &Entry, entries: &[Arc<Entry>]) -> String {
    let text = entry.text();
    let Ok(mut message) = serde_json::from_str::<Value>(&text) else {
        return text;
    };
    match message.as_array_mut() {
        Some(batch) => batch.iter_mut().for_each(strip),
        None => strip(&mut message),
    }
    let request = |id: &Value, from_server: bool| {
        let id = Identifier::from_value(id);
        let mut requests = entries.iter().filter(|other| {
            let asks = matches!(other.envelope.message, Message::Request { .. });
            asks && other.from_server() == from_server
        });
        let request = requests.rfind(|other| other.id() == Some(&id))?;
        let mut request = serde_json::from_str::<Value>(&request.text()).ok()?;
        if let Some(members) = request.as_object_mut() {
            members.remove("id");
        }
        strip(&mut request);
        Some(request)
    };
    if entry.is_response() {
        // `strip` may have removed the id.
        let id = entry
            .id()
            .and_then(|id| serde_json::from_str::<Value>(id.as_json()).ok());
        if let Some(asked) = id.and_then(|id| request(&id, true)) {
            message["id"] = asked;
        }
    } else if let Some(id) = message.pointer_mut("/params/requestId")
        && let Some(cancelled) = request(&*id, false)
    {
        *id = cancelled;
    }
    message.to_string()
}

/// Removes an ordinary id, and a progress token if there is nothing else in `_meta`.
fn strip(message: &mut Value) {
    let Some(members) = message.as_object_mut() else {
        return;
    };
    let ordinary = |id: &Value| id.as_u64().is_some_and(|number| number < ORDINARY);
    if members.get("id").is_some_and(ordinary) {
        members.remove("id");
    }
    if let Some(params) = members.get_mut("params").and_then(Value::as_object_mut) {
        let meta = params.get("_meta").and_then(Value::as_object);
        if meta.is_some_and(|meta| meta.len() == 1 && meta.contains_key("progressToken")) {
            params.remove("_meta");
        }
    }
}

/// Formats the status of an ended process, to follow "ended".
pub(super) fn with_status(exit: &str) -> String {
    match exit.strip_prefix("exit status: ") {
        Some(status) => format!("with status {status}"),
        None => format!("by {exit}"),
    }
}

/// Returns the message that the server presumably received last: the first one sent after its last
/// message, as a ping often follows at once. Requests are more suspect than notifications.
fn last_heard(entries: &[Arc<Entry>]) -> Option<&Arc<Entry>> {
    let silent_from = entries.iter().rposition(|entry| entry.from_server());
    let unheard = &entries[silent_from.map_or(0, |index| index + 1)..];
    let suspect = |entry: &&Arc<Entry>| {
        matches!(
            entry.envelope.message,
            Message::Request { .. } | Message::Unreadable
        )
    };
    let sent = || entries.iter().filter(|entry| !entry.from_server());
    unheard
        .iter()
        .find(suspect)
        .or_else(|| sent().rfind(suspect))
        .or_else(|| sent().next_back())
}

/// Returns true if a check waited in vain for a process that did not start in time: none of its
/// sessions has started, or the last unanswered request is one to such a process.
pub(super) fn awaits_start(wire: &[LogRange]) -> bool {
    let alone = !wire.is_empty() && wire.iter().all(LogRange::is_late);
    alone || open_request(wire).is_some_and(|(part, _)| part.is_late())
}

/// Returns the last request that was neither answered nor cancelled, and its session.
fn open_request(wire: &[LogRange]) -> Option<(&LogRange, Arc<Entry>)> {
    let waiting = wire.iter().filter_map(|part| {
        let entries = part.entries();
        let open = entries.iter().rfind(|entry| is_open(entry, &entries))?;
        Some((part, open.clone()))
    });
    waiting.max_by_key(|(part, open)| part.began() + open.at)
}

/// Describes the last request that was neither answered nor cancelled.
pub(super) fn awaited(wire: &[LogRange]) -> Option<String> {
    let (_, last) = open_request(wire)?;
    let params = last.params().unwrap_or(&Value::Null);
    let about = ["name", "uri"].into_iter();
    let about = about.filter_map(|member| params[member].as_str()).next();
    let method = last.method().unwrap_or_default();
    let request = about.map_or(method.to_owned(), |about| format!("{method} {about}"));
    let arguments = params.get("arguments");
    let arguments = arguments.map_or(String::new(), |given| format!(" {given}"));
    Some(shorten(&format!("{request}{arguments}"), SHOWN))
}

fn is_open(entry: &Entry, entries: &[Arc<Entry>]) -> bool {
    let Message::Request { id, .. } = &entry.envelope.message else {
        return false;
    };
    let over = |other: &Arc<Entry>| match other.from_server() {
        true => other.answers(id),
        false => cancels(other, id),
    };
    !entry.from_server() && !entries.iter().any(over)
}

fn cancels(entry: &Entry, id: &Identifier) -> bool {
    let cancelled = entry.params().map(|params| &params["requestId"]);
    entry.is("notifications/cancelled")
        && cancelled.is_some_and(|cancelled| Identifier::from_value(cancelled) == *id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::log::{Direction, Log};

    const ASKED: &str = r#"<{"jsonrpc":"2.0","id":"q1","method":"elicitation/create","params":{}}"#;
    const DECLINED: &str = r#">{"jsonrpc":"2.0","id":"q1","result":{"action":"decline"}}"#;
    const ACCEPTED: &str = r#">{"jsonrpc":"2.0","id":"q1","result":{"action":"accept"}}"#;

    fn call(id: &str, params: &str) -> String {
        format!(r#">{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}}}"#)
    }

    fn notice(method: &str, params: &str) -> String {
        format!(r#">{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#)
    }

    fn ping(id: &str) -> String {
        format!(r#">{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#)
    }

    fn pong(id: &str) -> String {
        format!(r#"<{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#)
    }

    /// A session of these messages, with `>` before those to the server, that the server ends.
    fn death(messages: &[&str]) -> LogRange {
        let log = Arc::new(Log::new("a"));
        for message in messages {
            let (direction, text) = match message.split_at(1) {
                (">", text) => (Direction::ToServer, text),
                (_, text) => (Direction::ToClient, text),
            };
            log.record(direction, Via::Line, text.as_bytes().to_vec(), true);
        }
        log.write(|state| state.closed = Some("its output ended".to_owned()));
        LogRange::whole(&log)
    }

    fn cause_of(messages: &[&str]) -> Option<String> {
        cause(&[death(messages)])
    }

    #[test]
    fn deaths_of_different_answers_have_different_causes() {
        let call = call("3", r#"{"name":"ask"}"#);
        let declined = cause_of(&[&call, ASKED, DECLINED]);
        assert!(declined.is_some());
        assert_ne!(declined, cause_of(&[&call, ASKED, ACCEPTED]));
        // The session was used on after the death.
        assert_eq!(
            declined,
            cause_of(&[&call, ASKED, DECLINED, &call, &ping("9")])
        );
    }

    #[test]
    fn deaths_of_different_notifications_have_different_causes() {
        let (roots, none) = (
            notice("notifications/roots/list_changed", "{}"),
            notice("notifications/none", "{}"),
        );
        let first = cause_of(&[&ping("1"), &pong("1"), &roots, &ping("2")]);
        assert!(first.is_some());
        assert_ne!(first, cause_of(&[&none, &ping("2")]));
        assert_eq!(first, cause_of(&[&roots, &ping("7")]), "a ping is no cause");
    }

    #[test]
    fn equal_messages_have_one_cause_whatever_their_ids() {
        let bare = call("3", r#"{"name":"a"}"#);
        let marked = call("4", r#"{"_meta":{"progressToken":"t"},"name":"a"}"#);
        assert_eq!(cause_of(&[&bare]), cause_of(&[&marked]));
        assert_ne!(
            cause_of(&[&bare]),
            cause_of(&[&call("3", r#"{"name":"b"}"#)])
        );
        // An unusual id may be the cause itself.
        assert_ne!(cause_of(&[&ping("1")]), cause_of(&[&ping("\"a\"")]));
        let cancel = |id: &str| {
            notice(
                "notifications/cancelled",
                &format!(r#"{{"requestId":{id}}}"#),
            )
        };
        let cancelled = cause_of(&[&bare, &cancel("3")]);
        assert_eq!(cancelled, cause_of(&[&marked, &cancel("4")]));
        assert_ne!(cancelled, cause_of(&[&cancel("3")]));
    }

    #[test]
    fn an_uncertain_cause_is_none() {
        assert!(cause_of(&[&ping("1")]).is_some());
        let call = call("3", "{}");
        // It may have died of the call that it answered.
        assert_eq!(cause_of(&[&call, &pong("3"), &ping("4")]), None);
        assert_eq!(cause_of(&[&call, &pong("3")]), None);
        assert_eq!(cause(&[death(&[&call]), death(&[&call])]), None);
        assert_eq!(cause(&[]), None);
    }
}
