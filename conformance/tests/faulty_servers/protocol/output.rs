//! Serialization of messages, and its faults.

use serde_json::{Map, Value, json};

use super::{Answer, Host, RELATED};

const LIST_CHANGED: &str = "notifications/tools/list_changed";

impl Host {
    pub(super) fn respond(&self, id: &Value, answer: Answer) {
        // Only some requests, so that the session begins.
        let shifted =
            self.is("id-shifted") && answer.as_ref().is_ok_and(|it| it["tools"].is_array());
        let id = match id.as_i64().filter(|_| shifted) {
            Some(number) => &json!(number + 1000),
            None => id,
        };
        let response = match answer {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err((code, message)) => {
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
            }
        };
        self.send(response);
    }

    /// Sends a message.
    pub fn send(&self, mut message: Value) {
        let related = is_related(&message);
        self.disfigure(&mut message);
        let text = match self.peculiarity {
            "pretty-print" if message["result"]["tools"].is_array() => {
                serde_json::to_string_pretty(&message).unwrap_or_default()
            }
            "escapes" => escaped(&message.to_string()),
            // No string in Rust has half of a surrogate pair.
            "surrogate-names" | "surrogate-uris" | "surrogate-cursor" | "surrogate-texts" => {
                message.to_string().replace("HALF", "\\ud83d")
            }
            _ => message.to_string(),
        };
        let mut bytes = text.into_bytes();
        if self.is("latin-1-names") {
            let halves = bytes.windows(4).filter(|part| *part == b"HALF").count();
            for _ in 0..halves {
                let at = bytes.windows(4).position(|part| part == b"HALF");
                let at = at.expect("it was counted");
                bytes.splice(at..at + 4, [0xe9]);
            }
        }
        if message["result"]["tools"].is_array() {
            self.garble(&mut bytes);
        }
        let everywhere = self.is("broadcast-changes") && message["method"] == LIST_CHANGED;
        if everywhere && let Ok(outlet) = RELATED.try_with(Clone::clone) {
            let _ = outlet.send(bytes.clone());
        }
        let outlet = RELATED.try_with(Clone::clone);
        let outlet = outlet.ok().filter(|_| related);
        // The client may have disconnected.
        let _ = outlet.as_ref().unwrap_or(&self.outlet).send(bytes);
    }

    /// Writes the list of tools with one flaw.
    fn garble(&self, bytes: &mut Vec<u8>) {
        let member: &[u8] = match self.peculiarity {
            "latin-1" => b",\"x\":\"\xe9\"}",
            "surrogate-half" => b",\"x\":\"\\ud83d\"}",
            "surrogate-pair" => b",\"x\":\"\\ud83d\\ude00 \\u0000\"}",
            "control-character" => b",\"x\":\"\0\"}",
            "member-twice" => b",\"x\":1,\"x\":2}",
            "large-numbers" => b",\"x\":1e400}",
            "deep-nesting" => {
                let deep = [b"[".repeat(300), b"]".repeat(300)].concat();
                bytes.pop();
                bytes.extend_from_slice(b",\"x\":");
                bytes.extend_from_slice(&deep);
                return bytes.push(b'}');
            }
            "utf-8-mark" => return drop(bytes.splice(..0, *b"\xef\xbb\xbf")),
            "blank-line" => return bytes.insert(0, b'\n'),
            "log-line" => return drop(bytes.splice(..0, *b"INFO listing tools\n")),
            _ => return,
        };
        bytes.splice(bytes.len() - 1.., member.iter().copied());
    }

    pub(super) fn disfigure(&self, message: &mut Value) {
        let Some(members) = message.as_object_mut() else {
            return;
        };
        let listing = members
            .get("result")
            .is_some_and(|result| result["tools"].is_array());
        match self.peculiarity {
            "jsonrpc-missing" if listing => drop(members.remove("jsonrpc")),
            "both" if listing => {
                drop(members.insert("error".to_owned(), json!({"code": 1, "message": "also"})))
            }
            "neither" if listing => drop(members.remove("result")),
            "result-array" if listing => drop(members.insert("result".to_owned(), json!([]))),
            "array" if listing => *message = json!([message.clone()]),
            "id-rounded" if members.get("id") == Some(&json!(9_007_199_254_740_993_i64)) => {
                members.insert("id".to_owned(), json!(9_007_199_254_740_992_i64));
            }
            "id-text" => stringify_id(members),
            "error-code-text" => disfigure_error(members, "code", json!("-32601")),
            "error-code-reserved" => disfigure_error(members, "code", json!(-32650)),
            "error-no-message" => drop(
                members
                    .get_mut("error")
                    .and_then(Value::as_object_mut)
                    .and_then(|error| error.remove("message")),
            ),
            "error-trace" => disfigure_error(members, "message", json!("Traceback:\n  at main")),
            "error-challenge" => disfigure_error(
                members,
                "data",
                json!({"WWW-Authenticate": "Bearer resource_metadata=\"https://example.com/\""}),
            ),
            "error-data" => disfigure_error(members, "data", json!({"detail": [1, 2]})),
            "notification-id"
                if members
                    .get("method")
                    .is_some_and(|method| method == "notifications/message") =>
            {
                members.insert("id".to_owned(), json!(1));
            }
            "params-array"
                if members
                    .get("method")
                    .is_some_and(|method| method == "notifications/tools/list_changed") =>
            {
                members.insert("params".to_owned(), json!([]));
            }
            "further-members" => drop(members.insert("further".to_owned(), json!({"a": 1}))),
            "meta-everywhere" => {
                if let Some(result) = members.get_mut("result").and_then(Value::as_object_mut) {
                    result.insert(
                        "_meta".to_owned(),
                        json!({"example.com/a.b_c-d": {"x": 1}, "example.com/": 2}),
                    );
                }
            }
            _ => {}
        }
    }
}

/// Returns true if a message relates to the request that caused it.
fn is_related(message: &Value) -> bool {
    let method = message["method"].as_str().unwrap_or_default();
    !method.ends_with("/list_changed") && method != "notifications/resources/updated"
}

fn stringify_id(members: &mut Map<String, Value>) {
    if members.contains_key("method") {
        return;
    }
    if let Some(id) = members.get("id").filter(|id| **id == json!(0)).cloned() {
        members.insert("id".to_owned(), json!(id.to_string()));
    }
}

fn disfigure_error(members: &mut Map<String, Value>, member: &str, value: Value) {
    if let Some(error) = members.get_mut("error").and_then(Value::as_object_mut) {
        error.insert(member.to_owned(), value);
    }
}

/// Escapes every non-ASCII letter in the strings of JSON text.
fn escaped(text: &str) -> String {
    let mut units = [0; 2];
    text.chars()
        .map(|one| {
            if one.is_ascii() {
                one.to_string()
            } else {
                one.encode_utf16(&mut units)
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect()
            }
        })
        .collect()
}
