//! Capabilities that checks need.

use serde_json::Value;

use super::context::CheckContext;
use super::failures::no_result;
use crate::driver::Session;
use crate::model::{Finding, Judgement};

/// Requires that the server declared this capability (with this flag).
///
/// # Errors
///
/// A skip if it did not.
pub fn needs(session: &Session, capability: &str, flag: Option<&str>) -> Result<(), Finding> {
    if session.offers(capability, flag) {
        return Ok(());
    }
    let flag = flag.map_or(String::new(), |flag| format!(".{flag}"));
    Err(Finding::Skip(format!(
        "the server does not declare {capability}{flag}"
    )))
}

/// Checks that a method of an undeclared capability gets no result.
///
/// # Errors
///
/// A violation if it does.
pub(super) async fn served_only_if_declared(
    context: &CheckContext,
    capability: &str,
    method: &str,
    params: Value,
) -> Judgement {
    let session = context.session().await?;
    if session.offers(capability, None) {
        return Ok(format!("{capability} is declared"));
    }
    let reply = session.request(method, params).await;
    let expected = format!("an error, as {capability} is not declared");
    no_result(&reply, &expected)?;
    Ok(format!("{capability} is neither declared nor served"))
}
