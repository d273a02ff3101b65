//! A host with one fault, chosen by the mode: stands between the probes and their host, and proves
//! that the suite notices the fault.

use std::cell::RefCell;

use serde_json::Value;

use crate::bindings::wasi::mcp::capabilities::ClientCapabilities;
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::context::{Cancellation, RequestContext};
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, Principal};
use crate::mode;
use crate::report::error;

/// Refuses a request to the client too early, where the mode is that fault.
fn refuse(
    context: &RequestContext,
    declares: impl FnOnce(&ClientCapabilities) -> bool,
    texts: &[Option<&str>],
) -> Result<(), Error> {
    if mode::is("capability-first") && !declares(&context.get_client().capabilities) {
        return Err(error(
            ErrorCode::MethodNotFound,
            "The capability is checked first",
        ));
    }
    let is_object =
        |text: &str| serde_json::from_str(text).is_ok_and(|json: Value| json.is_object());
    if mode::is("parameters-first") && !texts.iter().flatten().all(|text| is_object(text)) {
        return Err(error(
            ErrorCode::InvalidParams,
            "The parameters are checked first",
        ));
    }
    Ok(())
}

pub fn refuse_message(context: &RequestContext, params: &CreateMessageParams) -> Result<(), Error> {
    let declares = |client: &ClientCapabilities| client.sampling.is_some();
    refuse(context, declares, &[params.metadata.as_deref()])
}

pub fn refuse_form(context: &RequestContext, params: &ElicitParams) -> Result<(), Error> {
    let declares = |client: &ClientCapabilities| client.elicitation.is_some();
    refuse(context, declares, &[params.meta.as_deref()])
}

pub fn refuse_roots(context: &RequestContext, meta: Option<&str>) -> Result<(), Error> {
    let declares = |client: &ClientCapabilities| client.roots.is_some();
    refuse(context, declares, &[meta])
}

/// Takes what it does not know for text.
pub fn message(answer: Result<CreateMessageResult, Error>) -> Result<CreateMessageResult, Error> {
    let mut result = answer?;
    if let SamplingContent::Other(json) = &result.content
        && mode::is("others-lost")
    {
        result.content = SamplingContent::Text(TextContent {
            text: json.clone(),
            ..TextContent::default()
        });
    }
    Ok(result)
}

/// Drops the values that it does not know.
pub fn submission(answer: Result<ElicitResult, Error>) -> Result<ElicitResult, Error> {
    let mut result = answer?;
    if let Some(content) = &mut result.content
        && mode::is("others-lost")
    {
        content.retain(|(_, value)| !matches!(value, ElicitValue::Other(_)));
    }
    Ok(result)
}

/// Remembers the first principal that it sees, or shows a claim that was not granted.
pub fn principal(principal: Option<Principal>) -> Option<Principal> {
    thread_local! {
        static FIRST: RefCell<Option<Principal>> = RefCell::default();
    }
    let mut principal = principal?;
    if mode::is("first-principal") {
        return FIRST.with_borrow_mut(|first| Some(first.get_or_insert(principal).clone()));
    }
    if mode::is("claims-leaked") {
        let leaked = ("email".into(), "\"alice@example.com\"".into());
        principal.claims.push(leaked);
    }
    Some(principal)
}

/// Loses the client's reason, or takes the end of a request for its cancellation.
pub fn cancellation(cancellation: Option<Cancellation>) -> Option<Cancellation> {
    match cancellation {
        Some(_) if mode::is("reason-lost") => Some(Cancellation { reason: None }),
        None if mode::is("end-cancels") => Some(Cancellation { reason: None }),
        seen => seen,
    }
}
