//! Calls of tools.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{Answer, Host, LEVELS, PIXEL, refuse};

impl Host {
    pub(super) async fn call(
        self: Arc<Self>,
        id: Value,
        params: Value,
        cancelled: oneshot::Receiver<()>,
    ) {
        if self.is("cancels-the-answered") {
            self.cancel_the_answered();
        }
        let work = self.tool(&params);
        tokio::select! {
            answer = work => {
                let cancelled = self.state().running.remove(&id.to_string()).is_none();
                // As SDKs do whose tools are not stopped.
                if !cancelled || !self.is_unheeding() || self.is("unheeded-answered") {
                    self.respond(&id, answer);
                }
                if self.is("progress-late") && !params["_meta"]["progressToken"].is_null() {
                    self.progress(&params, 99.0);
                }
            }
            _ = wait_for(cancelled) => {
                if self.is("cancel-answered") {
                    self.respond(&id, Ok(json!({"content": []})));
                } else if self.is("cancel-reported") {
                    self.progress(&params, 99.0);
                } else if self.is("cancel-goes-on") {
                    for step in 0..40 {
                        self.progress(&params, 50.0 + f64::from(step));
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }
        }
    }

    pub(super) async fn tool(&self, params: &Value) -> Answer {
        let arguments = &params["arguments"];
        if !(arguments.is_null() || arguments.is_object()) {
            return refuse(-32602, "arguments is an object");
        }
        if self.is("arguments-wanted") && arguments.is_null() {
            return refuse(-32602, "arguments is missing");
        }
        if matches!(self.peculiarity, "logs-arguments" | "logs-meta") {
            let member = if self.is("logs-meta") {
                "_meta"
            } else {
                "arguments"
            };
            self.log("debug", json!({"called with": params[member]}));
        }
        if self.is("logs-calls") {
            self.log(
                "debug",
                json!({"called": params["name"], "arguments": "(removed)"}),
            );
        }
        let text = |text: &str| json!({"content": [{"type": "text", "text": text}]});
        if self.is("works-once") {
            if params["name"] == "once" {
                let done = std::mem::replace(&mut self.state().done, true);
                return if done {
                    refuse(-32603, "already done")
                } else {
                    Ok(text("done"))
                };
            }
            // So that the tool answers first.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        match params["name"].as_str() {
            Some("echo") => match arguments["text"].as_str() {
                Some(given) if self.is("text-mangled") => {
                    Ok(text(&given.replace(|one: char| !one.is_ascii(), "?")))
                }
                Some(given) if self.is("text-ascii-only") && !given.is_ascii() => Ok(
                    json!({"content": [{"type": "text", "text": "only ASCII"}], "isError": true}),
                ),
                Some(given) if self.is("text-in-json") => {
                    let escape = |one: char| match one.is_ascii() {
                        true => one.to_string(),
                        false => one
                            .encode_utf16(&mut [0; 2])
                            .iter()
                            .map(|unit| format!("\\u{unit:04x}"))
                            .collect(),
                    };
                    let escaped: String = json!(given).to_string().chars().map(escape).collect();
                    Ok(text(&format!("{{\"given\": {escaped}}}")))
                }
                Some(given) => Ok(text(given)),
                None if self.is("arguments-unchecked") => Ok(text("")),
                None if self.is("arguments-internal") => refuse(-32603, "it broke"),
                None if self.is("arguments-is-error") => {
                    Ok(json!({"content": [], "isError": true}))
                }
                None => refuse(-32602, "text is a string"),
            },
            Some("content") => Ok(self.content()),
            Some("structured") => Ok(self.structured()),
            Some("progress") => {
                // The number of reports, and the time after each of them.
                let (steps, pause) = match self.peculiarity {
                    "one-report" => (1, 25),
                    "quick-again" if params["_meta"]["progressToken"].is_null() => (1, 20),
                    "unheeded-short" | "unheeded-answered" => (3, 15),
                    _ => (6, 50),
                };
                for step in 1..=steps {
                    if !self.is("progress-seldom") || params["_meta"]["progressToken"].is_string() {
                        self.progress(params, f64::from(step));
                    }
                    let at_once = self.is("unheeded-early-reports") && step < steps;
                    let pause = if at_once { 0 } else { pause };
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                if self.is("unheeded-early-reports") {
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                if self.is("progress-flood") {
                    (7..5000).for_each(|step| self.progress(params, f64::from(step)));
                }
                Ok(text("done"))
            }
            Some("logs") => {
                LEVELS
                    .iter()
                    .for_each(|level| self.log(level, json!({"at": level})));
                if self.is("log-flood") {
                    (0..10_000).for_each(|number| self.log("emergency", json!(number)));
                }
                Ok(text("logged"))
            }
            Some("sample") => self.sample().await,
            Some("elicit") => self.elicit().await,
            Some("roots") => {
                let roots = self.roots().await;
                if self.is("hangs-without-roots") && roots[0].is_null() {
                    std::future::pending::<()>().await;
                }
                Ok(text(&roots.to_string()))
            }
            Some("open") => match arguments["path"].as_str() {
                Some(path) => self.open(path).await,
                None => refuse(-32602, "path is a string"),
            },
            Some("log") => match arguments["text"].as_str() {
                Some(given) => {
                    self.log("info", json!(given));
                    Ok(text("logged"))
                }
                None => refuse(-32602, "text is a string"),
            },
            Some("wait") => std::future::pending().await,
            Some("change") => {
                let toggled = !self.state().toggled;
                self.state().toggled = toggled && !self.has_no_sessions();
                if self.has_no_sessions() {
                    return Ok(text("changed nothing"));
                }
                for list in ["tools", "resources", "prompts"] {
                    if self.peculiarity.strip_suffix("-change-untold") == Some(list) {
                        continue;
                    }
                    self.send(json!({"jsonrpc": "2.0", "method": format!("notifications/{list}/list_changed")}));
                }
                Ok(text("changed"))
            }
            Some("touch") if self.is("fault-as-text") => {
                Ok(text("Traceback (most recent call last):\n  in main"))
            }
            Some("touch") if self.is("error-as-text") => Ok(text(
                r#"{"jsonrpc":"2.0","error":{"code":-32603,"message":"it broke"}}"#,
            )),
            Some("touch") if self.is("tool-broken") => refuse(-32603, "it broke"),
            Some("touch") if self.is("dies-on-call") => {
                self.gone.notify_one();
                std::future::pending().await
            }
            Some("touch") if self.is("hangs-on-call") || self.is("hangs-in-silence") => {
                self.state().blocked = true;
                std::future::pending().await
            }
            Some("kinds") if arguments["kind"] == "error" => refuse(-32603, "as asked for"),
            Some("kinds") if arguments["kind"] == "text" => Ok(text("fine")),
            Some("kinds") => refuse(-32602, "kind is error or text"),
            Some("touch") => {
                self.touch();
                Ok(text("touched"))
            }
            Some("fail") if self.is("application-error") => refuse(-32050, "this does not work"),
            Some("fail") if self.is("is-error-string") => {
                Ok(json!({"content": [], "isError": "yes"}))
            }
            Some("fail") => Ok(json!({"content": [], "isError": true})),
            Some("destroy") => Ok(text("destroyed")),
            Some("pause") if self.is("schema-tuple") && !is_tuple(arguments.get("x")) => {
                refuse(-32602, "x is a list that begins with a string")
            }
            Some("pause") if self.is("schema-choices-alike") && !is_choice(arguments.get("x")) => {
                refuse(-32602, "x is one of five values")
            }
            Some("pause") => {
                tokio::time::sleep(Duration::from_millis(60)).await;
                Ok(text("paused"))
            }
            Some("added") if self.state().toggled => Ok(text("added")),
            Some("odd name/\u{1f600}") => Ok(json!({"content": []})),
            Some("no_such_tool" | "") if self.is("usual-unknown-names") => Ok(text("known")),
            Some(_) if self.is("unknown-tool-internal") => refuse(-32603, "it broke"),
            _ if self.is("unknown-tool-result") => Ok(json!({"content": [], "isError": true})),
            None if self.is("invalid-params-code") => refuse(-32603, "name is a string"),
            _ => refuse(-32602, "no such tool"),
        }
    }

    pub(super) fn content(&self) -> Value {
        let mut blocks = vec![
            json!({"type": "text", "text": ""}),
            json!({"type": "image", "data": PIXEL, "mimeType": "image/png"}),
            json!({"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}),
            json!({"type": "resource_link", "uri": "test://text", "name": "text"}),
            json!({"type": "resource", "resource": {"uri": "test://text", "text": "hello"}}),
        ];
        match self.peculiarity {
            "content-missing" => return json!({"structuredContent": {}}),
            "other-media" => {
                blocks[1]["mimeType"] = json!("image/svg+xml;charset=utf-8");
                blocks[2]["mimeType"] = json!("audio/x-none");
                blocks[4]["resource"] = json!({"uri": "git+ssh://example.com/x", "blob": "", "mimeType": "application/vnd.example+json"});
            }
            "link-unlisted" => blocks[3]["uri"] = json!("test://number/7"),
            "embedded-elsewhere" => blocks[4]["resource"]["uri"] = json!("urn:example:elsewhere"),
            "image-data" => blocks[1]["data"] = json!("***"),
            "image-type" => blocks[1]["mimeType"] = json!("picture"),
            "content-kind" => blocks[0]["type"] = json!("video"),
            "link-no-name" => drop(blocks[3].as_object_mut().and_then(|all| all.remove("name"))),
            "surrogate-uris" => blocks[3]["uri"] = json!("test://HALF"),
            "link-broken" => blocks[3]["uri"] = json!("test://gone"),
            "embedded-uri" => blocks[4]["resource"]["uri"] = json!("no uri"),
            "no-content" => blocks.clear(),
            _ => {}
        }
        json!({"content": blocks})
    }

    pub(super) fn structured(&self) -> Value {
        let mut result = json!({"content": [{"type": "text", "text": "{\"n\": 1}"}], "structuredContent": {"n": 1}});
        match self.peculiarity {
            "structured-missing" => drop(
                result
                    .as_object_mut()
                    .and_then(|all| all.remove("structuredContent")),
            ),
            "structured-fails" => return json!({"content": [], "isError": true}),
            "structured-more" => {
                let more = json!({"n": 1, "more": {"deep": [null]}});
                result["content"] = json!([
                    {"type": "text", "text": "Here it is:"},
                    {"type": "text", "text": serde_json::to_string_pretty(&more).unwrap_or_default()},
                ]);
                result["structuredContent"] = more;
            }
            "surrogate-texts" => {
                let text = r#"{"n": 1, "x": "\ud83d"}"#;
                result["content"] = json!([{"type": "text", "text": text}]);
                result["structuredContent"] = json!({"n": 1, "x": "HALF"});
            }
            "structured-array" => result["structuredContent"] = json!([1]),
            "structured-wrong" => result["structuredContent"] = json!({"n": "1"}),
            "structured-no-text" => result["content"] = json!([]),
            _ => {}
        }
        result
    }
}

/// Returns true for an absent value, and for a list that is empty or begins with a string.
fn is_tuple(value: Option<&Value>) -> bool {
    let begins = |items: &Vec<Value>| items.first().is_none_or(Value::is_string);
    value.is_none_or(|value| value.as_array().is_some_and(begins))
}

/// Returns true for an absent value, and for one of five choices.
fn is_choice(value: Option<&Value>) -> bool {
    let choices = [json!(1), json!("1"), json!(null), json!([]), json!([1])];
    value.is_none_or(|value| choices.contains(value))
}

/// Waits until the request is cancelled. Never resolves when it merely disappears.
async fn wait_for(cancelled: oneshot::Receiver<()>) {
    if cancelled.await.is_err() {
        std::future::pending::<()>().await;
    }
}
