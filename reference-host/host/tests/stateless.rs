//! Streamable HTTP without sessions, with real components.

mod messages;
mod support;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use support::{REFERENCE, server_with};
use tower_service::Service as _;
use wasi_mcp_host::session::{Server, ServerOptions};
use wasi_mcp_host::transport::http::{HttpOptions, McpService};
use wasi_mcp_host::types::types::Principal;

/// A replica: the service and the server behind it.
struct Replica {
    service: McpService,
    server: Arc<Server>,
}

/// The messages of one answer.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    messages: Vec<Value>,
}

impl Answer {
    /// Returns the response, which is the last message.
    fn response(&self) -> &Value {
        self.messages.last().expect("a response")
    }

    fn result(&self) -> &Value {
        let response = self.response();
        assert!(response.get("error").is_none(), "{response}");
        &response["result"]
    }
}

impl Replica {
    async fn new(name: &str) -> Self {
        Self::with(name, ServerOptions::default()).await
    }

    async fn with(name: &str, options: ServerOptions) -> Self {
        Self::of(server_with(name, options)).await
    }

    async fn of(server: Arc<Server>) -> Self {
        let mut options = HttpOptions::default();
        options.stateless = true;
        let service = McpService::new(Arc::clone(&server), options).await;
        Self {
            service: service.expect("a service"),
            server,
        }
    }

    async fn post(&self, principal: Option<Principal>, version: &str, message: &Value) -> Answer {
        let mut request = Request::new(Full::new(Bytes::from(message.to_string())));
        *request.method_mut() = Method::POST;
        let mut set = |name: &'static str, value: &str| {
            let value = value.parse().expect("a header");
            request.headers_mut().insert(name, value);
        };
        set("host", "localhost");
        set("content-type", "application/json");
        set("accept", "application/json, text/event-stream");
        if !version.is_empty() {
            set("mcp-protocol-version", version);
        }
        if let Some(principal) = principal {
            request.extensions_mut().insert(principal);
        }
        let answer = self.service.clone().call(request).await.expect("an answer");
        assert!(!answer.headers().contains_key("mcp-session-id"));
        let status = answer.status();
        let body = answer.into_body().collect().await.expect("a body");
        let body = String::from_utf8(body.to_bytes().to_vec()).expect("text");
        let read = |text: &str| serde_json::from_str(text).expect("JSON");
        let messages = if body.starts_with('{') {
            vec![read(&body)]
        } else {
            let lines = body.lines();
            lines
                .filter_map(|line| line.strip_prefix("data: "))
                .map(read)
                .collect()
        };
        Answer { status, messages }
    }

    async fn request(&self, method: &str, params: Value) -> Answer {
        let message = messages::request(1, method, params);
        self.post(None, "2025-06-18", &message).await
    }

    async fn tool(&self, name: &str, arguments: Value) -> Answer {
        let params = json!({ "name": name, "arguments": arguments });
        self.request("tools/call", params).await
    }
}

#[tokio::test]
async fn any_replica_answers_any_request() {
    for name in REFERENCE {
        let (first, second) = (Replica::new(name).await, Replica::new(name).await);
        let capabilities = json!({ "sampling": {}, "elicitation": {}, "roots": {} });
        let begun = first
            .request("initialize", messages::initialize(capabilities))
            .await;
        let declared = &begun.result()["capabilities"];
        assert_eq!(declared["logging"], json!({}), "{name}");
        for list in ["tools", "resources", "prompts"] {
            assert_eq!(declared[list], json!({}), "{name}: {list}");
        }
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let accepted = second.post(None, "2025-06-18", &initialized).await;
        assert_eq!(accepted.status, StatusCode::ACCEPTED, "{name}");

        // The second has seen no `initialize`.
        let told = second.tool("describe-request", json!({})).await;
        let client = &told.result()["structuredContent"]["client"];
        for unknown in ["info", "roots", "sampling", "elicitation", "logLevel"] {
            assert_eq!(client[unknown], Value::Null, "{name}: {client}");
        }
        assert_eq!(client["protocolVersion"], "2025-06-18", "{name}");
        for _ in 0..2 {
            let told = second.tool("describe-instance", json!({})).await;
            let told = &told.result()["structuredContent"];
            assert_eq!(told["calls"], 1, "{name}: its own call alone: {told}");
        }
        assert_eq!(second.server.live_counts().instances(), 0, "{name}");
        // The first one's offer is kept; then one for each call.
        assert_eq!(second.server.live_counts().instances_made(), 4, "{name}");
        assert_eq!(second.server.live_counts().sessions_opened(), 0, "{name}");
        let telemetry = second.server.telemetry();
        assert_eq!(telemetry.sessions_begun.get(), 0, "{name}");
    }
}

#[tokio::test]
async fn pages_of_a_list_come_from_several_replicas() {
    for name in REFERENCE {
        let mut options = ServerOptions::default();
        options.limits.page_size = 7;
        let replicas = [
            Replica::with(name, options.clone()).await,
            Replica::with(name, options).await,
        ];
        let mut names = Vec::new();
        let mut params = json!({});
        for page in 0.. {
            let listed = replicas[page % 2].request("tools/list", params).await;
            let listed = listed.result();
            let tools = listed["tools"].as_array().expect("tools");
            names.extend(tools.iter().map(|tool| tool["name"].to_string()));
            match listed.get("nextCursor") {
                Some(cursor) => params = json!({ "cursor": cursor }),
                None => break,
            }
        }
        assert!(names.len() > 20, "{name}: {names:?}");
        let unique: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len(), "{name}");
        let forged = json!({ "cursor": "forged" });
        let refused = replicas[0].request("tools/list", forged).await;
        assert_eq!(refused.response()["error"]["code"], -32602, "{name}");
    }
}

#[tokio::test]
async fn a_request_that_names_no_revision_is_for_an_earlier_one() {
    let replica = Replica::new("reference-backend-0.3").await;
    let params = json!({ "name": "describe-request", "arguments": {} });
    let message = messages::request(1, "tools/call", params);
    let told = replica.post(None, "", &message).await;
    let client = &told.result()["structuredContent"]["client"];
    assert_eq!(client["protocolVersion"], "2025-03-26", "{client}");
    let refused = replica.post(None, "2025-03-26", &message).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_a_session_would_keep_has_no_effect() {
    for name in REFERENCE {
        let replica = Replica::new(name).await;
        let level = json!({ "level": "emergency" });
        let set = replica.request("logging/setLevel", level).await;
        assert_eq!(set.result(), &json!({}), "{name}");
        let logged = replica.tool("log-all-levels", json!({})).await;
        let levels: Vec<&Value> = logged
            .messages
            .iter()
            .filter(|message| message["method"] == "notifications/message")
            .map(|message| &message["params"]["level"])
            .collect();
        assert_eq!(levels.len(), 7, "{name}: all but debug: {levels:?}");

        // These belong to no request: none is sent.
        let logged = replica.tool("log-to-sessions", json!({})).await;
        assert_eq!(logged.messages.len(), 1, "{name}: {:?}", logged.messages);
        assert_eq!(logged.result()["isError"], Value::Null, "{name}");

        let subscribed = json!({ "uri": "test://watched-resource" });
        let refused = replica.request("resources/subscribe", subscribed).await;
        assert_eq!(refused.response()["error"]["code"], -32601, "{name}");
        let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 } });
        let accepted = replica.post(None, "2025-06-18", &cancelled).await;
        assert_eq!(accepted.status, StatusCode::ACCEPTED, "{name}");
    }
}

#[tokio::test]
async fn a_component_can_ask_its_client_nothing() {
    for name in REFERENCE {
        let replica = Replica::new(name).await;
        let asking = [
            ("list-roots", json!({})),
            ("elicit", json!({})),
            ("sample", json!({ "prompt": "Hello" })),
        ];
        for (tool, arguments) in asking {
            let refused = replica.tool(tool, arguments).await;
            // The only message is the response, so nothing was asked.
            assert_eq!(refused.messages.len(), 1, "{name}: {:?}", refused.messages);
            let code = &refused.result()["structuredContent"]["code"];
            assert_eq!(code, "method-not-found", "{name}: {tool}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn the_caller_of_each_request_is_known() {
    let replica = Replica::new("reference-backend-0.3").await;
    let message = messages::request(
        1,
        "tools/call",
        json!({ "name": "whoami", "arguments": {} }),
    );
    for subject in ["ali", "bea"] {
        let principal = Principal {
            issuer: "https://login.example".to_owned(),
            subject: Some(subject.to_owned()),
            ..Principal::default()
        };
        let told = replica.post(Some(principal), "2025-06-18", &message).await;
        let told = told.result().to_string();
        assert!(told.contains(subject), "{told}");
    }
}

#[tokio::test]
async fn the_limit_of_instances_holds_for_requests() {
    let mut options = ServerOptions::default();
    options.max_instances = 0;
    let replica = Replica::with("hello-0.3", options).await;
    for method in ["initialize", "tools/list"] {
        let params = match method {
            "initialize" => messages::initialize(json!({})),
            _ => json!({}),
        };
        let refused = replica.request(method, params).await;
        let error = &refused.response()["error"];
        assert_eq!(error["code"], -32603, "{method}: {error}");
        let text = error["message"].as_str().expect("text");
        assert!(
            text.contains("as many instances as it may"),
            "{method}: {error}"
        );
    }
    let pong = replica.request("ping", json!({})).await;
    assert_eq!(pong.result(), &json!({}), "a ping needs no component");
}
