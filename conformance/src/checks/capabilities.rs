//! Checks that depend on the capabilities that a server declares.

use serde_json::Value;

use super::context::CheckContext;
use crate::driver::Session;
use crate::model::{Finding, Judgement};

/// A skip unless the server declared this capability (with this flag).
///
/// # Errors
///
/// The skip.
pub fn needs(session: &Session, capability: &str, flag: Option<&str>) -> Result<(), Finding> {
    if session.offers(capability, flag) {
        return Ok(());
    }
    let flag = flag.map_or(String::new(), |flag| format!(".{flag}"));
    Err(Finding::Skip(format!(
        "the server does not declare {capability}{flag}"
    )))
}

/// Judges that a server which does not declare this capability does not
/// answer this method with a result.
///
/// # Errors
///
/// A violation where it does.
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
    if reply.result().is_ok() {
        return Err(reply.unexpected(&format!("an error, as {capability} is not declared")));
    }
    Ok(format!("{capability} is not declared and not served"))
}
