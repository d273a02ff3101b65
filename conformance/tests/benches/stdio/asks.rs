//! What the server asks its client.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{Answer, Host};

impl Host {
    /// Notes that the client is asked: the id, and where the response will come.
    pub(super) fn enter_ask(&self) -> (Value, oneshot::Receiver<Value>) {
        let mut state = self.state();
        state.asks += 1;
        let id = match self.peculiarity {
            "ask-id-null" => Value::Null,
            "ask-id-fraction" => json!(state.asks as f64 + 0.5),
            "ask-id-reused" => json!("ask"),
            "ask-id-text" => json!(format!("ask-{}", state.asks)),
            _ => json!(state.asks),
        };
        let (sender, receiver) = oneshot::channel();
        state.asked.insert(id.to_string(), sender);
        (id, receiver)
    }

    /// Asks the client and gives its whole response.
    pub(super) async fn ask(&self, method: &str, params: Value) -> Value {
        let capability = method.split('/').next().unwrap_or_default();
        if self.is("hangs-without-capability") && self.state().client[capability].is_null() {
            std::future::pending::<()>().await;
        }
        if self.state().client[capability].is_null() && !self.is("asks-undeclared") {
            return json!({"error": {"code": -32601, "message": "the client cannot"}});
        }
        while !self.state().initialized && !self.is("asks-early") {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let (id, receiver) = self.enter_ask();
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        if self.is("cancels-strangers") {
            self.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "stranger"}}));
        }
        if self.is("cancel-shape") {
            self.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"reason": "none"}}));
        }
        receiver.await.unwrap_or_default()
    }

    pub(super) async fn sample(&self) -> Answer {
        let mut params = json!({
            "messages": [{"role": "user", "content": {"type": "text", "text": "hello"}}],
            "maxTokens": 10,
            "modelPreferences": {"hints": [{"name": "small"}], "costPriority": 0.5},
        });
        match self.peculiarity {
            "sampling-no-maximum" => drop(
                params
                    .as_object_mut()
                    .and_then(|all| all.remove("maxTokens")),
            ),
            "sampling-list" => {
                params["messages"][0]["content"] = json!([params["messages"][0]["content"]])
            }
            "sampling-priority" => params["modelPreferences"]["costPriority"] = json!(7),
            "token-fraction" => params["_meta"] = json!({"progressToken": 1.5}),
            "sampling-context" => params["includeContext"] = json!("everything"),
            "sampling-hints" => params["modelPreferences"]["hints"] = json!("small"),
            _ => {}
        }
        let answer = self.ask("sampling/createMessage", params).await;
        if answer.get("error").is_some() && self.is("hangs-on-error") {
            std::future::pending::<()>().await;
        }
        if self.is("hangs-on-empty-sample") && answer["result"]["content"]["text"] == "" {
            std::future::pending::<()>().await;
        }
        match answer["result"]["content"]["text"].as_str() {
            Some(text) => Ok(json!({"content": [{"type": "text", "text": text}]})),
            None if self.is("hangs-on-odd-sample") => std::future::pending().await,
            None => Ok(json!({"content": [], "isError": true})),
        }
    }

    pub(super) async fn elicit(&self) -> Answer {
        let mut field = json!({"type": "string", "format": "email"});
        let mut required = json!(["field"]);
        let mut message = "Please fill this in";
        match self.peculiarity {
            "form-nested" => field = json!({"type": "object", "properties": {}}),
            "form-format" => field["format"] = json!("ipv4"),
            "form-keyword" => field["pattern"] = json!("a"),
            "form-names" => {
                field = json!({"type": "string", "enum": ["a", "b"], "enumNames": ["A"]})
            }
            "form-required" => required = json!(["field", "other"]),
            "form-password" => message = "Please enter your password",
            "form-kinds" => field = json!({"type": "integer", "minimum": 0.5, "title": "Field"}),
            _ => {}
        }
        let mut params = json!({"message": message,
            "requestedSchema": {"type": "object", "properties": {"field": field,
                "choice": {"type": "string", "enum": ["a", "b"], "enumNames": ["A", "B"]}}, "required": required}});
        if self.is("form-no-message") {
            params.as_object_mut().and_then(|all| all.remove("message"));
        }
        let answer = self.ask("elicitation/create", params).await;
        if answer["result"]["action"] != "accept" && self.is("hangs-on-decline") {
            std::future::pending::<()>().await;
        }
        if answer["result"]["content"]["field"].is_null() && self.is("hangs-on-odd-form") {
            std::future::pending::<()>().await;
        }
        Ok(json!({"content": [{"type": "text", "text": answer["result"]["action"].to_string()}]}))
    }
}
