//! Progress:
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/progress>.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::check::Check;
use super::context::CheckContext;
use super::failures::not_internal;
use super::tally::Tally;
use crate::checks::lifecycle::known_lists;
use crate::driver::ClientRole;
use crate::driver::client_role::Answer;
use crate::driver::log::Entry;
use crate::driver::session::with_token;
use crate::model::{Finding, Judgement};
use crate::observe::evidence::place;
use crate::observe::{Asked, Conversation, Evidence};
use crate::survey::listing::List;
use crate::survey::unanswered::{asking, open_request};
use crate::wire::identifier::Identifier;
use crate::wire::shapes::Rule;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "progress/echo-token",
        "Returns tokens with their value and kind unchanged.",
        ["progress.echo-token"],
        echo_token
    ),
    check!(
        "progress/any-request",
        "Accepts a progress token in every request.",
        ["progress.works-on-any-request"],
        any_request
    ),
    check!(
        "progress/fractions",
        "Accepts fractional progress and totals.",
        ["progress.float"],
        fractions
    ),
    observe!(
        "progress/increases",
        "Reports increasing values.",
        ["progress.increases"],
        increases
    ),
    observe!(
        "progress/only-requested",
        "Reports only for known tokens.",
        ["progress.only-requested"],
        only_requested
    ),
    observe!(
        "progress/in-progress",
        "Reports only while the request is in flight.",
        ["progress.in-progress-only", "progress.stops"],
        while_it_runs
    ),
    observe!(
        "progress/message",
        "Gives progress messages some text.",
        ["progress.message"],
        messages
    ),
    observe!(
        "progress/rate",
        "Does not flood the client with progress.",
        ["progress.rate-limit"],
        rate
    ),
    observe!(
        "progress/token-unique",
        "Gives each request in flight a token of its own.",
        ["progress.token-unique"],
        unique_tokens
    ),
    observe!(
        "progress/token-kind",
        "Uses strings or integers as tokens.",
        ["progress.token-type"],
        token_kinds
    ),
    shape!(
        "progress/shape",
        "Reports progress in the right shape.",
        ["schema.progress-notification"],
        ["notifications/progress"],
        ["ProgressNotification.params"],
        [Rule::Type]
    ),
];

async fn echo_token(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let call = survey.quickest(|call| call.behaviour.progress > 0 && call.succeeded());
    let call =
        call.ok_or_else(|| Finding::Skip("no tool was seen to report progress".to_owned()))?;
    let session = context.fresh(ClientRole::complete()).await?;
    let mut tally = Tally::default();
    let mut reported = 0;
    // No text equals one of the numbers, so each form identifies its token.
    let tokens = [
        json!(0),
        json!(7),
        json!("8"),
        json!(""),
        json!("a b \u{e9}\""),
        json!(-1),
        json!(9_007_199_254_740_991_i64),
    ];
    for (position, token) in tokens.iter().enumerate() {
        let reply = session
            .request("tools/call", with_token(call.params(), token.clone()))
            .await;
        // Only the answer to the token counts, not the result of another call.
        let refused = reply.error_with(&[-32602]).is_ok();
        tally.expect(!refused, || {
            let expected = format!("no complaint about the token {token}");
            reply.unexpected(&expected).to_string()
        });
        tally.note(not_internal(&reply, "the answer to the call"));
        for entry in session.log().since(reply.from) {
            let Some(params) = entry.params().filter(|_| is_progress(&entry)) else {
                continue;
            };
            // Other checks judge whether and when progress is reported.
            let given = tokens[..=position].contains(&params["progressToken"]);
            reported += usize::from(given);
            tally.expect(given, || {
                format!(
                    "called {} with the token {token}; expected progress with it or none; got {}",
                    call.tool,
                    entry.shown()
                )
            });
        }
    }
    if reported == 0 {
        tally.tried = 0;
    }
    tally.judge(
        "answers and reports had tokens as they were given",
        "the tool reported no progress when it was called again",
    )
}

fn is_progress(entry: &Entry) -> bool {
    entry.from_server() && entry.is("notifications/progress")
}

async fn any_request(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    let lists = known_lists(context).await?.into_iter().map(List::method);
    for method in std::iter::once("ping").chain(lists) {
        let token = json!(format!("progress of {method}"));
        tally.note(
            session
                .request(method, with_token(Value::Null, token))
                .await
                .result(),
        );
    }
    tally.judge("methods were answered with a token", "")
}

async fn fractions(context: &CheckContext) -> Judgement {
    let (asked, call) = asking(context.survey().await?)?;
    // A tool may ask further questions, which are answered.
    let role = ClientRole::complete().answering(asked, Answer::Silence);
    let session = context.fresh(role).await?;
    let pending = session.begin("tools/call", call.params()).await;
    let within = session.timing().call;
    let open = open_request(&session, asked, pending.from, within).await;
    let open = open.filter(|open| !open.token.is_null()).ok_or_else(|| {
        Finding::Skip("the server gives its requests no progress token".to_owned())
    })?;
    for progress in [0.1, 0.25, 1.5] {
        let params = json!({"progressToken": open.token, "progress": progress, "total": 2.5});
        session.notify("notifications/progress", params).await;
    }
    session.role().set(asked, Answer::Usual);
    session.answer(&open.entry).await;
    let reply = session.reply(&pending, session.timing().answer).await;
    reply.result()?;
    session.expect_alive("progress in fractions").await?;
    Ok(format!(
        "{} ended after progress of 0.1, 0.25 and 1.5 of 2.5",
        call.tool
    ))
}

struct Report<'a> {
    conversation: &'a Conversation,
    entry: &'a Entry,
    params: &'a Value,
    token: Identifier,
}

impl Report<'_> {
    fn place(&self) -> String {
        place(self.conversation, self.entry)
    }

    /// Returns the requests to which it may belong, the latest first.
    fn requests(&self) -> impl Iterator<Item = &Asked> {
        let earlier = self
            .conversation
            .ours
            .iter()
            .rev()
            .filter(|asked| asked.sent < self.entry.index);
        earlier.filter(|asked| asked.progress_token().as_ref() == Some(&self.token))
    }
}

fn reports(evidence: &Evidence) -> impl Iterator<Item = Report<'_>> {
    evidence
        .of_method("notifications/progress")
        .filter_map(|(conversation, entry)| {
            let params = entry.params()?;
            let token = Identifier::from_value(&params["progressToken"]);
            Some(Report {
                conversation,
                entry,
                params,
                token,
            })
        })
}

fn increases(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    let mut latest: HashMap<(&str, usize), f64> = HashMap::new();
    for report in reports(evidence) {
        let (Some(asked), Some(progress)) =
            (report.requests().next(), report.params["progress"].as_f64())
        else {
            continue;
        };
        let before = latest.insert((&report.conversation.label, asked.sent), progress);
        tally.expect(before.is_none_or(|before| progress > before), || {
            format!(
                "{progress} after {} ({})",
                before.unwrap_or_default(),
                report.place()
            )
        });
    }
    tally.judge("reports of progress seen", "no progress was reported")
}

fn only_requested(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for report in reports(evidence) {
        tally.expect(report.requests().next().is_some(), || {
            format!("no request gave this token ({})", report.place())
        });
    }
    tally.judge("reports of progress seen", "no progress was reported")
}

fn while_it_runs(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for report in reports(evidence) {
        let mut requests = report.requests().peekable();
        if requests.peek().is_none() {
            continue;
        }
        let entry = report.entry;
        let in_time = requests.any(|asked| {
            asked.runs_at(entry.index)
                || report
                    .conversation
                    .may_have_crossed(entry, asked.answered_at, asked.via)
        });
        tally.expect(in_time, || {
            format!("the request was answered before ({})", report.place())
        });
    }
    tally.judge("reports of progress seen", "no progress was reported")
}

fn messages(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for report in reports(evidence) {
        if let Some(message) = report.params.get("message") {
            let says = message
                .as_str()
                .is_some_and(|message| !message.trim().is_empty());
            tally.expect(says, || format!("an empty message ({})", report.place()));
        }
    }
    tally.judge(
        "messages of progress seen",
        "no progress with a message was reported",
    )
}

fn rate(evidence: &Evidence) -> Judgement {
    const MAX_PER_SECOND: usize = 1000;
    let mut tally = Tally::default();
    let mut counts: HashMap<(&str, usize, u64), usize> = HashMap::new();
    for report in reports(evidence) {
        let second = report.entry.at.as_secs();
        let sent = report.requests().next().map_or(0, |asked| asked.sent);
        *counts
            .entry((&report.conversation.label, sent, second))
            .or_default() += 1;
    }
    for ((label, _, _), count) in counts {
        tally.expect(count <= MAX_PER_SECOND, || {
            format!("{label}: {count} reports for one request in a second")
        });
    }
    tally.judge(
        "seconds with progress, none of them flooded",
        "no progress was reported",
    )
}

fn unique_tokens(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        for asked in &conversation.theirs {
            let Some(token) = asked.progress_token() else {
                continue;
            };
            let twin = conversation.theirs.iter().find(|other| {
                other.sent < asked.sent
                    && other
                        .settled_at
                        .is_none_or(|settled| asked.sent_at < settled)
                    && other.progress_token().as_ref() == Some(&token)
            });
            tally.expect(twin.is_none(), || {
                format!(
                    "{}: two requests in flight have the token {token}",
                    conversation.label
                )
            });
        }
    }
    tally.judge("tokens of the server seen", "the target gave no token")
}

fn token_kinds(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        for token in conversation.theirs.iter().filter_map(Asked::progress_token) {
            tally.expect(token.is_legal(), || {
                format!("{}: the token {token}", conversation.label)
            });
        }
    }
    tally.judge("tokens of the server seen", "the target gave no token")
}
