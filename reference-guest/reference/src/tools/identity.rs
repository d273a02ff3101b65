//! The authenticated party behind a request.

use serde_json::json;

use super::entry::{Call, Entry, Outcome, no_arguments};
use crate::bindings::wasi::mcp::identity;
use crate::bindings::wasi::mcp::types::Principal;
use crate::content::structured_result;

pub fn entries() -> Vec<Entry> {
    vec![Entry::new(
        "whoami",
        "Tells who makes the request: the claims of the access token that the host shows.",
        no_arguments(),
        |call| Box::pin(whoami(call)),
    )]
}

async fn whoami(call: Call) -> Outcome {
    let principal = identity::get_principal(&call.context);
    let text = match &principal {
        Some(principal) => described(principal),
        None => "null".into(),
    };
    Ok(structured_result(format!(r#"{{"principal":{text}}}"#)))
}

/// Describes a principal. Claims stay text: parsing them here could change their numbers.
fn described(principal: &Principal) -> String {
    let claims: Vec<String> = principal
        .claims
        .iter()
        .map(|(name, value)| format!("{}:{value}", json!(name)))
        .collect();
    format!(
        r#"{{"issuer":{},"subject":{},"clientId":{},"scopes":{},"claims":{{{}}}}}"#,
        json!(principal.issuer),
        json!(principal.subject),
        json!(principal.client_id),
        json!(principal.scopes),
        claims.join(","),
    )
}
