//! Resources, prompts and completions.

use serde_json::{Value, json};

use super::{Answer, Host, PIXEL, refuse};

impl Host {
    pub(super) fn resource(&self, params: &Value) -> Answer {
        let Some(uri) = params["uri"].as_str() else {
            return refuse(
                if self.is("invalid-params-code") {
                    -32603
                } else {
                    -32602
                },
                "uri is a string",
            );
        };
        let known = self
            .resources()
            .iter()
            .any(|resource| resource["uri"] == uri);
        let start = match self.is("template-letters") {
            true => "test://%C3%A9/",
            false => "test://number/",
        };
        let number = uri
            .strip_prefix(start)
            .filter(|_| !self.is("template-refused"));
        let mut item = match uri {
            "test://binary" => json!({"uri": uri, "mimeType": "image/png", "blob": PIXEL}),
            "test://third" if self.is("resource-fails-oddly") => {
                return refuse(-32000, "something is wrong");
            }
            "test://text" if self.is("resource-grows") => {
                let grown = std::mem::replace(&mut self.state().grown, true);
                json!({"uri": uri, "text": if grown { "hello!" } else { "hello" }})
            }
            "test://text" if self.is("surrogate-texts") => json!({"uri": uri, "text": "HALF"}),
            "test://text" => json!({"uri": uri, "text": "hello"}),
            "file:///etc/passwd" if self.is("files-offered") => {
                json!({"uri": uri, "mimeType": "text/plain", "text": "a file of the server"})
            }
            _ if known => json!({"uri": uri, "text": "something"}),
            _ if number.is_some() => json!({"uri": uri, "mimeType": "text/plain", "text": number}),
            _ if self.is("unknown-resource-code") => return refuse(-32602, "no such resource"),
            _ if self.is("unknown-resource-empty") => return Ok(json!({"contents": []})),
            _ => return refuse(-32002, "no such resource"),
        };
        match self.peculiarity {
            "read-no-body" => drop(item.as_object_mut().and_then(|all| all.remove("text"))),
            "read-both" => item["blob"] = json!(""),
            "read-other" => item["uri"] = json!("test://elsewhere"),
            "read-annotations" => item["annotations"] = json!({"priority": 1}),
            "read-nul" => item["text"] = json!("\u{0}PNG"),
            "blob-unpadded" if uri == "test://binary" => item["blob"] = json!("abc"),
            "template-media-type" if number.is_some() => item["mimeType"] = json!("text/html"),
            _ => {}
        }
        if self.is("read-several") {
            let part = json!({"uri": format!("{uri}/part"), "mimeType": "application/octet-stream", "blob": ""});
            return Ok(json!({"contents": [item, part]}));
        }
        Ok(json!({"contents": [item]}))
    }

    pub(super) fn prompt(&self, params: &Value) -> Answer {
        let arguments = &params["arguments"];
        let strings = arguments
            .as_object()
            .is_none_or(|all| all.values().all(Value::is_string));
        if !params["name"].is_string()
            || !(arguments.is_null() || arguments.is_object())
            || (!strings && !self.is("prompt-unchecked"))
        {
            return refuse(-32602, "name is a string, arguments a map of strings");
        }
        let message = |content: Value| json!({"role": "user", "content": content});
        let text = |text: String| json!({"type": "text", "text": text});
        let mut messages = match params["name"].as_str() {
            Some("greet") => match arguments["who"].as_str() {
                Some(_) if self.is("prompt-argument-unused") => {
                    vec![message(text("Greet somebody".to_owned()))]
                }
                Some(who) if who.contains("etc/passwd") && self.is("prompt-reads-files") => {
                    vec![message(text("root:x:0:0:root:/root:/bin/sh".to_owned()))]
                }
                Some(who) => vec![message(text(format!("Greet {who}")))],
                None if self.is("prompt-unchecked") => vec![message(text("Greet".to_owned()))],
                None => return refuse(-32602, "who is missing"),
            },
            Some("plain") if self.is("prompt-fails-oddly") => {
                return refuse(-32000, "something is wrong");
            }
            Some("plain") if self.is("prompt-broken") => return refuse(-32603, "broken"),
            Some("added") if self.state().toggled => vec![message(text("New here".to_owned()))],
            Some("no such prompt" | "") if self.is("usual-unknown-names") => {
                vec![message(text("Known".to_owned()))]
            }
            Some("dossier") => match arguments["case"].as_str() {
                Some(case @ ("A-1" | "B-2")) => {
                    let uri = format!("test://case/{case}");
                    let mut resource = json!({"uri": uri, "mimeType": "text/plain", "text": case});
                    if self.is("prompt-choosy-type") {
                        drop(
                            resource
                                .as_object_mut()
                                .and_then(|all| all.remove("mimeType")),
                        );
                    }
                    vec![message(json!({"type": "resource", "resource": resource}))]
                }
                _ => return refuse(-32602, "no such case"),
            },
            Some("ticket") => vec![message(self.ticket(arguments)?)],
            Some("plain") => vec![message(text("Say something".to_owned()))],
            Some("media") => vec![
                message(json!({"type": "image", "data": PIXEL, "mimeType": "image/png"})),
                message(json!({"type": "audio", "data": "AAAA", "mimeType": "audio/wav"})),
                message(
                    json!({"type": "resource", "resource": {"uri": "test://text", "mimeType": "text/plain", "text": "x"}}),
                ),
            ],
            _ if self.is("unknown-prompt-result") => Vec::new(),
            _ => return refuse(-32602, "no such prompt"),
        };
        if params["name"] == "media" {
            match self.peculiarity {
                "prompt-image" => messages[0]["content"]["data"] = json!("%%%"),
                "prompt-image-type" => messages[0]["content"]["mimeType"] = json!("png"),
                "prompt-audio" => messages[1]["content"]["data"] = json!("%%%"),
                "prompt-audio-type" => messages[1]["content"]["mimeType"] = json!("wav"),
                "prompt-embedded-uri" => {
                    messages[2]["content"]["resource"]["uri"] = json!("no uri")
                }
                "prompt-embedded-body" => drop(
                    messages[2]["content"]["resource"]
                        .as_object_mut()
                        .and_then(|all| all.remove("text")),
                ),
                "prompt-embedded-type" => drop(
                    messages[2]["content"]["resource"]
                        .as_object_mut()
                        .and_then(|all| all.remove("mimeType")),
                ),
                "prompt-role" => messages[0]["role"] = json!("system"),
                "prompt-list" => messages[0]["content"] = json!([messages[0]["content"]]),
                _ => {}
            }
        }
        Ok(json!({"messages": messages}))
    }

    /// A resource for arguments that each accept values of their own.
    fn ticket(&self, arguments: &Value) -> Answer {
        if self.peculiarity.starts_with("prompt-secretive") && !arguments["number"].is_null() {
            let code = match self.peculiarity {
                "prompt-secretive-internal" => -32603,
                // As one SDK does for every exception.
                "prompt-secretive-code" => 0,
                _ => -32602,
            };
            return refuse(code, "no such ticket");
        }
        let accepted: [(&str, &[&str]); 3] =
            match self.is("prompt-told") || self.is("prompt-told-type") {
                true => [("queue", &["q7"]), ("level", &["l3"]), ("due", &["today"])],
                false => [
                    ("queue", &["green"]),
                    ("level", &["high"]),
                    ("due", &["2025-06-18"]),
                ],
            };
        for (name, values) in accepted {
            let given = arguments[name].as_str().unwrap_or_default();
            if !values.contains(&given) {
                // Only one kind of server names the values here.
                let told = match self.peculiarity.starts_with("prompt-told") {
                    true => format!("{name} must be '{}'", values[0]),
                    false => "no such ticket".to_owned(),
                };
                return refuse(-32602, &told);
            }
        }
        let mut resource = json!({"uri": "test://ticket", "mimeType": "text/plain", "text": arguments.to_string()});
        if self.peculiarity.ends_with("-type") {
            drop(
                resource
                    .as_object_mut()
                    .and_then(|all| all.remove("mimeType")),
            );
        }
        Ok(json!({"type": "resource", "resource": resource}))
    }

    pub(super) fn complete(&self, params: &Value) -> Answer {
        let context = &params["context"];
        let strings = context["arguments"]
            .as_object()
            .is_none_or(|all| all.values().all(Value::is_string));
        let typed = params["argument"]["name"].is_string()
            && params["argument"]["value"].is_string()
            && (context.is_null() || context.is_object())
            && strings;
        let known = match params["ref"]["type"].as_str() {
            Some("ref/prompt") => params["ref"]["name"] == "greet",
            Some("ref/resource") if self.is("template-letters") => {
                params["ref"]["uri"] == "test://é/{n}"
            }
            Some("ref/resource") => params["ref"]["uri"] == "test://number/{n}",
            _ if self.is("completion-kinds") => true,
            _ => false,
        };
        if self.is("completion-context") && !context.is_null() {
            return refuse(-32602, "no context here");
        }
        let excused = self.is("completion-unchecked") && known;
        if self.is("completion-fails-oddly") && typed && known {
            return refuse(-32000, "something is wrong");
        }
        if !(typed && known || excused) {
            return refuse(
                if self.is("completion-code") {
                    -32603
                } else {
                    -32602
                },
                "this cannot be completed",
            );
        }
        let typed = params["argument"]["value"].as_str().unwrap_or_default();
        let all = ["1", "12", "2"]
            .into_iter()
            .filter(|value| value.starts_with(typed));
        let values: Vec<&str> = all.collect();
        let mut completion = json!({"values": values, "total": values.len(), "hasMore": false});
        match self.peculiarity {
            "completion-101" => completion = json!({"values": vec!["1"; 101]}),
            "completion-100" => {
                let many: Vec<String> = (0..100).map(|number| format!("{typed}{number}")).collect();
                completion = json!({"values": many, "total": 250, "hasMore": true});
            }
            "completion-count" => completion["total"] = json!(values.len() as i64 - 1),
            "completion-total" => completion["total"] = json!("3"),
            "completion-ranked" if !typed.is_empty() => {
                completion = json!({"values": ["2", typed]})
            }
            "completion-bare" => completion = json!({"values": []}),
            _ => {}
        }
        Ok(json!({"completion": completion}))
    }
}
