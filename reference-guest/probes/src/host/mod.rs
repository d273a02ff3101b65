//! The host as the probes see it: every import and every export passes through here.
//!
//! In most modes nothing changes on the way. A mode of a faulty host makes this layer behave as a
//! host with one fault: it alters the component's parameters or results, returns a wrong
//! result, omits a call or repeats one. This proves that the suite notices the fault.

#[cfg(not(feature = "service"))]
mod asks;
#[cfg(not(feature = "service"))]
pub mod exports;
pub mod runtime;
#[cfg(all(feature = "p3", not(any(feature = "service", feature = "blocking"))))]
mod waiting;

use std::cell::{Cell, RefCell};

use serde_json::Value;

use crate::bindings::wasi::mcp::capabilities::Client;
use crate::bindings::wasi::mcp::content::Progress;
use crate::bindings::wasi::mcp::context;
#[cfg(not(feature = "service"))]
use crate::bindings::wasi::mcp::identity;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, Principal};
use crate::mode;
use crate::report::error;

#[cfg(not(feature = "service"))]
pub use asks::{answered, before_form, before_message, before_roots, message, submission};
#[cfg(all(feature = "p3", not(any(feature = "service", feature = "blocking"))))]
pub use waiting::{cancellation, spawn, stopped};

/// The member of `_meta` that announces a replaced instance, which a component cannot notice.
const REPLACED: &str = "wasi-mcp.example/replaced";

thread_local! {
    /// The instance has called `serve` with success.
    static SERVES: Cell<bool> = const { Cell::new(false) };
    static FIRST_ID: RefCell<Option<Option<String>>> = const { RefCell::new(None) };
    static FIRST_CLIENT: RefCell<Option<Client>> = const { RefCell::new(None) };
    static FIRST_CONTEXT: RefCell<Option<context::RequestContext>> = const { RefCell::new(None) };
    static FIRST_PRINCIPAL: RefCell<Option<Principal>> = const { RefCell::new(None) };
    static TOLD_CANCELLED: Cell<bool> = const { Cell::new(false) };
}

fn refused(why: &str) -> Error {
    error(ErrorCode::InvalidParams, why)
}

/// Replaces the error of this code with success, in the mode of that fault.
fn passes(fault: &str, code: ErrorCode, answer: Result<(), Error>) -> Result<(), Error> {
    match answer {
        Err(error) if mode::is(fault) && same(error.code, code) => Ok(()),
        answer => answer,
    }
}

/// Replaces one code with another, in the mode of that fault.
fn recodes<T>(
    fault: &str,
    from: ErrorCode,
    to: ErrorCode,
    answer: Result<T, Error>,
) -> Result<T, Error> {
    answer.map_err(|mut error| {
        if mode::is(fault) && same(error.code, from) {
            error.code = to;
        }
        error
    })
}

fn same(one: ErrorCode, other: ErrorCode) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

/// Begins a wait. A host that mistakes waiting for computing ends the instance.
#[cfg(not(feature = "service"))]
pub fn before_wait(milliseconds: u32) {
    if mode::is("waits-stopped") && milliseconds >= 500 {
        core::arch::wasm32::unreachable();
    }
}

/// A request context, as this host gives it.
pub struct RequestContext {
    inner: context::RequestContext,
}

impl RequestContext {
    pub fn new(inner: context::RequestContext) -> Self {
        FIRST_CONTEXT.with_borrow_mut(|first| {
            if mode::is("clones-of-the-first") && first.is_none() {
                *first = Some(inner.clone());
            }
        });
        Self { inner }
    }

    /// The context for an import that borrows one.
    pub fn lent(&self) -> &context::RequestContext {
        &self.inner
    }

    /// The context for an import that takes one.
    #[cfg(all(feature = "p3", not(any(feature = "service", feature = "blocking"))))]
    pub fn given(self) -> context::RequestContext {
        self.inner
    }

    pub fn get_id(&self) -> Option<String> {
        match self.inner.get_id() {
            None if mode::is("ids-invented") => Some("0".into()),
            Some(id) if mode::is("ids-as-text") && !id.starts_with('"') => {
                Some(format!("\"{id}\""))
            }
            Some(id) if mode::is("ids-unquoted") && id.len() > 2 => Some(id.replace('"', "")),
            Some(id) if mode::is("ids-rounded") && id.len() > 15 => {
                let number: Option<f64> = id.parse().ok();
                Some(number.map_or(id, |number| number.to_string()))
            }
            id if mode::is("ids-of-the-first") => {
                FIRST_ID.with_borrow_mut(|first| first.get_or_insert(id).clone())
            }
            id => id,
        }
    }

    pub fn get_meta(&self) -> Option<String> {
        let meta = self.inner.get_meta();
        if mode::is("meta-invented") {
            return meta.or_else(|| Some("{}".into()));
        }
        if mode::is("meta-without-token") {
            let mut meta: Value = serde_json::from_str(&meta?).unwrap_or_default();
            meta.as_object_mut()?.remove("progressToken");
            return Some(meta.to_string());
        }
        meta
    }

    pub fn get_progress_token(&self) -> Option<String> {
        match self.inner.get_progress_token() {
            Some(token) if mode::is("tokens-as-text") && !token.starts_with('"') => {
                Some(format!("\"{token}\""))
            }
            None if mode::is("tokens-invented") => self.inner.get_id(),
            token => token,
        }
    }

    pub fn get_client(&self) -> Client {
        let mut client = self.inner.get_client();
        if mode::is("clients-of-the-first") {
            return FIRST_CLIENT.with_borrow_mut(|first| first.get_or_insert(client).clone());
        }
        let replaced = || {
            self.inner
                .get_meta()
                .is_some_and(|meta| meta.contains(REPLACED))
        };
        if mode::is("client-forgotten") && replaced() {
            client.info = None;
        }
        if mode::is("revisions-unread") {
            client.protocol_version = "2024-11-05".into();
        }
        client
    }

    #[cfg(not(feature = "service"))]
    pub fn clone(&self) -> Self {
        let first = FIRST_CONTEXT.with_borrow(|first| first.as_ref().map(|it| it.clone()));
        Self {
            inner: first.unwrap_or_else(|| self.inner.clone()),
        }
    }

    pub fn report_progress(&self, progress: &Progress) -> Result<(), Error> {
        let answer = self.inner.report_progress(progress);
        let answer = passes("progress-unchecked", ErrorCode::InvalidParams, answer);
        let answer = passes("cancellation-unread", ErrorCode::Cancelled, answer);
        late(answer)
    }

    pub fn is_cancelled(&self) -> bool {
        let cancelled = self.inner.is_cancelled();
        if mode::is("cancellation-forgotten") && cancelled {
            return !TOLD_CANCELLED.replace(true);
        }
        cancelled && !mode::is("cancellation-unseen")
    }
}

/// Applies the faults of a late use: a trap, or the error `cancelled`.
fn late<T>(answer: Result<T, Error>) -> Result<T, Error> {
    if let Err(error) = &answer
        && same(error.code, ErrorCode::InvalidState)
        && mode::is("late-use-traps")
    {
        core::arch::wasm32::unreachable();
    }
    let (from, to) = (ErrorCode::InvalidState, ErrorCode::Cancelled);
    recodes("late-use-cancelled", from, to, answer)
}

/// Log messages.
pub mod logging {
    use super::{RequestContext, late, mode, passes};
    use crate::bindings::wasi::mcp::logging as host;
    use crate::bindings::wasi::mcp::types::{Error, ErrorCode, LogLevel};

    pub fn log(
        context: Option<&RequestContext>,
        level: LogLevel,
        logger: Option<&str>,
        data: &str,
    ) -> Result<(), Error> {
        if context.is_none() && mode::is("logs-outside-lost") {
            return Ok(());
        }
        let context = context.filter(|_| !mode::is("logs-without-context"));
        let logger = match logger {
            Some("") if mode::is("empty-loggers-lost") => None,
            logger => logger,
        };
        let answer = host::log(context.map(RequestContext::lent), level, logger, data);
        let answer = passes("log-data-unchecked", ErrorCode::InvalidParams, answer);
        let answer = passes("cancellation-unread", ErrorCode::Cancelled, answer);
        late(answer)
    }
}

/// Notifications outside of requests.
pub mod notifications {
    use super::mode;
    use crate::bindings::wasi::mcp::notifications as host;

    pub fn tools_changed() {
        if !mode::is("changes-lost") {
            host::tools_changed();
        }
    }

    pub fn resources_changed() {
        if mode::is("changes-mixed-up") {
            return host::prompts_changed();
        }
        host::resources_changed();
    }

    pub fn prompts_changed() {
        host::prompts_changed();
    }

    pub fn resource_updated(subscribed: &str, uri: Option<&str>) {
        if mode::is("parts-subscribed") {
            // Looks for the part among the subscriptions.
            return host::resource_updated(uri.unwrap_or(subscribed), None);
        }
        host::resource_updated(subscribed, uri);
    }
}

/// The end of the instance.
#[cfg(not(feature = "service"))]
pub mod shutdown {
    use super::mode;
    use crate::bindings::wasi::mcp::shutdown as host;

    pub fn is_stopped() -> bool {
        if mode::is("stopped-early") {
            return true;
        }
        host::is_stopped() && !mode::is("stop-unseen")
    }
}

/// The principal of a request.
#[cfg(not(feature = "service"))]
pub fn principal(context: &RequestContext) -> Option<Principal> {
    let principal = identity::get_principal(context.lent());
    if mode::is("principal-invented") {
        return Some(Principal {
            issuer: "https://localhost".into(),
            subject: Some("nobody".into()),
            ..Principal::default()
        });
    }
    let mut principal = principal?;
    if mode::is("first-principal") {
        return FIRST_PRINCIPAL
            .with_borrow_mut(|first| Some(first.get_or_insert(principal).clone()));
    }
    if mode::is("claims-leaked") {
        let leaked = ("email".into(), "\"alice@example.com\"".into());
        principal.claims.push(leaked);
    }
    if mode::is("claims-withheld") {
        principal.claims.clear();
    }
    if mode::is("scopes-unsplit") {
        principal.scopes = vec![principal.scopes.join(" ")];
    }
    Some(principal)
}
