//! Logging: <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/logging>.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::capabilities::needs;
use super::check::Check;
use super::context::CheckContext;
use super::lifecycle::{STATELESS, is_stateless, judge_gates};
use super::tally::Tally;
use crate::driver::{ClientRole, Session};
use crate::model::{Finding, Judgement};
use crate::observe::Evidence;
use crate::observe::evidence::place;
use crate::survey::ToolCall;
use crate::wire::definitions::LOGGING_LEVELS;
use crate::wire::shapes::Rule;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "logging/set-level",
        "Accepts all eight levels.",
        ["logging.set-level-result"],
        set_level
    ),
    check!(
        "logging/invalid-level",
        "Answers an unknown level with -32602.",
        ["logging.error-level"],
        invalid_level
    ),
    check!(
        "logging/all-above",
        "Sends all messages at or above the set level.",
        ["logging.all-above"],
        all_above
    ),
    check!(
        "logging/threshold",
        "Sends no messages below the set level.",
        ["logging.threshold"],
        threshold
    ),
    observe!(
        "logging/threshold-always",
        "Never sends a message below the set level.",
        ["logging.threshold"],
        threshold_always
    ),
    observe!(
        "logging/declare",
        "Declares logging if it logs.",
        ["logging.declare"],
        |evidence| judge_gates(evidence, |method| method == "notifications/message")
    ),
    observe!(
        "logging/rate",
        "Does not flood the client with logs.",
        ["logging.rate-limit"],
        rate
    ),
    observe!(
        "logging/logger-consistent",
        "Spells the name of a logger consistently.",
        ["logging.logger-consistent"],
        loggers
    ),
    observe!(
        "logging/no-internals",
        "Logs nothing that helps an attacker.",
        ["logging.no-internals"],
        no_internals
    ),
    shape!(
        "logging/levels",
        "Logs with one of the eight levels.",
        ["logging.levels"],
        ["notifications/message"],
        ["LoggingMessageNotification.params"],
        [Rule::Word]
    ),
    shape!(
        "logging/shape",
        "Logs with a level and data.",
        ["logging.data-required"],
        ["notifications/message"],
        ["LoggingMessageNotification.params"],
        [Rule::Type]
    ),
];

async fn set_level(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    needs(&session, "logging", None)?;
    let mut tally = Tally::default();
    for level in LOGGING_LEVELS.iter().rev() {
        tally.note(
            session
                .request("logging/setLevel", json!({"level": level}))
                .await
                .result(),
        );
    }
    tally.judge("levels were accepted", "")
}

async fn invalid_level(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    needs(&session, "logging", None)?;
    let mut tally = Tally::default();
    for params in [
        json!({"level": "verbose"}),
        json!({"level": "INFO"}),
        json!({"level": ""}),
        json!({"level": 3}),
        json!({}),
    ] {
        tally.note(
            session
                .request("logging/setLevel", params)
                .await
                .error_with(&[-32602]),
        );
    }
    tally.judge("invalid levels were answered with -32602", "")
}

fn severity(level: &str) -> Option<usize> {
    LOGGING_LEVELS.iter().position(|known| *known == level)
}

/// Returns a session and a tool that logs, at several levels if there is one.
async fn logging_tool(context: &CheckContext) -> Result<(Session, &ToolCall), Finding> {
    let survey = context.survey().await?;
    let session = context.fresh(ClientRole::complete()).await?;
    needs(&session, "logging", None)?;
    let levels = |call: &ToolCall| {
        call.behaviour
            .levels
            .iter()
            .collect::<std::collections::HashSet<_>>()
            .len()
    };
    let logs = survey
        .calls
        .iter()
        .filter(|call| call.succeeded() && call.behaviour.logs > 0);
    let call = logs.max_by_key(|call| levels(call));
    call.map(|call| (session, call))
        .ok_or_else(|| Finding::Skip("no tool was seen to log".to_owned()))
}

/// Returns the levels that a call logs in this session after a level was set.
async fn levels_at(
    session: &Session,
    call: &ToolCall,
    level: &str,
) -> Result<Vec<String>, Finding> {
    session
        .request("logging/setLevel", json!({"level": level}))
        .await
        .result()?;
    let reply = session.request("tools/call", call.params()).await;
    reply.result()?;
    session.fence().await.map_err(Finding::Violation)?;
    tokio::time::sleep(session.timing().quiet).await;
    let heard = session.log().since(reply.from);
    let logs = heard
        .iter()
        .filter(|entry| entry.from_server() && entry.is("notifications/message"));
    Ok(logs
        .filter_map(|entry| entry.params()?["level"].as_str().map(str::to_owned))
        .collect())
}

async fn all_above(context: &CheckContext) -> Judgement {
    let (session, call) = logging_tool(context).await?;
    let mut tally = Tally::default();
    let all = levels_at(&session, call, "debug").await?;
    tally.expect(!all.is_empty(), || {
        format!("set debug, called {}; got no message", call.tool)
    });
    let mut missing = Vec::new();
    for level in ["info", "error"] {
        let heard = levels_at(&session, call, level).await?;
        let wanted = all.iter().filter(|one| severity(one) >= severity(level));
        let lost = wanted.filter(|one| !heard.contains(one)).cloned();
        missing.extend(lost.map(|lost| (level, lost)));
    }
    // A tool may log at random: only messages of every call can be missing.
    let again = levels_at(&session, call, "debug").await?;
    for (set, lost) in missing {
        tally.expect(!again.contains(&lost), || {
            format!(
                "set {set}, called {}; got no message at {lost}, as with debug before and after",
                call.tool
            )
        });
    }
    tally.judge("probes: no message at or above the level was missing", "")
}

async fn threshold(context: &CheckContext) -> Judgement {
    let (session, call) = logging_tool(context).await?;
    // The call does not tell such a server which client chose which level.
    if is_stateless(&session) {
        return Err(Finding::Skip(STATELESS.to_owned()));
    }
    let mut tally = Tally::default();
    for level in ["emergency", "error"] {
        let heard = levels_at(&session, call, level).await?;
        let below = heard.iter().find(|heard| severity(heard) < severity(level));
        tally.expect(below.is_none(), || {
            format!(
                "set {level}, called {}; got a message at {}",
                call.tool,
                below.map_or("", |below| below)
            )
        });
    }
    tally.judge("levels suppressed lesser messages", "")
}

fn threshold_always(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    let logged = evidence.of_method("notifications/message");
    for (conversation, entry) in logged.filter(|(conversation, _)| !conversation.has_no_session()) {
        let level = entry
            .params()
            .and_then(|params| params["level"].as_str())
            .and_then(severity);
        let set = conversation.ours.iter().rev().find(|asked| {
            let accepted = asked
                .answers
                .first()
                .and_then(|answer| conversation.entries.get(*answer));
            asked.method == "logging/setLevel"
                && accepted.is_some_and(|answer| answer.index < entry.index && is_result(answer))
        });
        let Some(set) = set else {
            continue;
        };
        let wanted = set.params["level"].as_str().and_then(severity);
        // A message in transit while the level changed is not a fault.
        let crossed = conversation.may_have_crossed(entry, set.answered_at, set.via)
            || conversation
                .ours
                .iter()
                .any(|asked| asked.method == "logging/setLevel" && asked.runs_at(entry.index));
        tally.expect(level >= wanted || crossed, || {
            format!(
                "below {} ({})",
                set.params["level"],
                place(conversation, entry)
            )
        });
    }
    tally.judge(
        "messages seen after a level was set",
        "nothing was logged after a level was set",
    )
}

fn is_result(entry: &crate::driver::log::Entry) -> bool {
    matches!(
        &entry.envelope.message,
        crate::wire::envelope::Message::Response { answer: Ok(_), .. }
    )
}

fn rate(evidence: &Evidence) -> Judgement {
    const MAX_PER_SECOND: usize = 2000;
    let mut counts = std::collections::HashMap::new();
    for (conversation, entry) in evidence.of_method("notifications/message") {
        *counts
            .entry((conversation.label.as_str(), entry.at.as_secs()))
            .or_insert(0usize) += 1;
    }
    let mut tally = Tally::default();
    for ((label, _), count) in counts {
        tally.expect(count <= MAX_PER_SECOND, || {
            format!("{label}: {count} log messages in a second")
        });
    }
    tally.judge(
        "seconds with logs, none of them flooded",
        "nothing was logged",
    )
}

/// Judges that loggers have one name each. Names that differ only in case and separators count as
/// the same logger.
fn loggers(evidence: &Evidence) -> Judgement {
    let mut spellings: BTreeMap<String, &str> = BTreeMap::new();
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.of_method("notifications/message") {
        let logger = entry.params().and_then(|params| params["logger"].as_str());
        let Some(logger) = logger else {
            continue;
        };
        let letters = logger.chars().filter(|letter| letter.is_alphanumeric());
        let plain: String = letters.flat_map(char::to_lowercase).collect();
        let first = *spellings.entry(plain).or_insert(logger);
        tally.expect(first == logger, || {
            format!(
                "the logger {logger:?} was {first:?} before ({})",
                place(conversation, entry)
            )
        });
    }
    tally.judge(
        "log messages seen, each logger with one name",
        "no log message named its logger",
    )
}

fn no_internals(evidence: &Evidence) -> Judgement {
    const TELLTALES: [&str; 5] = [
        "/home/",
        "/root/",
        "Traceback (most recent call last)",
        "panicked at",
        "-----BEGIN",
    ];
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.of_method("notifications/message") {
        let data = entry
            .params()
            .map_or(Value::Null, |params| params["data"].clone())
            .to_string();
        let telltale = TELLTALES.iter().find(|telltale| data.contains(**telltale));
        tally.expect(telltale.is_none(), || {
            format!(
                "{:?} in a log message ({})",
                telltale.unwrap_or(&""),
                place(conversation, entry)
            )
        });
    }
    tally.judge("log messages seen", "nothing was logged")
}
