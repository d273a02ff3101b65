//! The data that a handler reads from its context, and contexts that outlive their requests.

use serde_json::{Map, Value, json};

use super::asking::{broken_form, broken_meta, broken_question, form, question};
use super::{Call, Entry, Outcome, logging};
use crate::bindings::wasi::mcp::content::{CallToolResult, Progress};
use crate::bindings::wasi::mcp::types::{LogLevel, Principal};
use crate::host::RequestContext;
use crate::host::logging as host_logging;
use crate::report::{Report, structured, text_result};
use crate::{edge, host, state};

pub const ENTRIES: &[Entry] = &[
    Entry::new("describe", |call| Box::pin(describe(call))),
    Entry::new("keep-context", |call| Box::pin(keep(call))),
    Entry::new("use-kept-context", |_| Box::pin(use_kept())),
    Entry::new("use-clone", |call| Box::pin(use_clone(call))),
    Entry::new("echo", |call| Box::pin(echo(call))),
    Entry::new("whoami", |call| Box::pin(whoami(call))),
];

/// Handed on as it came: parsing could change its numbers.
fn raw(json: Option<String>) -> String {
    json.unwrap_or_else(|| "null".into())
}

async fn describe(call: Call) -> Outcome {
    let context = call.context;
    let client = context.get_client();
    let name = client.info.map(|info| info.name);
    let declared = client.capabilities;
    Ok(structured(format!(
        r#"{{"id":{},"meta":{},"token":{},"cancelled":{},"client":{},"version":{},"level":{},"roots":{},"sampling":{},"elicitation":{},"arguments":{},"extra":{}}}"#,
        Value::from(context.get_id()),
        raw(context.get_meta()),
        raw(context.get_progress_token()),
        context.is_cancelled(),
        Value::from(name),
        Value::from(client.protocol_version),
        Value::from(client.log_level.map(logging::name)),
        declared.roots.is_some(),
        declared.sampling.is_some(),
        declared.elicitation.is_some(),
        call.arguments,
        raw(call.extra),
    )))
}

async fn keep(call: Call) -> Outcome {
    state::with(|state| state.kept = Some(call.context));
    Ok(text_result("Kept"))
}

async fn use_kept() -> Outcome {
    let Some(kept) = state::with(|state| state.kept.take()) else {
        return Ok(text_result("Call keep-context before"));
    };
    let mut report = Report::default();
    // Their values tell nothing any more; that they return at all is the point.
    let _ = (
        kept.get_id(),
        kept.get_meta(),
        kept.get_progress_token(),
        kept.get_client(),
    );
    let _ = (kept.is_cancelled(), kept.clone().is_cancelled());
    report.tell("getters", "ok");
    report.tell("id", kept.get_id());
    report.tell("clone-id", kept.clone().get_id());
    report.tell("principal", principal(&kept));
    let progress = Progress {
        progress: 1e6,
        ..Progress::default()
    };
    report.note("report-progress", kept.report_progress(&progress));
    report.note(
        "log",
        host_logging::log(Some(&kept), LogLevel::Emergency, None, "\"too late\""),
    );
    report.note(
        "create-message",
        edge::create_message(&kept, question()).await,
    );
    report.note("elicit", edge::elicit(&kept, form()).await);
    report.note("list-roots", edge::list_roots(&kept, None).await);
    report.note(
        "create-message-wrongly",
        edge::create_message(&kept, broken_question()).await,
    );
    report.note("elicit-wrongly", edge::elicit(&kept, broken_form()).await);
    report.note(
        "list-roots-wrongly",
        edge::list_roots(&kept, broken_meta()).await,
    );
    #[cfg(all(feature = "p3", not(feature = "blocking")))]
    super::cancellation::tell_wait(&mut report, host::cancellation(kept).await);
    Ok(report.result())
}

/// The request ends as if there were one handle only.
async fn use_clone(call: Call) -> Outcome {
    let clone = call.context.clone();
    let id = call.context.get_id();
    drop(call);
    let mut report = Report::default();
    report.tell("same-id", clone.get_id() == id);
    let progress = Progress {
        progress: 1.0,
        ..Progress::default()
    };
    report.note("report-progress", clone.report_progress(&progress));
    Ok(report.result())
}

/// Tells who made the request, asked twice.
async fn whoami(call: Call) -> Outcome {
    let mut report = Report::default();
    report.tell("principal", principal(&call.context));
    report.tell("again", principal(&call.context.clone()));
    Ok(report.result())
}

/// The principal behind a request, as JSON.
pub fn principal(context: &RequestContext) -> Value {
    let Some(principal) = host::principal(context) else {
        return Value::Null;
    };
    let Principal {
        issuer,
        subject,
        client_id,
        scopes,
        claims,
    } = principal;
    let claim = |(name, json): (String, String)| {
        let value = serde_json::from_str(&json).unwrap_or(Value::Null);
        (name, value)
    };
    let claims: Map<String, Value> = claims.into_iter().map(claim).collect();
    json!({
        "issuer": issuer,
        "subject": subject,
        "client-id": client_id,
        "scopes": scopes,
        "claims": claims,
    })
}

/// Hands the arguments back as they came, as structured content and in `_meta`.
async fn echo(call: Call) -> Outcome {
    Ok(CallToolResult {
        meta: Some(call.arguments.clone()),
        ..structured(call.arguments)
    })
}
