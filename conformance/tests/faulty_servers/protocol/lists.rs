//! The lists and their pages.

use serde_json::{Value, json};

use super::{Answer, Host, refuse};

/// Returns a page of a list with more pages than a suite reads, most of them empty.
fn long_list(params: &Value, member: &str, items: &[Value]) -> Answer {
    const LAST: usize = 501;
    let page = match params.get("cursor") {
        None => Some(1),
        Some(cursor) => cursor
            .as_str()
            .and_then(|cursor| cursor.strip_prefix("page ")?.parse().ok()),
    };
    match page.filter(|page| *page <= LAST) {
        None => refuse(-32602, "no such cursor"),
        Some(LAST) => Ok(json!({member: []})),
        Some(1) => Ok(json!({member: items, "nextCursor": "page 2"})),
        Some(page) => Ok(json!({member: [], "nextCursor": format!("page {}", page + 1)})),
    }
}

impl Host {
    /// Returns two items per page. The cursor is the position and the list.
    pub(super) fn page(&self, params: &Value, member: &str, items: Vec<Value>) -> Answer {
        if member == "prompts" && self.is("prompts-refused") {
            return refuse(-32601, "no prompts");
        }
        if self.is("cursor-refused") && params.get("cursor").is_some() {
            return refuse(-32602, "no cursors here");
        }
        if self.is("cursor-unheard") && params["cursor"] == "no such cursor" {
            self.state().blocked = true;
        }
        if self.is("long-list") && member == "resourceTemplates" {
            return long_list(params, member, &items);
        }
        let size = if self.is("one-page") { 1000 } else { 4 };
        let start = match params.get("cursor") {
            None => Some(0),
            Some(cursor) => cursor
                .as_str()
                .and_then(|cursor| cursor.strip_suffix(self.cursor_end()))
                .and_then(|cursor| cursor.strip_prefix(member)?.parse::<usize>().ok()),
        };
        let start = match start.filter(|start| *start <= items.len()) {
            Some(start) => start,
            None if self.is("cursor-unchecked") => 0,
            None if self.is("invalid-params-code") => return refuse(-32603, "no such cursor"),
            None => return refuse(-32602, "no such cursor"),
        };
        let overlap = usize::from(self.is("pages-overlap") && start > 0);
        let mut end = items.len().min(start + size);
        if self.is("cursor-unstable") && start > 0 {
            let mut state = self.state();
            state.toggled = !state.toggled;
            end = if state.toggled { end } else { start };
        }
        let mut page = json!({member: items[start - overlap..end]});
        if self.is("empty-first-page") && start == 0 && params.get("cursor").is_none() {
            return Ok(json!({member: [], "nextCursor": format!("{member}0")}));
        }
        if end < items.len() {
            page["nextCursor"] = json!(format!("{member}{end}{}", self.cursor_end()));
        } else if self.is("cursor-null") {
            page["nextCursor"] = Value::Null;
        } else if self.is("cursor-endless") {
            page["nextCursor"] = json!(format!("{member}{}", items.len()));
        }
        Ok(page)
    }

    /// Returns the arbitrary end of cursors.
    fn cursor_end(&self) -> &'static str {
        if self.is("surrogate-cursor") {
            "HALF"
        } else if self.is("odd-cursors") {
            " \"\u{30c4}\"=&\u{1f600}"
        } else {
            ""
        }
    }

    pub(super) fn tools(&self) -> Vec<Value> {
        let text = json!({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]});
        let none = json!({"type": "object"});
        let tool = |name: &str, schema: &Value| json!({"name": name, "description": name, "inputSchema": schema});
        let mut tools = vec![tool("echo", &text)];
        tools.extend(
            [
                "content",
                "structured",
                "progress",
                "logs",
                "sample",
                "elicit",
                "roots",
                "wait",
                "change",
                "touch",
                "fail",
                "pause",
            ]
            .map(|name| tool(name, &none)),
        );
        tools[2]["outputSchema"] =
            json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
        tools.push(json!({"name": "destroy", "inputSchema": none, "annotations": {"destructiveHint": true}}));
        let path = json!({"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]});
        tools.push(tool("open", &path));
        tools.push(tool("log", &text));
        if self.state().toggled {
            tools.push(tool("added", &none));
        }
        match self.peculiarity {
            "tool-twice" => tools.push(tools[0].clone()),
            "tool-schema-missing" => drop(
                tools[3]
                    .as_object_mut()
                    .and_then(|tool| tool.remove("inputSchema")),
            ),
            "tool-schema-array" => tools[3]["inputSchema"] = json!({"type": "array"}),
            "tool-schema-invalid" => {
                tools[0]["inputSchema"]["properties"]["text"]["type"] = json!("text")
            }
            "output-schema-array" => tools[2]["outputSchema"]["type"] = json!("array"),
            "hint-string" => tools[1]["annotations"] = json!({"readOnlyHint": "yes"}),
            "tool-title-number" => tools[1]["title"] = json!(5),
            "no-description" => tools.iter_mut().for_each(|tool| {
                drop(
                    tool.as_object_mut()
                        .and_then(|tool| tool.remove("description")),
                )
            }),
            "surrogate-names" | "latin-1-names" => {
                tools.push(tool("a HALF", &none));
                tools.push(tool("another HALF", &none));
                let member = json!({"type": "object", "properties": {"HALF": {"type": "string"}}, "required": ["HALF"]});
                tools.push(tool("member", &member));
                let choice = json!({"type": "object", "properties": {"x": {"enum": ["HALF"]}}, "required": ["x"]});
                tools.push(tool("choice", &choice));
                let described = json!({"type": "object", "properties": {"x": {"type": "string", "description": "HALF"}}});
                tools.push(tool("described", &described));
            }
            "surrogate-texts" => tools[1]["description"] = json!("HALF"),
            "fails-at-first" => tools.push(tool(
                "kinds",
                &json!({"type": "object", "properties": {"kind": {"enum": ["error", "text"]}}, "required": ["kind"]}),
            )),
            // No call lasts longer than that of `progress`.
            "ping-queued" | "quick-again" => tools.retain(|tool| tool["name"] != "wait"),
            "works-once" => tools.push(tool("once", &none)),
            "odd-names" => tools.push(tool("odd name/\u{1f600}", &none)),
            "further-members" => tools.iter_mut().for_each(|tool| tool["icons"] = json!([])),
            "meta-everywhere" => tools
                .iter_mut()
                .for_each(|tool| tool["_meta"] = json!({"example.com/note": 1, "plain": null})),
            "meta-array" => tools[1]["_meta"] = json!([]),
            "meta-reserved" => tools[1]["_meta"] = json!({"mcp.dev/own": 1}),
            "meta-label" => tools[1]["_meta"] = json!({"1com.example/own": 1}),
            "meta-prefix" => tools[1]["_meta"] = json!({"com..example/own": 1}),
            "meta-name" => tools[1]["_meta"] = json!({"-own": 1}),
            "meta-characters" => tools[1]["_meta"] = json!({"o wn": 1}),
            "titles" => {
                for tool in &mut tools {
                    tool["title"] = json!("A title");
                    tool["annotations"] = json!({"title": "Another", "readOnlyHint": false, "idempotentHint": true});
                }
                tools.retain(|tool| tool["name"] != "destroy");
            }
            "separators" => tools[0]["description"] = json!("one\u{2028}two\u{2029}three\u{85}four"),
            "tools-alone" => tools.retain(|tool| {
                let apart = ["content", "change", "touch", "logs", "log"];
                !apart.iter().any(|name| tool["name"] == *name)
            }),
            "output-schema-lost" => {
                tools[2]["outputSchema"]["properties"]["n"] = json!({"$ref": "#/$defs/none"})
            }
            "input-schema-lost" => {
                tools[12]["inputSchema"]["properties"] = json!({"x": {"$ref": "#/$defs/none"}})
            }
            "schema-choice-none" => {
                tools[12]["inputSchema"]["properties"] = json!({"x": {"enum": []}});
            }
            "schema-choice-twice" => {
                let deep = json!({"x": {"items": {"anyOf": [{"enum": [1, "1", 1.5, 1]}]}}});
                tools[12]["inputSchema"]["properties"] = deep;
            }
            "schema-choices-alike" => {
                let alike = json!({"x": {"enum": [1, "1", null, [], [1]]}, "enum": {"default": {"enum": []}}});
                tools[12]["inputSchema"]["properties"] = alike;
            }
            "schema-dialect-empty" => tools[12]["inputSchema"]["$schema"] = json!(""),
            "schema-tuple" => {
                tools[12]["inputSchema"]["properties"] =
                    json!({"x": {"type": "array", "items": [{"type": "string"}]}})
            }
            "schema-elsewhere" => {
                tools[11]["inputSchema"]["$schema"] = json!("https://example.com/dialect");
                tools[12]["inputSchema"]["properties"] =
                    json!({"x": {"$ref": "https://example.com/x.json"}});
            }
            "usual-unknown-names" => {
                tools.push(tool("no_such_tool", &none));
                tools.push(tool("", &none));
            }
            "draft-7" => {
                tools[0]["inputSchema"]["$schema"] =
                    json!("http://json-schema.org/draft-07/schema#")
            }
            _ => {}
        }
        tools
    }

    pub(super) fn resources(&self) -> Vec<Value> {
        let mut resources: Vec<Value> = ["text", "watched", "third", "fourth", "fifth"]
            .iter()
            .map(|name| json!({"uri": format!("test://{name}"), "name": name}))
            .collect();
        resources[0]["size"] = json!(5);
        resources.push(json!({"uri": "test://binary", "name": "binary", "mimeType": "image/png",
            "annotations": {"audience": ["user"], "priority": 0.5, "lastModified": "2025-06-18T00:00:00Z"}}));
        if self.state().toggled {
            resources.push(json!({"uri": "test://added", "name": "added"}));
        }
        match self.peculiarity {
            "surrogate-uris" => {
                resources.push(json!({"uri": "test://HALF", "name": "half"}));
            }
            "resource-twice" => resources.push(resources[0].clone()),
            "usual-unknown-names" => {
                let uri = "conformance-no-such-scheme://nothing/here";
                resources.push(json!({"uri": uri, "name": "nothing"}));
            }
            "uri-letters" => resources[2]["uri"] = json!("test://thírd"),
            "uri-relative" => resources[2]["uri"] = json!("third"),
            "uri-scheme" => resources[2]["uri"] = json!("be_nch://third"),
            "size-wrong" => resources[0]["size"] = json!(6),
            // Another process writes to it after it was listed.
            "resource-grows" if self.state().grown => resources[0]["size"] = json!(6),
            "resource-grows" => self.state().grown = true,
            "audience-string" => resources[0]["annotations"] = json!({"audience": "user"}),
            "audience-word" => resources[0]["annotations"] = json!({"audience": ["robot"]}),
            "priority-2" => resources[0]["annotations"] = json!({"priority": 2}),
            "last-modified" => resources[0]["annotations"] = json!({"lastModified": "yesterday"}),
            "resource-no-name" => drop(
                resources[1]
                    .as_object_mut()
                    .and_then(|all| all.remove("name")),
            ),
            "titles" => resources.iter_mut().for_each(|resource| {
                resource["title"] = json!("A title");
                resource["description"] = json!("");
            }),
            "audience-empty" => {
                resources[0]["annotations"] = json!({"audience": [], "priority": 1})
            }
            _ => {}
        }
        resources
    }

    pub(super) fn templates(&self) -> Vec<Value> {
        let mut template =
            json!({"uriTemplate": "test://number/{n}", "name": "number", "mimeType": "text/plain"});
        match self.peculiarity {
            "template-reserved" => template["uriTemplate"] = json!("test://number/{=n}"),
            "template-dots" => template["uriTemplate"] = json!("test://number/{n..m}"),
            "template-letters" => template["uriTemplate"] = json!("test://é/{n}"),
            "template-broken" => template["uriTemplate"] = json!("test://number/{n"),
            "files-offered" => template["uriTemplate"] = json!("file:///{+path}"),
            "template-no-scheme" => template["uriTemplate"] = json!("{n}"),
            "template-no-name" => drop(template.as_object_mut().and_then(|all| all.remove("name"))),
            _ => {}
        }
        let mut templates = vec![template];
        if self.is("surrogate-uris") {
            templates.push(json!({"uriTemplate": "test://HALF/{n}", "name": "half"}));
        }
        templates
    }

    pub(super) fn prompts(&self) -> Vec<Value> {
        let mut prompts = vec![
            json!({"name": "greet", "arguments": [{"name": "who", "required": true}]}),
            json!({"name": "plain"}),
            json!({"name": "media"}),
        ];
        if self.state().toggled {
            prompts.push(json!({"name": "added"}));
        }
        match self.peculiarity {
            "usual-unknown-names" => {
                prompts.push(json!({"name": "no such prompt"}));
                prompts.push(json!({"name": ""}));
            }
            "prompt-choosy" | "prompt-choosy-type" => {
                let case =
                    json!({"name": "case", "description": "`A-1` or `B-2`", "required": true});
                prompts.push(json!({"name": "dossier", "arguments": [case]}));
            }
            "prompt-particular" | "prompt-particular-type" => {
                let argument = |name: &str, description: &str| json!({"name": name, "description": description, "required": true});
                prompts.push(json!({"name": "ticket", "arguments": [
                    argument("queue", "one of: red, green, blue"),
                    argument("level", "`high` or `low`"),
                    argument("due", "The date."),
                ]}));
            }
            "prompt-told" | "prompt-told-type" => {
                prompts.push(json!({"name": "ticket", "arguments": [
                    {"name": "queue", "required": true}, {"name": "level", "required": true},
                    {"name": "due", "enum": ["today"], "required": true},
                ]}))
            }
            "prompt-secretive" | "prompt-secretive-code" | "prompt-secretive-internal" => {
                let argument = json!({"name": "number", "required": true});
                prompts.push(json!({"name": "ticket", "arguments": [argument]}));
            }
            "surrogate-names" | "latin-1-names" => {
                prompts.push(json!({"name": "HALF"}));
                let argument = json!({"name": "HALF", "required": true});
                prompts.push(json!({"name": "member", "arguments": [argument]}));
            }
            "prompt-twice" => prompts.push(prompts[1].clone()),
            "titles" | "no-description" => {
                let optional = json!({"name": "tone", "title": "Tone", "required": false});
                prompts[0]["arguments"]
                    .as_array_mut()
                    .expect("a list")
                    .push(optional);
            }
            "prompt-argument" => prompts[0]["arguments"][0]["required"] = json!("yes"),
            "prompt-no-name" => prompts.push(json!({"description": "nameless"})),
            _ => {}
        }
        prompts
    }
}
