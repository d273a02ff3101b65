//! The stdio transport:
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#stdio>.

use serde_json::{Value, json};

use super::base::no_batch;
use super::check::Check;
use super::context::CheckContext;
use super::tally::Tally;
use crate::driver::ClientRole;
use crate::driver::log::{Entry, Via};
use crate::driver::session::request_text;
use crate::model::{Finding, Judgement};
use crate::observe::Evidence;
use crate::observe::evidence::place;
use crate::wire::envelope::{Message, Rule};

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(Stdio "stdio/single-messages", "Accepts one message per line and no arrays.",
        ["stdio.single-messages"], no_batch),
    check!(Stdio "stdio/line-endings", "Tolerates CRLF and blank lines.",
        ["stdio.newline-delimited"], line_endings),
    check!(Stdio "stdio/long-line", "Accepts a message of a hundred kilobytes.",
        ["stdio.newline-delimited"], long_line),
    observe!(Stdio "stdio/newline", "Ends each message with a newline.",
        ["stdio.newline-delimited"], ends_with_newline),
    observe!(Stdio "stdio/one-line", "Writes no newline inside a message.",
        ["stdio.no-embedded-newline"], one_line),
    observe!(Stdio "stdio/stdout-clean", "Writes only messages to stdout.",
        ["stdio.stdout-clean"], clean),
    observe!(Stdio "stdio/stderr-utf-8", "Writes UTF-8 to stderr, if anything.",
        ["stdio.stderr-utf8"], stderr),
    observe!(Stdio "stdio/no-authorization", "Leaves HTTP authorization to HTTP.",
        ["auth.stdio-env"], no_authorization),
];

async fn line_endings(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    let id = session.fresh_id();
    let message = format!("\n\r\n{}\r\n", request_text(&id, "ping", &Value::Null));
    let reply = session.probe_raw(message.as_bytes(), Some(&id)).await;
    let answered = reply.responses.iter().any(|entry| entry.answers(&id));
    let complaint = reply.responses.iter().find(|entry| !entry.answers(&id));
    match (answered, complaint) {
        (true, None) => Ok("ping was answered between blank lines and CRLF".to_owned()),
        // The page does not mention blank lines and CR.
        (true, Some(entry)) => Err(Finding::Warning(format!(
            "a blank line got {}",
            entry.shown()
        ))),
        (false, _) => Err(Finding::Warning(format!(
            "sent {:?}; ping was not answered",
            reply.sent
        ))),
    }
}

async fn long_line(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    let params = json!({"_meta": {"example.com/padding": "x".repeat(100_000)}});
    session.request("ping", params).await.result()?;
    Ok("ping with 100 kB of _meta was answered".to_owned())
}

fn ends_with_newline(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence
        .messages()
        .filter(|(_, entry)| entry.via == Via::Line && !entry.stray)
    {
        tally.expect(entry.complete, || {
            format!("no newline at the end ({})", place(conversation, entry))
        });
    }
    tally.judge("lines seen", "the target wrote nothing")
}

fn one_line(evidence: &Evidence) -> Judgement {
    lines(evidence, "a message of several lines", |entry| {
        entry.stray || !entry.envelope.breaks(Rule::OneLine)
    })
}

fn clean(evidence: &Evidence) -> Judgement {
    lines(evidence, "a line that is not a message", |entry| {
        !entry.stray
    })
}

fn lines(evidence: &Evidence, fault: &str, is_legal: fn(&Entry) -> bool) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence
        .messages()
        .filter(|(_, entry)| entry.via == Via::Line)
    {
        tally.expect(is_legal(entry), || {
            format!("{fault} ({})", place(conversation, entry))
        });
    }
    tally.judge("lines seen", "the target wrote nothing")
}

/// Words that only occur in HTTP authorization.
const AUTHORIZATION: [&str; 5] = [
    "www-authenticate",
    "oauth-protected-resource",
    "oauth-authorization-server",
    "resource_metadata",
    "authorization_endpoint",
];

/// Examines errors and requests, the places where a server would put a challenge. Results of tools
/// and resources may mention anything.
fn no_authorization(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.messages() {
        let concerned = match &entry.envelope.message {
            Message::Request { .. } | Message::Response { answer: Err(_), .. } => true,
            Message::Notification { .. }
            | Message::Response { answer: Ok(_), .. }
            | Message::Unreadable => false,
        };
        if concerned {
            let text = entry.text().to_ascii_lowercase();
            let word = AUTHORIZATION.iter().find(|word| text.contains(**word));
            tally.expect(word.is_none(), || {
                let word = word.unwrap_or(&"");
                format!(
                    "{word:?} belongs to HTTP; expected credentials from the environment ({})",
                    place(conversation, entry)
                )
            });
        }
    }
    tally.judge(
        "errors and requests seen, none of them a challenge",
        "the target sent neither an error nor a request",
    )
}

fn stderr(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in evidence
        .conversations
        .iter()
        .filter(|conversation| !conversation.stderr.is_empty())
    {
        // The end may be cut within a character.
        let legal = match std::str::from_utf8(&conversation.stderr) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none(),
        };
        tally.expect(legal, || {
            format!("{}: stderr is not UTF-8", conversation.label)
        });
    }
    tally.judge(
        "sessions with UTF-8 on stderr",
        "the target wrote nothing to stderr",
    )
}
