//! The evidence of a run: conversations, and every fault in the shape of
//! every message.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::conversation::Conversation;
use crate::driver::log::{Entry, Log};
use crate::driver::text::is_replaced;
use crate::wire::envelope::Message;
use crate::wire::methods;
use crate::wire::shapes::{Fault, Inspection, quoted};

/// The part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payload {
    /// Its parameters.
    Params,
    /// Its result.
    Result,
}

/// A fault in the shape of a message, with its location.
#[derive(Clone, Debug)]
pub struct LocatedFault {
    /// The method of the message.
    pub method: &'static str,
    /// The part of the message.
    pub part: Payload,
    /// The fault.
    pub fault: Fault,
    /// The session, and the number of the message.
    pub place: String,
    /// The beginning of the message.
    pub message: String,
}

/// The evidence of a run.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The sessions.
    pub conversations: Vec<Conversation>,
    /// Faults in the shape of messages of the server.
    pub faults: Vec<LocatedFault>,
    /// The number of values seen of each definition, by method.
    pub seen: BTreeMap<(&'static str, &'static str), usize>,
}

impl Evidence {
    /// Reads the logs of a run.
    pub fn read(logs: &[Arc<Log>]) -> Self {
        let mut evidence = Self::default();
        for log in logs {
            let conversation = Conversation::read(log);
            conversation
                .from_server()
                .for_each(|entry| evidence.inspect(&conversation, entry));
            evidence.conversations.push(conversation);
        }
        evidence
    }

    /// Counts the values of definitions in messages of these methods, or of any method if none is
    /// named.
    pub fn count(&self, methods: &[&str], definitions: &[&str]) -> usize {
        let counted = self.seen.iter().filter(|((method, definition), _)| {
            (methods.is_empty() || methods.contains(method)) && definitions.contains(definition)
        });
        counted.map(|(_, count)| count).sum()
    }

    /// Returns all messages of the server with their sessions.
    pub fn messages(&self) -> impl Iterator<Item = (&Conversation, &Entry)> {
        self.conversations.iter().flat_map(|conversation| {
            conversation
                .from_server()
                .map(move |entry| (conversation, entry))
        })
    }

    /// Returns the server's messages of this method with their sessions.
    pub fn of_method(&self, method: &str) -> impl Iterator<Item = (&Conversation, &Entry)> {
        self.messages().filter(move |(_, entry)| entry.is(method))
    }

    fn inspect(&mut self, conversation: &Conversation, entry: &Entry) {
        match &entry.envelope.message {
            Message::Request { method, params, .. } | Message::Notification { method, params } => {
                if let Some(method) = methods::find(method) {
                    self.note(
                        conversation,
                        entry,
                        method.name,
                        Payload::Params,
                        method.inspect_params(params),
                    );
                }
            }
            Message::Response {
                answer: Ok(result), ..
            } => {
                let asked = conversation.question_of(entry);
                if let Some(method) = asked.and_then(|asked| methods::find(&asked.method)) {
                    self.note(
                        conversation,
                        entry,
                        method.name,
                        Payload::Result,
                        method.inspect_result(result),
                    );
                }
            }
            Message::Response { answer: Err(_), .. } | Message::Unreadable => {}
        }
    }

    fn note(
        &mut self,
        conversation: &Conversation,
        entry: &Entry,
        method: &'static str,
        part: Payload,
        inspection: Inspection,
    ) {
        for (definition, count) in inspection.seen {
            *self.seen.entry((method, definition)).or_default() += count;
        }
        let (place, message) = (position(conversation, entry), beginning(entry));
        // The flaw of the message itself explains them.
        let explained = |fault: &Fault| {
            entry.is_mended() && (is_replaced(&fault.text) || is_replaced(&fault.path))
        };
        let faults = inspection.faults.into_iter();
        let faults = faults.filter(|fault| !explained(fault));
        let faults = faults.map(|fault| LocatedFault {
            method,
            part,
            fault,
            place: place.clone(),
            message: message.clone(),
        });
        self.faults.extend(faults);
    }
}

/// Names the position of a message for a reader.
pub fn place(conversation: &Conversation, entry: &Entry) -> String {
    format!("{}: {}", position(conversation, entry), beginning(entry))
}

fn position(conversation: &Conversation, entry: &Entry) -> String {
    format!("{}, message {}", conversation.label, entry.index + 1)
}

fn beginning(entry: &Entry) -> String {
    quoted(&entry.text(), 240)
}
