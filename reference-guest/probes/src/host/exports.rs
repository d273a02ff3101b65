//! The exports of a backend, as this host calls them.

use std::cell::Cell;

use super::{RequestContext, mode};
use crate::bindings::wasi::mcp::content::{CallToolParams, CallToolResult};
use crate::bindings::wasi::mcp::types::Error;
use crate::{events, resources, start, state, tools};

thread_local! {
    static HANDLES_EVENT: Cell<bool> = const { Cell::new(false) };
}

pub async fn start() -> Result<(), Error> {
    if mode::is("called-before-start") {
        let _ = resources::unsubscribe("probe:///early");
    }
    let started = start::start().await;
    if mode::is("started-twice") {
        // Such a host ignores the component's refusal.
        let _ = start::start().await;
    }
    if mode::is("initialized-with-start") {
        state::with(|state| state.events.push("initialized".into()));
    }
    started
}

pub async fn call_tool(
    context: RequestContext,
    mut params: CallToolParams,
) -> Result<CallToolResult, Error> {
    while mode::is("events-awaited") && HANDLES_EVENT.get() {
        crate::edge::sleep(10).await;
    }
    if mode::is("arguments-invented") {
        params.arguments.get_or_insert_with(|| "{}".into());
    }
    if mode::is("empty-arguments-lost") {
        params.arguments = params.arguments.filter(|text| text != "{}");
    }
    tools::call(context, params).await
}

pub fn subscribe(context: &RequestContext, uri: String) -> Result<(), Error> {
    if mode::is("repeats-left-out") && context.get_id().is_none() {
        return Ok(());
    }
    let subscribed = || state::with(|state| state.subscriptions.iter().any(|(it, _)| *it == uri));
    if mode::is("repeats-merged") && subscribed() {
        return Ok(());
    }
    resources::subscribe(context, uri)
}

pub fn unsubscribe(uri: &str) -> Result<(), Error> {
    if mode::is("unsubscribe-left-out") {
        return Ok(());
    }
    resources::unsubscribe(uri)
}

pub async fn initialized(context: &RequestContext) {
    if mode::is("initialized-left-out") {
        return;
    }
    HANDLES_EVENT.set(true);
    events::initialized(context).await;
    HANDLES_EVENT.set(false);
    if mode::is("initialized-twice") {
        events::initialized(context).await;
    }
}

pub async fn roots_changed(context: &RequestContext) {
    events::roots_changed(context).await;
    if mode::is("roots-changed-twice") {
        events::roots_changed(context).await;
    }
}
