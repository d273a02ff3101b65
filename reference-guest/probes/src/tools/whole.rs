//! Records with every field, in both directions.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::{CallToolResult, Progress};
use crate::bindings::wasi::mcp::types::LogLevel;
use crate::host::logging;
use crate::report::{Report, text_result};
use crate::shown::Shown;
use crate::{edge, records};

/// The tool that shows its parameters.
pub const SHOW: &str = "show";

pub const ENTRIES: &[Entry] = &[
    Entry::new(SHOW, |call| {
        Box::pin(async move { Ok(records::show(&call.context, call.shown)) })
    }),
    Entry::new("give", |call| Box::pin(give(call))),
    Entry::new("ask-whole", |call| Box::pin(ask(call))),
    Entry::new("report-whole", |call| Box::pin(report(call))),
    Entry::new("report-then-ask", |call| Box::pin(report_then_ask(call))),
    Entry::new("log-one", |call| Box::pin(log_one(call))),
];

fn word(call: &Call, name: &str) -> String {
    call.argument(name).as_str().unwrap_or_default().to_owned()
}

/// Returns the whole result, the smallest one, or an error, as the argument `kind` says.
async fn give(call: Call) -> Outcome {
    match word(&call, "kind").as_str() {
        "error" => Err(records::failure()),
        "failed" => Ok(CallToolResult {
            is_error: Some(true),
            ..records::bare_result()
        }),
        "bare" => Ok(records::bare_result()),
        _ => Ok(records::result()),
    }
}

/// Sends the request that the argument `what` names, with the parameters of this `kind`, and
/// returns the whole answer.
async fn ask(call: Call) -> Outcome {
    let mut report = Report::default();
    let kind = word(&call, "kind");
    match word(&call, "what").as_str() {
        "sampling" => {
            let mut params = records::question(&kind);
            if let Some(prompt) = call.argument("prompt").as_str() {
                params.system_prompt = Some(prompt.into());
            }
            let answer = edge::create_message(&call.context, params).await;
            tell(&mut report, answer);
        }
        "elicitation" => {
            let answer = edge::elicit(&call.context, records::form(&kind)).await;
            tell(&mut report, answer);
        }
        _ => {
            let meta = (kind == "full").then(|| r#"{"example.org/m":1.10}"#.to_owned());
            let answer = edge::list_roots(&call.context, meta).await;
            tell(&mut report, answer);
        }
    }
    Ok(report.result())
}

fn tell<T: Shown>(
    report: &mut Report,
    answer: Result<T, crate::bindings::wasi::mcp::types::Error>,
) {
    match &answer {
        Ok(result) => report.tell("answer", result.shown()),
        Err(error) => {
            report.tell("message", error.message.clone());
            report.tell("data", error.data.clone());
        }
    }
    report.note("code", answer);
}

async fn report(call: Call) -> Outcome {
    records::report(&call.context)?;
    Ok(text_result("Reported"))
}

/// Sends progress, a log message and a request to the client, each of which names the progress
/// token.
async fn report_then_ask(call: Call) -> Outcome {
    let context = &call.context;
    let token = context.get_progress_token().unwrap_or_default();
    let progress = Progress {
        progress: 1.0,
        ..Progress::default()
    };
    context.report_progress(&progress)?;
    logging::log(Some(context), LogLevel::Emergency, None, &token)?;
    let meta = format!("{{\"example.org/token\":{token}}}");
    edge::list_roots(context, Some(meta)).await?;
    Ok(text_result("Asked"))
}

/// Logs one message of the level that the argument `level` names, with the data in `data`: as part
/// of the request or, with `outside`, outside of it.
async fn log_one(call: Call) -> Outcome {
    let levels = [
        ("debug", LogLevel::Debug),
        ("info", LogLevel::Info),
        ("notice", LogLevel::Notice),
        ("warning", LogLevel::Warning),
        ("error", LogLevel::Error),
        ("critical", LogLevel::Critical),
        ("alert", LogLevel::Alert),
    ];
    let wanted = word(&call, "level");
    let level = levels.into_iter().find(|(name, _)| *name == wanted);
    let level = level.map_or(LogLevel::Emergency, |it| it.1);
    let context = (call.argument("outside") != true).then_some(&call.context);
    logging::log(context, level, None, &call.argument("data").to_string())?;
    Ok(text_result("Logged"))
}
