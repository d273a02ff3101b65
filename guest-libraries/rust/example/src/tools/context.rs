//! A function's view of its request and its instance.

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use std::collections::BTreeMap;

    use schemars::JsonSchema;
    use serde::Serialize;
    use serde_json::value::RawValue;
    use wasi_mcp_guest::records::CallToolResult;
    use wasi_mcp_guest::{Context, IntoToolResult, Json, ToolError};

    use crate::state;

    #[derive(Serialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        id: Option<Box<RawValue>>,
        meta: Option<Box<RawValue>>,
        progress_token: Option<Box<RawValue>>,
        client: Option<String>,
        protocol_version: Option<String>,
        cancelled: bool,
        extra: Option<Box<RawValue>>,
    }

    /// Returns JSON from the host unchanged: parsing it here could change its numbers.
    fn raw(json: Option<String>) -> Result<Option<Box<RawValue>>, serde_json::Error> {
        json.map(RawValue::from_string).transpose()
    }

    /// Tells the request's id, `_meta`, progress token, client and further members; hands `_meta` back without the token.
    #[tool(read_only)]
    fn describe_request(context: &Context) -> Result<CallToolResult, ToolError> {
        let meta = context.meta();
        let client = context.client();
        let description = Json(Request {
            id: raw(context.id())?,
            meta: raw(meta.clone())?,
            progress_token: raw(context.progress_token())?,
            protocol_version: client.as_ref().map(|it| it.protocol_version.clone()),
            client: client.and_then(|it| it.info).map(|it| it.name),
            cancelled: context.is_cancelled(),
            extra: raw(context.extra().map(Into::into))?,
        });
        Ok(CallToolResult {
            meta: meta.map(without_progress_token).transpose()?,
            ..description.into_tool_result()?
        })
    }

    /// Removes the progress token, which belongs to the request.
    fn without_progress_token(meta: String) -> Result<String, serde_json::Error> {
        let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&meta)?;
        members.remove("progressToken");
        serde_json::to_string(&members)
    }

    #[derive(Serialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    struct Instance {
        watched_version: u32,
        subscriptions: Vec<String>,
        cancellations: Vec<Option<String>>,
        initialized: u32,
        roots_changed: u32,
        roots: Vec<String>,
    }

    /// Tells what this instance has seen: subscriptions, cancellations, client events.
    #[tool(read_only)]
    fn describe_instance() -> Json<Instance> {
        state::with(|state| {
            Json(Instance {
                watched_version: state.watched_version,
                subscriptions: state.subscriptions.iter().cloned().collect(),
                cancellations: state.cancellations.clone(),
                initialized: state.initialized,
                roots_changed: state.roots_changed,
                roots: state.roots.iter().map(|root| root.uri.clone()).collect(),
            })
        })
    }

    #[derive(Serialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    struct Caller {
        issuer: String,
        subject: Option<String>,
        client_id: Option<String>,
        scopes: Vec<String>,
        claims: BTreeMap<String, Box<RawValue>>,
    }

    #[derive(Serialize, JsonSchema)]
    struct Whoami {
        principal: Option<Caller>,
    }

    /// Tells who makes the request: the claims of the access token that the host shows.
    #[tool(read_only)]
    fn whoami(context: &Context) -> Result<Json<Whoami>, ToolError> {
        let Some(principal) = context.principal() else {
            return Ok(Json(Whoami { principal: None }));
        };
        let mut claims = BTreeMap::new();
        for (name, value) in principal.claims {
            claims.insert(name, RawValue::from_string(value)?);
        }
        Ok(Json(Whoami {
            principal: Some(Caller {
                issuer: principal.issuer,
                subject: principal.subject,
                client_id: principal.client_id,
                scopes: principal.scopes,
                claims,
            }),
        }))
    }
}
