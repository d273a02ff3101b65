//! Requests to the client, before they are sent and after they are answered.

use std::cell::RefCell;

use serde_json::Value;

use super::{RequestContext, late, mode, recodes, refused};
use crate::bindings::wasi::mcp::capabilities::ClientCapabilities;
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};
use crate::report::error;

thread_local! {
    static FIRST_MESSAGE: RefCell<Option<CreateMessageResult>> = const { RefCell::new(None) };
}

/// Refuses a request to the client too early, in the mode of that fault.
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
    if mode::is("parameters-first") && !texts.iter().flatten().all(|text| is_object(text)) {
        return Err(refused("The parameters are checked first"));
    }
    Ok(())
}

fn is_object(text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|json: Value| json.is_object())
}

/// Removes text that is not a JSON object, in the mode of that fault.
fn mend(text: &mut Option<String>) {
    if mode::is("parameters-mended") {
        *text = text.take().filter(|text| is_object(text));
    }
}

/// Applies faults to the parameters of `create-message`.
pub fn before_message(
    context: &RequestContext,
    params: &mut CreateMessageParams,
) -> Result<(), Error> {
    let declares = |client: &ClientCapabilities| client.sampling.is_some();
    refuse(context, declares, &[params.metadata.as_deref()])?;
    mend(&mut params.metadata);
    if mode::is("priorities-unchecked") {
        params.model_preferences = None;
    }
    if mode::is("temperatures-unchecked") {
        params.temperature = params.temperature.filter(|it| it.is_finite());
    }
    Ok(())
}

/// Applies faults to the parameters of `elicit`.
pub fn before_form(context: &RequestContext, params: &mut ElicitParams) -> Result<(), Error> {
    let declares = |client: &ClientCapabilities| client.elicitation.is_some();
    refuse(context, declares, &[params.meta.as_deref()])?;
    mend(&mut params.meta);
    let fields = &mut params.requested_schema.properties;
    if mode::is("names-merged") {
        let mut names = std::collections::HashSet::new();
        fields.retain(|(name, _)| names.insert(name.clone()));
    }
    if mode::is("fields-sorted") {
        fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    Ok(())
}

/// Applies faults to the parameters of `list-roots`.
pub fn before_roots(context: &RequestContext, meta: &mut Option<String>) -> Result<(), Error> {
    let declares = |client: &ClientCapabilities| client.roots.is_some();
    refuse(context, declares, &[meta.as_deref()])?;
    mend(meta);
    Ok(())
}

/// Changes the answer of a request to the client.
pub fn answered<T>(answer: Result<T, Error>) -> Result<T, Error> {
    use ErrorCode::{Cancelled, InternalError, InvalidState, MethodNotFound, Other, Timeout};
    let answer = recodes("timeouts-as-cancelled", Timeout, Cancelled, answer);
    let answer = recodes("cancelled-as-timeout", Cancelled, Timeout, answer);
    let answer = recodes("rejections-as-failures", Other(-1), InternalError, answer);
    let answer = recodes("capability-as-state", MethodNotFound, InvalidState, answer);
    let answer = answer.map_err(|mut error| {
        if mode::is("error-data-lost") {
            error.data = None;
        }
        if mode::is("error-words-lost") {
            error.message = "The client answered with an error".into();
        }
        error
    });
    late(answer)
}

/// Turns unknown content into text, or returns the first answer for every question.
pub fn message(answer: Result<CreateMessageResult, Error>) -> Result<CreateMessageResult, Error> {
    let mut result = answered(answer)?;
    if let SamplingContent::Other(json) = &result.content
        && mode::is("others-lost")
    {
        result.content = SamplingContent::Text(TextContent {
            text: json.clone(),
            ..TextContent::default()
        });
    }
    if mode::is("answers-mixed-up") {
        return FIRST_MESSAGE.with_borrow_mut(|first| Ok(first.get_or_insert(result).clone()));
    }
    Ok(result)
}

/// Drops values of unknown kinds.
pub fn submission(answer: Result<ElicitResult, Error>) -> Result<ElicitResult, Error> {
    let mut result = answered(answer)?;
    if let Some(content) = &mut result.content
        && mode::is("others-lost")
    {
        content.retain(|(_, value)| !matches!(value, ElicitValue::Other(_)));
    }
    Ok(result)
}
