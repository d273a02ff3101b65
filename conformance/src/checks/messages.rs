//! Rules for every message of the server: envelope, ids, errors, `_meta`:
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic>.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::check::Check;
use super::tally::Tally;
use crate::driver::log::Entry;
use crate::model::{Finding, Judgement};
use crate::observe::conversation::Asked;
use crate::observe::evidence::place;
use crate::observe::{Conversation, Evidence};
use crate::wire::envelope::{Envelope, Message, Rule};
use crate::wire::formats::MetaKeyFault;
use crate::wire::identifier::Identifier;
use crate::wire::shapes::{Rule as ShapeRule, quoted};

/// The checks of messages.
pub const CHECKS: &[Check] = &[
    observe!(
        "base/version-member",
        "Sends jsonrpc 2.0 in every message.",
        ["base.message.jsonrpc-2.0"],
        json_rpc
    ),
    observe!(
        "base/emits-no-batch",
        "Never sends an array.",
        ["base.message.no-batch"],
        no_batch
    ),
    observe!("base/utf-8", "Sends UTF-8.", ["transport.utf8"], utf8),
    observe!(
        "base/result-or-error",
        "Answers with a result or an error.",
        ["base.response.one-of"],
        |evidence| envelopes(evidence, &[Rule::Known])
    ),
    observe!(
        "base/not-both",
        "Never answers with both a result and an error.",
        ["base.response.not-both"],
        |evidence| envelopes(evidence, &[Rule::NotBoth])
    ),
    observe!(
        "base/result-object",
        "Gives results that are objects.",
        ["base.response.result-object"],
        |evidence| envelopes(evidence, &[Rule::ResultObject])
    ),
    observe!(
        "base/emits-params-object",
        "Sends parameters that are objects.",
        ["jsonrpc.params-structured"],
        |evidence| envelopes(evidence, &[Rule::ParamsObject])
    ),
    observe!(
        "base/error-members",
        "Gives errors with a code and a message.",
        ["base.error.code-and-message"],
        |evidence| errors(evidence, &[Rule::ErrorMessage])
    ),
    observe!(
        "base/error-code-integer",
        "Gives error codes that are integers.",
        ["base.error.code-integer"],
        |evidence| errors(evidence, &[Rule::ErrorCode])
    ),
    observe!(
        "base/error-code-reserved",
        "Uses only defined codes of the range that JSON-RPC reserves.",
        ["jsonrpc.reserved-codes"],
        reserved_codes
    ),
    observe!(
        "base/error-concise",
        "Describes errors in one sentence.",
        ["base.error.message-concise"],
        concise_errors
    ),
    observe!(
        "base/request-id",
        "Gives its requests an id that is a string or an integer.",
        ["base.request.id-present"],
        |evidence| requests(evidence, Rule::RequestIdKind)
    ),
    observe!(
        "base/request-id-null",
        "Never uses the id null in a request.",
        ["base.request.id-not-null"],
        |evidence| requests(evidence, Rule::RequestIdNull)
    ),
    observe!(
        "base/request-id-unique",
        "Never reuses an id in a session.",
        ["base.request.id-unique"],
        unique_ids
    ),
    observe!(
        "base/notification-id",
        "Sends notifications without an id.",
        ["base.notification.no-id"],
        |evidence| notifications(evidence, Rule::NotificationId)
    ),
    observe!(
        "base/answers-once",
        "Answers each request once, and nothing else.",
        ["base.response.same-id"],
        answers_once
    ),
    shape!(
        "base/meta-object",
        "Sends _meta as an object.",
        ["schema.meta-object"],
        [],
        [],
        [ShapeRule::Meta]
    ),
    shape!(
        "base/meta-prefix",
        "Separates the labels of a prefix in _meta by dots.",
        ["base.meta.prefix-form"],
        [],
        [],
        [ShapeRule::MetaKey(MetaKeyFault::Prefix)]
    ),
    shape!(
        "base/meta-label",
        "Forms the labels of a prefix in _meta correctly.",
        ["base.meta.label-form"],
        [],
        [],
        [ShapeRule::MetaKey(MetaKeyFault::Label)]
    ),
    shape!(
        "base/meta-name",
        "Begins and ends names in _meta with a letter or a digit.",
        ["base.meta.name-ends"],
        [],
        [],
        [ShapeRule::MetaKey(MetaKeyFault::NameEnds)]
    ),
    shape!(
        "base/meta-name-characters",
        "Uses only allowed characters in names in _meta.",
        ["base.meta.name-charset"],
        [],
        [],
        [ShapeRule::MetaKey(MetaKeyFault::NameCharacters)]
    ),
    shape!(
        "base/meta-reserved",
        "Uses no prefix in _meta that is reserved for MCP.",
        ["base.meta.reserved-prefix"],
        [],
        [],
        [ShapeRule::MetaKey(MetaKeyFault::Reserved)]
    ),
];

/// Members that occur twice are legal, as JSON only says that they SHOULD NOT.
///
/// <https://www.rfc-editor.org/rfc/rfc8259#section-4>
fn json_rpc(evidence: &Evidence) -> Judgement {
    let rules = [Rule::Version, Rule::Foreign, Rule::Json];
    with_remarks(evidence, &rules, Rule::UniqueMembers)
}

/// Halves of surrogate pairs are legal in JSON, but no UTF-8 can hold them, so that some readers
/// refuse the whole message.
///
/// <https://www.rfc-editor.org/rfc/rfc8259#section-8.2>
fn utf8(evidence: &Evidence) -> Judgement {
    with_remarks(evidence, &[Rule::Utf8], Rule::Surrogates)
}

/// Judges these rules. A violation of the other rule is a warning.
fn with_remarks(evidence: &Evidence, rules: &[Rule], remark: Rule) -> Judgement {
    let judged = envelopes(evidence, rules)?;
    match envelopes(evidence, &[remark]) {
        Err(Finding::Violation(what)) => Err(Finding::Warning(what)),
        _ => Ok(judged),
    }
}

/// An array that answers an array of the driver is leniency towards it, which the check that sent it
/// judges.
fn no_batch(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.messages() {
        let array = entry.envelope.breaks(Rule::NoBatch);
        let legal = !array || conversation.answers_a_batch(entry);
        tally.expect(legal, || {
            format!("a JSON array ({})", place(conversation, entry))
        });
    }
    tally.judge("messages seen", "the target sent nothing of this kind")
}

fn envelopes(evidence: &Evidence, rules: &[Rule]) -> Judgement {
    judge_envelopes(evidence, rules, |_| true, "messages seen")
}

fn errors(evidence: &Evidence, rules: &[Rule]) -> Judgement {
    let is_error =
        |envelope: &Envelope| matches!(envelope.message, Message::Response { answer: Err(_), .. });
    judge_envelopes(evidence, rules, is_error, "errors seen")
}

fn requests(evidence: &Evidence, rule: Rule) -> Judgement {
    let is_request = |envelope: &Envelope| matches!(envelope.message, Message::Request { .. });
    judge_envelopes(evidence, &[rule], is_request, "requests of the server seen")
}

fn notifications(evidence: &Evidence, rule: Rule) -> Judgement {
    let is_notification =
        |envelope: &Envelope| matches!(envelope.message, Message::Notification { .. });
    judge_envelopes(evidence, &[rule], is_notification, "notifications seen")
}

fn judge_envelopes(
    evidence: &Evidence,
    rules: &[Rule],
    about: impl Fn(&Envelope) -> bool,
    counted: &str,
) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence
        .messages()
        .filter(|(_, entry)| !entry.stray && about(&entry.envelope))
    {
        let defect = entry
            .envelope
            .defects
            .iter()
            .find(|defect| rules.contains(&defect.rule));
        tally.expect(defect.is_none(), || {
            let found = defect
                .map(|defect| defect.found.as_str())
                .unwrap_or_default();
            format!("{found} ({})", place(conversation, entry))
        });
    }
    tally.judge(counted, "the target sent nothing of this kind")
}

fn reserved_codes(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.messages() {
        if let Message::Response {
            answer: Err(error), ..
        } = &entry.envelope.message
        {
            let defined = matches!(error.code, -32700 | -32603..=-32600 | -32099..=-32000);
            let reserved = (-32768..=-32000).contains(&error.code);
            tally.expect(defined || !reserved, || {
                format!("code {} ({})", error.code, place(conversation, entry))
            });
        }
    }
    tally.judge("errors seen", "no error was seen")
}

fn concise_errors(evidence: &Evidence) -> Judgement {
    const LONG: usize = 500;
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.messages() {
        if let Message::Response {
            answer: Err(error), ..
        } = &entry.envelope.message
        {
            let concise = !error.message.contains('\n') && error.message.chars().count() <= LONG;
            tally.expect(concise, || {
                format!(
                    "a message of several lines or more than {LONG} characters ({})",
                    place(conversation, entry)
                )
            });
        }
    }
    tally.judge("errors seen", "no error was seen")
}

fn unique_ids(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let mut used = HashSet::new();
        for asked in &conversation.theirs {
            tally.expect(used.insert(&asked.id), || {
                format!(
                    "{}: {} came again with id {}",
                    conversation.label, asked.method, asked.id
                )
            });
        }
    }
    tally.judge("requests of the server seen", "the target sent no request")
}

/// Returns the last request before a message that got no answer at all: presumably the one that a
/// response with an unknown id answers.
fn unanswered_before<'a>(conversation: &'a Conversation, entry: &Entry) -> Option<&'a Asked> {
    let mut before = conversation
        .ours
        .iter()
        .filter(|asked| asked.sent < entry.index && asked.cancelled.is_none());
    before.rfind(|asked| asked.answers.is_empty() && asked.via == entry.via)
}

fn answers_once(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let sent = sent_ids(conversation);
        let mut answered: HashMap<&Identifier, usize> = HashMap::new();
        for entry in conversation.from_server().filter(|entry| !entry.stray) {
            if entry.envelope.breaks(Rule::ResponseId) && !echoes_id(conversation, entry) {
                let text = quoted(&entry.text(), 160);
                tally.fail(format!(
                    "{text} carries no id of a request ({})",
                    place(conversation, entry)
                ));
            }
            let Message::Response { id: Some(id), .. } = &entry.envelope.message else {
                continue;
            };
            if id.as_json() == "null" {
                continue;
            }
            let count = answered.entry(id).or_default();
            *count += 1;
            let allowed = sent.get(id).copied().unwrap_or_default();
            tally.expect(*count <= allowed, || {
                let place = place(conversation, entry);
                match unanswered_before(conversation, entry) {
                    Some(asked) if allowed == 0 => format!(
                        "the answer to request ID {} ({}) bears the id {id} ({place})",
                        asked.id, asked.method
                    ),
                    _ => {
                        format!("answer {count} to an id that was sent {allowed} times ({place})")
                    }
                }
            });
        }
    }
    tally.judge("answers seen", "the target answered nothing")
}

/// Returns true if a response has an id such as 1.5 or `true` that the driver sent to see it refused.
/// Serving it is leniency, which the check of invalid requests judges.
fn echoes_id(conversation: &Conversation, response: &Entry) -> bool {
    let id_of = |entry: &Entry| {
        let message: Value = serde_json::from_str(&entry.text()).ok()?;
        message.get("id").filter(|id| !id.is_null()).cloned()
    };
    let id = id_of(response);
    let mut sent = conversation.entries.iter();
    id.is_some() && sent.any(|entry| !entry.from_server() && id_of(entry) == id)
}

/// Counts how often the driver sent each id, including deliberately malformed messages.
fn sent_ids(conversation: &Conversation) -> HashMap<Identifier, usize> {
    let mut sent = HashMap::new();
    for entry in conversation
        .entries
        .iter()
        .filter(|entry| !entry.from_server())
    {
        let ids = match &entry.envelope.message {
            Message::Request { id, .. } => vec![id.clone()],
            Message::Notification { .. } | Message::Response { .. } => Vec::new(),
            Message::Unreadable => legible_ids(&entry.text()),
        };
        for id in ids {
            *sent.entry(id).or_default() += 1;
        }
    }
    sent
}

/// Extracts the ids of a broken message like a lenient reader.
fn legible_ids(text: &str) -> Vec<Identifier> {
    let after = text.split(r#""id":"#).skip(1);
    let values = after.filter_map(|rest| {
        serde_json::Deserializer::from_str(rest)
            .into_iter::<Value>()
            .next()?
            .ok()
    });
    values.map(|value| Identifier::from_value(&value)).collect()
}
