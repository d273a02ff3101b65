//! Requests of the server to its client.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{Answer, Host};

impl Host {
    /// Registers a request to the client. Returns its id, and the receiver of its response.
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

    /// Sends a request to the client and returns the whole response.
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
        let mut params = params;
        if params["_meta"].is_null() && !self.is("no-tokens") {
            params["_meta"] = json!({"progressToken": id});
        }
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        if self.is("cancels-strangers") {
            self.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "stranger"}}));
        }
        if self.is("cancel-shape") {
            self.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"reason": "none"}}));
        }
        let answer = tokio::select! {
            answer = receiver => answer.unwrap_or_default(),
            () = self.until_too_late(&id) => {
                self.state().asked.remove(&id.to_string());
                if !self.is("timeout-uncancelled") {
                    self.cancel(&id, "no answer in time");
                }
                if self.is("timeout-fatal") {
                    self.state().blocked = true;
                }
                json!({"error": {"code": -32001, "message": "the client did not answer in time"}})
            }
        };
        let mut state = self.state();
        state.prolonged.remove(&id.to_string());
        state.settled.push(id);
        answer
    }

    /// Waits until the client has neither answered nor reported progress for a while, or has not
    /// answered for too long.
    async fn until_too_late(&self, id: &Value) {
        const PATIENCE: Duration = Duration::from_millis(500);
        const MOST: Duration = Duration::from_millis(900);
        if self.is("waits-for-ever") {
            std::future::pending::<()>().await;
        }
        let began = Instant::now();
        loop {
            let heard = self.state().prolonged.get(&id.to_string()).copied();
            let patient = heard.unwrap_or(began) + PATIENCE;
            let end = match self.peculiarity {
                // Ends only after a time that no load can explain.
                "prolonged-for-ever" if heard.is_some() => patient + 60 * PATIENCE,
                _ => patient.min(began + MOST),
            };
            if Instant::now() >= end {
                return;
            }
            tokio::time::sleep_until(end.into()).await;
        }
    }

    fn cancel(&self, id: &Value, reason: &str) {
        let params = json!({"requestId": id, "reason": reason});
        self.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}));
    }

    /// Cancels an answered request before the next call.
    pub(super) fn cancel_the_answered(&self) {
        let settled = std::mem::take(&mut self.state().settled);
        settled.iter().for_each(|id| self.cancel(id, "too late"));
    }

    /// Pings four times a second. Ends the session when two pings are unanswered.
    pub(super) async fn keep_pinging(self: Arc<Self>) {
        const PAUSE: Duration = Duration::from_millis(250);
        if self.is("never-pings") || self.is("hangs-in-silence") {
            return;
        }
        for number in 0.. {
            tokio::time::sleep(PAUSE).await;
            if self.outlet.is_closed() {
                return;
            }
            let owed = self.state().pings.len();
            if owed >= 2 && !self.is("pings-unheard") {
                return self.gone.notify_one();
            }
            let id = json!(format!("alive-{number}"));
            self.state().pings.insert(id.to_string());
            self.send(json!({"jsonrpc": "2.0", "id": id, "method": "ping"}));
        }
    }

    /// Requests the roots without being asked, if the client has any.
    pub(super) async fn learn_roots(self: Arc<Self>) {
        self.ask("roots/list", json!({})).await;
    }

    /// Requests the roots, more often than necessary if that is the fault.
    pub(super) async fn roots(&self) -> Value {
        let times = if self.is("roots-again-and-again") {
            6
        } else {
            1
        };
        let mut answer = Value::Null;
        for _ in 0..times {
            answer = self.ask("roots/list", json!({})).await;
        }
        answer["result"]["roots"].clone()
    }

    /// Opens a file below the client's roots.
    pub(super) async fn open(&self, path: &str) -> Answer {
        let roots = self.roots().await;
        let roots = roots.as_array().into_iter().flatten();
        let mut folders = roots.filter_map(|root| root["uri"].as_str()?.strip_prefix("file://"));
        let within = match self.peculiarity {
            "roots-ignored" => true,
            "roots-by-text" => folders.any(|folder| path.starts_with(folder)),
            // No file is opened, so links have no effect.
            "roots-by-name" => folders.any(|folder| by_name(path).starts_with(folder)),
            "roots-through-links" => {
                Path::new(path).exists() && folders.any(|folder| by_name(path).starts_with(folder))
            }
            _ => Path::new(path).canonicalize().is_ok_and(|path| {
                folders.any(|folder| {
                    Path::new(folder)
                        .canonicalize()
                        .is_ok_and(|folder| path.starts_with(folder))
                })
            }),
        };
        let text = if within {
            "opened"
        } else {
            "outside of the roots"
        };
        Ok(json!({"content": [{"type": "text", "text": text}], "isError": !within}))
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
            "sampling-all" => {
                params = json!({
                    "messages": [
                        {"role": "assistant", "content": {"type": "image", "data": "AAAA", "mimeType": "image/png"}},
                        {"role": "user", "content": {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}},
                    ],
                    "maxTokens": 1_000_000, "systemPrompt": "", "temperature": 1.5, "stopSequences": [],
                    "includeContext": "thisServer", "metadata": {"any": [1]},
                    "modelPreferences": {"hints": [{}, {"name": "x"}], "speedPriority": 0, "intelligencePriority": 1},
                });
            }
            "sampling-priority" => params["modelPreferences"]["costPriority"] = json!(7),
            "tokens-shared" => return self.sample_at_once().await,
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
            Some(_) if self.is("sampling-then-form") => self.elicit().await,
            Some(text) => Ok(json!({"content": [{"type": "text", "text": text}]})),
            None if self.is("hangs-on-odd-sample") => std::future::pending().await,
            None => Ok(json!({"content": [], "isError": true})),
        }
    }

    /// Sends eight requests at once with the same token.
    async fn sample_at_once(&self) -> Answer {
        let params = json!({
            "messages": [{"role": "user", "content": {"type": "text", "text": "hello"}}],
            "maxTokens": 10, "_meta": {"progressToken": "shared"},
        });
        let asks = (0..8).map(|_| self.ask("sampling/createMessage", params.clone()));
        futures::future::join_all(asks).await;
        Ok(json!({"content": []}))
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
            "form-choice-number" => field = json!({"type": "integer", "enum": [1, 2]}),
            "form-choice-numbers" => field = json!({"type": "string", "enum": [1, 2]}),
            "form-choice-none" => field = json!({"type": "string", "enum": []}),
            "form-choice-twice" => field = json!({"type": "string", "enum": ["a", "b", "a"]}),
            "form-title-number" => field = json!({"type": "integer", "title": 5}),
            "form-limit-text" => field = json!({"type": "number", "minimum": "1"}),
            "form-default-text" => field = json!({"type": "boolean", "default": "yes"}),
            "form-foreign-keyword" => field = json!({"type": "string", "minimum": 1}),
            "form-required" => required = json!(["field", "other"]),
            "form-later" => {
                field["default"] = json!("a@example.com");
                field["x-order"] = json!(1);
                field["oneOf"] = json!([{"const": "a@example.com", "title": "A"}]);
            }
            "form-password" => message = "Please enter your password",
            "form-kinds" => field = json!({"type": "integer", "minimum": 0.5, "title": "Field"}),
            _ => {}
        }
        let mut params = json!({"message": message,
            "requestedSchema": {"type": "object", "properties": {"field": field,
                "choice": {"type": "string", "enum": ["a", "b"], "enumNames": ["A", "B"]}}, "required": required}});
        if self.is("form-union") {
            params["requestedSchema"]["anyOf"] = json!([{"required": ["field"]}]);
        }
        if self.is("form-complete") {
            params["requestedSchema"]["properties"] = json!({
                "field": {"type": "string", "title": "A", "description": "", "minLength": 0,
                    "maxLength": 9, "format": "date-time"},
                "number": {"type": "number", "title": "B", "minimum": 0.5, "maximum": 2},
                "integer": {"type": "integer", "description": "C", "maximum": 9},
                "boolean": {"type": "boolean", "default": false},
                "choice": {"type": "string", "enum": ["", "b"], "enumNames": ["A", "B"]},
                "bare": {"type": "string", "enum": ["a"]},
            });
            params["requestedSchema"]["additionalProperties"] = json!(false);
        }
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

/// Normalizes `..` in a path without looking at the file system.
fn by_name(path: &str) -> PathBuf {
    let mut steps = PathBuf::new();
    for step in Path::new(path).components() {
        if step == Component::ParentDir {
            steps.pop();
        } else {
            steps.push(step);
        }
    }
    steps
}
