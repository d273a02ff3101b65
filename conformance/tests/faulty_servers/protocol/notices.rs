//! Notifications that the server sends unprompted.

use serde_json::{Value, json};

use super::{Host, LEVELS};

impl Host {
    pub(super) fn progress(&self, params: &Value, value: f64) {
        let mut token = params["_meta"]["progressToken"].clone();
        if self.is("progress-uninvited") {
            token = json!("uninvited");
        }
        if token.is_null() {
            return;
        }
        let mut report = json!({"progressToken": token, "progress": value, "total": 6});
        match self.peculiarity {
            "progress-token-string" if token.is_number() => {
                report["progressToken"] = json!(token.to_string())
            }
            "one-report" => report = json!({"progressToken": token, "progress": 0}),
            "progress-constant" => report["progress"] = json!(1),
            "progress-string" => report["progress"] = json!("half"),
            "progress-empty" => report["message"] = json!(""),
            "progress-fraction" => {
                report = json!({"progressToken": token, "progress": value / 7.0, "message": "on the way"})
            }
            _ => {}
        }
        self.send(json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": report}));
    }

    pub(super) fn log(&self, level: &str, data: Value) {
        let position = LEVELS
            .iter()
            .position(|known| *known == level)
            .unwrap_or_default();
        let state = self.state();
        let exclusive = self.is("threshold-exclusive") && state.level > 0;
        if position < state.level || (exclusive && position == state.level) {
            return;
        }
        drop(state);
        if self.is("stateless") {
            return;
        }
        let mut params = json!({"level": level, "logger": "test", "data": data});
        match self.peculiarity {
            "level-upper" => params["level"] = json!(level.to_uppercase()),
            "data-missing" => drop(params.as_object_mut().and_then(|all| all.remove("data"))),
            "log-bare" => params = json!({"level": level, "data": null}),
            "logger-spellings" if level == "error" => params["logger"] = json!("Test"),
            "log-paths" => params["data"] = json!("/home/somebody/server.rs:1"),
            _ => {}
        }
        self.send(json!({"jsonrpc": "2.0", "method": "notifications/message", "params": params}));
    }

    /// Changes the watched resource right after the end of a subscription, if that is the fault.
    pub(super) fn unsubscribed(&self) {
        if self.is("update-after-unsubscribe") {
            let params = json!({"uri": "test://watched"});
            self.send(json!({"jsonrpc": "2.0", "method": "notifications/resources/updated", "params": params}));
        }
    }

    pub(super) fn touch(&self) {
        let subscribed = self.state().subscribed.contains("test://watched");
        if self.is("updates-remembered") {
            let missed = std::mem::replace(&mut self.state().missed, !subscribed);
            if missed && subscribed {
                let params = json!({"uri": "test://watched"});
                self.send(json!({"jsonrpc": "2.0", "method": "notifications/resources/updated", "params": params}));
            }
        }
        if self.is("no-update") && self.state().subscribed.len() < 2 {
            return;
        }
        if subscribed || matches!(self.peculiarity, "update-uninvited" | "updates-undeclared") {
            let mut params = json!({"uri": "test://watched"});
            match self.peculiarity {
                "update-uninvited" => params["uri"] = json!("elsewhere://watched"),
                "update-no-uri" => params = json!({}),
                "update-part" => params["uri"] = json!("test://watched/part"),
                _ => {}
            }
            self.send(json!({"jsonrpc": "2.0", "method": "notifications/resources/updated", "params": params}));
        }
    }
}
