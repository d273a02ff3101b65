//! Additions to the message of a check: the message that crashed the server, the end of its stderr,
//! and the unanswered request.

use std::sync::Arc;

use serde_json::Value;

use crate::driver::log::{Entry, LAST_WORDS};
use crate::driver::transcript::LogRange;
use crate::wire::envelope::Message;
use crate::wire::identifier::Identifier;
use crate::wire::shapes::{quoted, shorten};

/// The length in characters up to which a message shows a request in full.
const SHOWN: usize = 200;

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

/// Returns the message of which the server presumably died in one of these parts, without what
/// differs between two equal messages: ids and `_meta`.
pub(super) fn cause(wire: &[LogRange]) -> Option<String> {
    let died = |part: &&LogRange| part.broke_off() || part.shows_loss_of_started();
    let entries = wire.iter().find(died)?.entries();
    let text = last_heard(&entries)?.text();
    let Ok(mut message) = serde_json::from_str::<Value>(&text) else {
        return Some(text);
    };
    let strip = |message: &mut Value| {
        if let Some(members) = message.as_object_mut() {
            members.remove("id");
            if let Some(params) = members.get_mut("params").and_then(Value::as_object_mut) {
                params.remove("_meta");
            }
        }
    };
    match message.as_array_mut() {
        Some(batch) => batch.iter_mut().for_each(strip),
        None => strip(&mut message),
    }
    Some(message.to_string())
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

/// Returns the last request that was neither answered nor cancelled.
pub(super) fn awaited(wire: &[LogRange]) -> Option<String> {
    let waiting = wire.iter().filter_map(|part| {
        let entries = part.entries();
        let open = entries.iter().rfind(|entry| is_open(entry, &entries))?;
        Some((part.began() + open.at, open.clone()))
    });
    let (_, last) = waiting.max_by_key(|(moment, _)| *moment)?;
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
