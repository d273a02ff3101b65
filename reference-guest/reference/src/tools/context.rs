//! The handler's view of its request and its instance.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::entry::{Call, Entry, Outcome, no_arguments};
use crate::bindings::wasi::mcp::capabilities::Client;
use crate::bindings::wasi::mcp::content::CallToolResult;
use crate::content::structured_result;
use crate::state;

pub fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "describe-request",
            "Tells the request's id, `_meta`, progress token, client and further members; hands `_meta` back without the token.",
            no_arguments(),
            |call| Box::pin(describe_request(call)),
        ),
        Entry::new(
            "describe-instance",
            "Tells what this instance has seen: calls, subscriptions, cancellations, client events.",
            no_arguments(),
            |_| Box::pin(describe_instance()),
        ),
    ]
}

/// Returns JSON from the host unchanged: parsing it here could change its numbers.
fn raw(json: Option<String>) -> String {
    json.unwrap_or_else(|| "null".into())
}

async fn describe_request(call: Call) -> Outcome {
    let context = call.context;
    let meta = context.get_meta();
    let description = format!(
        r#"{{"id":{},"meta":{},"progressToken":{},"client":{},"cancelled":{},"extra":{}}}"#,
        raw(context.get_id()),
        raw(meta.clone()),
        raw(context.get_progress_token()),
        client(context.get_client()),
        context.is_cancelled(),
        raw(call.extra),
    );
    Ok(CallToolResult {
        meta: meta.map(without_progress_token),
        ..structured_result(description)
    })
}

/// Removes the progress token, which belongs to the request; the other members may be echoed, each
/// unchanged.
fn without_progress_token(meta: String) -> String {
    let members = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(&meta);
    let Ok(mut members) = members else {
        return meta;
    };
    members.remove("progressToken");
    serde_json::to_string(&members).unwrap_or(meta)
}

fn client(client: Client) -> String {
    let capabilities = client.capabilities;
    let info = client.info.map(|info| {
        format!(
            r#"{{"name":{},"title":{},"version":{},"extra":{}}}"#,
            Value::from(info.name),
            Value::from(info.title),
            Value::from(info.version),
            raw(info.extra),
        )
    });
    let experimental = capabilities.experimental.map(|experimental| {
        let members: Vec<String> = experimental
            .into_iter()
            .map(|(name, value)| format!("{}:{value}", Value::from(name)))
            .collect();
        format!("{{{}}}", members.join(","))
    });
    let roots = capabilities
        .roots
        .map(|roots| json!({ "listChanged": roots.list_changed }).to_string());
    format!(
        r#"{{"info":{},"protocolVersion":{},"logLevel":{},"roots":{},"sampling":{},"elicitation":{},"experimental":{},"extra":{}}}"#,
        raw(info),
        Value::from(client.protocol_version),
        Value::from(client.log_level.map(super::logging::level_name)),
        raw(roots),
        raw(capabilities.sampling),
        raw(capabilities.elicitation),
        raw(experimental),
        raw(capabilities.extra),
    )
}

async fn describe_instance() -> Outcome {
    let description = state::with(|state| {
        json!({
            "calls": state.calls,
            "added": state.added,
            "watchedVersion": state.watched_version,
            "subscriptions": state.subscriptions,
            "cancellations": state.cancellations,
            "initialized": state.initialized,
            "rootsChanged": state.roots_changed,
            "roots": state.roots.iter().map(|root| &root.uri).collect::<Vec<_>>(),
        })
    });
    Ok(structured_result(description.to_string()))
}
