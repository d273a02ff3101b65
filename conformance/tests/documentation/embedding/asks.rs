//! The block of docs/embedding.md that answers a component's questions.

use std::sync::Arc;

use wasi_mcp_host::protocol::RpcError;
use wasi_mcp_host::session::{ClientError, InProcessClient, Server};
use wasi_mcp_host::types::content::{
    ElicitAction, ElicitParams, ElicitResult, ElicitValue, PrimitiveSchema,
};

/// Opens a session whose user is called Grace, and declines forms with other fields than texts.
pub async fn connect(server: &Arc<Server>) -> Result<InProcessClient, ClientError> {
    let client = InProcessClient::builder().on_elicit(|form| async { answer(form) });
    client.connect(server).await
}

fn answer(form: ElicitParams) -> Result<ElicitResult, RpcError> {
    let fields = form.requested_schema.properties;
    let all_texts = fields
        .iter()
        .all(|(_, field)| matches!(field, PrimitiveSchema::Text(_)));
    let texts = fields
        .into_iter()
        .map(|(name, _)| (name, ElicitValue::Text("Grace".to_owned())));
    Ok(ElicitResult {
        action: if all_texts {
            ElicitAction::Accept
        } else {
            ElicitAction::Decline
        },
        content: all_texts.then(|| texts.collect()),
        meta: None,
        extra: None,
    })
}
