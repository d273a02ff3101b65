//! Waiting, which only a component that awaits can do.

use std::future::pending;

use super::{Cell, RequestContext, context, mode};
use crate::bindings::wasi::mcp::context::Cancellation;
use crate::bindings::wasi::mcp::shutdown;

thread_local! {
    static WAITED: Cell<bool> = const { Cell::new(false) };
}

/// Waits for the cancellation of a request.
pub async fn cancellation(context: RequestContext) -> Option<Cancellation> {
    if mode::is("wait-never") || mode::is("wait-once") && WAITED.replace(true) {
        return pending().await;
    }
    if mode::is("cancels-by-itself") {
        crate::edge::sleep(150).await;
        return Some(Cancellation { reason: None });
    }
    let wait = Wait { is_over: false };
    let cancellation = context::wait_cancelled(context.given()).await;
    wait.end();
    match cancellation {
        Some(_) if mode::is("reason-lost") => Some(Cancellation { reason: None }),
        Some(Cancellation { reason: None }) if mode::is("reason-invented") => Some(Cancellation {
            reason: Some(String::new()),
        }),
        Some(Cancellation { reason: Some(text) })
            if mode::is("empty-reason-lost") && text.is_empty() =>
        {
            Some(Cancellation { reason: None })
        }
        None if mode::is("end-cancels") => Some(Cancellation { reason: None }),
        None if mode::is("end-unresolved") => pending().await,
        seen => seen,
    }
}

/// A wait for a cancellation, which a guest may give up: some hosts trap it for that.
struct Wait {
    is_over: bool,
}

impl Wait {
    fn end(mut self) {
        self.is_over = true;
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if !self.is_over && mode::is("dropped-waits-trap") {
            core::arch::wasm32::unreachable();
        }
    }
}

/// Waits for the end of the instance.
pub async fn stopped() {
    if mode::is("stop-unseen") {
        return pending().await;
    }
    if !mode::is("stopped-early") {
        shutdown::wait_stopped().await;
    }
}

/// Runs a task beside the calls.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    if !mode::is("background-stopped") {
        wit_bindgen::spawn_local(task);
    }
}
