//! Initialization, log levels, subscriptions.

use serde_json::{Value, json};

use super::{Answer, Host, LEVELS, refuse};

impl Host {
    pub(super) fn initialize(&self, params: &Value) -> Answer {
        let mut state = self.state();
        let again = std::mem::replace(&mut state.begun, true);
        if again && self.is("second-initialize-ends") {
            state.blocked = true;
        }
        if again && !self.is("initializes-again") && !self.has_no_sessions() {
            return refuse(-32600, "initialized already");
        }
        state.client = params["capabilities"].clone();
        state.bare = state.client == json!({});
        let wanted = params["protocolVersion"].as_str().unwrap_or_default();
        if self.is("initialize-strict") && params.get("unknownMember").is_some() {
            return refuse(-32602, "an unknown member");
        }
        state.blocked = self.is("older-version-unheard") && wanted == "2025-03-26"
            || self.is("bogus-version-unheard") && wanted == "1999-01-01";
        match self.peculiarity {
            "version-error" if wanted != "2025-06-18" => return refuse(-32603, "what is this?"),
            "version-refused" if wanted != "2025-06-18" => {
                return refuse(-32602, "Unsupported protocol version");
            }
            _ => {}
        }
        let version = match self.peculiarity {
            "version-echoed" => wanted,
            "version-malformed" => "2025-6-18",
            "version-fallback-old" if wanted != "2025-06-18" => "2024-11-05",
            _ => "2025-06-18",
        };
        let mut capabilities = json!({
            "logging": {}, "completions": {}, "tools": {"listChanged": true}, "prompts": {"listChanged": true},
            "resources": {"subscribe": true, "listChanged": true},
        });
        match self.peculiarity {
            "capability-boolean" => capabilities["tools"] = json!(true),
            "prompts-quiet" => capabilities["prompts"] = json!({}),
            "nothing-offered" => capabilities = json!({}),
            "tools-alone" => capabilities = json!({"tools": {}}),
            "updates-undeclared" => capabilities["resources"] = json!({"listChanged": true}),
            "resources-quiet" => capabilities["resources"] = json!({"subscribe": true}),
            "resources-undeclared" | "tools-undeclared" | "completions-undeclared" => {
                let name = self.peculiarity.trim_end_matches("-undeclared");
                drop(
                    capabilities
                        .as_object_mut()
                        .and_then(|all| all.remove(name)),
                );
            }
            "prompts-undeclared" => drop(
                capabilities
                    .as_object_mut()
                    .and_then(|all| all.remove("prompts")),
            ),
            "list-changed-undeclared" => capabilities["tools"] = json!({}),
            // It forgets subscriptions, the log level and the client's capabilities.
            "stateless" => {
                state.client = Value::Null;
                capabilities =
                    json!({"completions": {}, "tools": {}, "prompts": {}, "resources": {}});
            }
            "stateless-logs" => {
                state.client = Value::Null;
                capabilities = json!({"completions": {}, "logging": {}, "tools": {}, "prompts": {},
                    "resources": {}});
            }
            "logging-undeclared" => drop(
                capabilities
                    .as_object_mut()
                    .and_then(|all| all.remove("logging")),
            ),
            "further-capabilities" => capabilities["tasks"] = json!({"list": {}}),
            _ => {}
        }
        let mut result = json!({"protocolVersion": version, "capabilities": capabilities,
            "serverInfo": {"name": "faulty", "version": "1"}});
        match self.peculiarity {
            "no-capabilities" => drop(
                result
                    .as_object_mut()
                    .and_then(|all| all.remove("capabilities")),
            ),
            "no-server-info" => drop(
                result
                    .as_object_mut()
                    .and_then(|all| all.remove("serverInfo")),
            ),
            "version-number" => result["serverInfo"]["version"] = json!(1),
            "further-members" => result["serverInfo"]["websiteUrl"] = json!("https://example.com/"),
            "titles" => {
                result["serverInfo"]["title"] = json!("The faulty server");
                result["instructions"] = json!("Use the tools.\nThey are harmless.");
            }
            "instructions-list" => result["instructions"] = json!(["do"]),
            _ => {}
        }
        drop(state);
        if self.is("logs-early") {
            self.log("info", json!("starting"));
        }
        Ok(result)
    }

    pub(super) fn set_level(&self, params: &Value) -> Answer {
        let level = LEVELS.iter().position(|level| params["level"] == *level);
        match level {
            Some(level) => {
                if !self.is("threshold-ignored") && !self.has_no_sessions() {
                    self.state().level = level;
                }
                Ok(json!({}))
            }
            None if self.is("level-unchecked") => Ok(json!({})),
            None => refuse(-32602, "no such level"),
        }
    }

    pub(super) fn subscription(&self, method: &str, params: &Value) -> Answer {
        let Some(uri) = params["uri"].as_str() else {
            return refuse(-32602, "uri is a string");
        };
        let mut state = self.state();
        if method.ends_with("unsubscribe") {
            if !self.is("unsubscribe-ignored") {
                state.subscribed.remove(uri);
            }
        } else {
            state.subscribed.insert(uri.to_owned());
        }
        Ok(if self.is("subscribe-data") {
            json!({"subscribed": true})
        } else {
            json!({})
        })
    }
}
