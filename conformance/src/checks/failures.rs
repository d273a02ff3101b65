//! Error codes of failed requests, and refusals of requests that should fail.

use super::tally::Tally;
use crate::driver::{Body, Reply};
use crate::model::{Finding, Judgement};
use crate::survey::Use;

/// The code of an internal error.
pub const INTERNAL_ERROR: i64 = -32603;

/// Returns true for an internal error, which blames the server itself.
pub fn is_internal_error(reply: &Reply) -> bool {
    matches!(&reply.body, Body::Error(error) if error.code == INTERNAL_ERROR)
}

/// Checks that a faulty request was refused in some way.
///
/// # Errors
///
/// A violation for anything else. A remark for an internal error: it blames the server, and may
/// hide that the server did not look at the request at all.
pub fn refused(reply: &Reply, expected: &str) -> Result<(), Finding> {
    if !reply.is_refusal() {
        return Err(reply.unexpected(expected));
    }
    not_internal(reply, expected)
}

/// Checks that a request got a JSON-RPC error.
///
/// # Errors
///
/// As [`refused`].
pub fn answered_with_error(reply: &Reply) -> Result<(), Finding> {
    reply.error()?;
    not_internal(reply, "an error that names the mistake in the request")
}

/// Checks that a request got no result.
///
/// # Errors
///
/// A violation for a result. A remark for an internal error.
pub fn no_result(reply: &Reply, expected: &str) -> Result<(), Finding> {
    if reply.result().is_ok() {
        return Err(reply.unexpected(expected));
    }
    not_internal(reply, expected)
}

/// Checks that a request got no result. A result is leniency: the sender is bound.
///
/// # Errors
///
/// A warning for a result. A remark for an internal error.
pub fn not_served(reply: &Reply, expected: &str) -> Result<(), Finding> {
    if reply.result().is_ok() {
        return Err(lenient(reply.unexpected(expected).to_string()));
    }
    not_internal(reply, expected)
}

/// Checks that a request whose refusal is permitted or required was not refused with an internal
/// error.
///
/// # Errors
///
/// A remark for one.
pub fn not_internal(reply: &Reply, expected: &str) -> Result<(), Finding> {
    if is_internal_error(reply) {
        let came = reply.unexpected(expected);
        // The requirement of the check asks for a refusal, and this is one.
        return Err(Finding::Remark(format!(
            "{came}: {INTERNAL_ERROR} blames the server, not the request"
        )));
    }
    Ok(())
}

/// Returns the finding that a server served a message that its sender must not send.
pub fn lenient(what: String) -> Finding {
    Finding::Warning(format!("{what} (leniency: the sentence binds the sender)"))
}

/// Checks that those uses that got an error got one of these codes.
pub fn answered_with<'a>(
    uses: impl IntoIterator<Item = &'a Use>,
    codes: &[i64],
    what: &str,
) -> Judgement {
    let mut tally = Tally::default();
    for used in uses.into_iter().filter(|used| used.reply.error().is_ok()) {
        tally.note(used.reply.error_with(codes));
    }
    tally.judge(
        &format!("failures of {what} had a defined error code"),
        &format!("none of the {what} was seen to fail"),
    )
}
