//! The envelope of a message: JSON-RPC 2.0 as MCP narrows it.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic>

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::identifier::{Identifier, Kind};

/// An error object of JSON-RPC.
#[derive(Clone, Debug, PartialEq)]
pub struct RpcError {
    /// Its code; 0 if it could not be read, which the defects then report.
    pub code: i64,
    /// Its text.
    pub message: String,
    /// Additional data.
    pub data: Option<Value>,
}

/// The kind of a message, determined by its members.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// `method` and `id`.
    Request {
        /// The id as it was written.
        id: Identifier,
        /// The method.
        method: String,
        /// The parameters, [`Value::Null`] if absent.
        params: Value,
    },
    /// `method` without `id`.
    Notification {
        /// The method.
        method: String,
        /// The parameters, [`Value::Null`] if absent.
        params: Value,
    },
    /// `result` or `error` without `method`.
    Response {
        /// The id, if there is one.
        id: Option<Identifier>,
        /// The result or the error.
        answer: Result<Value, RpcError>,
    },
    /// No message of JSON-RPC.
    Unreadable,
}

/// The rules that an envelope can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The bytes are UTF-8.
    Utf8,
    /// The text is one JSON value.
    Json,
    /// No escape in it is half of a surrogate pair, which no Unicode text has.
    Surrogates,
    /// No object in it has a member twice.
    UniqueMembers,
    /// Over stdio, it is one line.
    OneLine,
    /// The value is not a batch.
    NoBatch,
    /// The value is a request, a notification or a response.
    Known,
    /// The value is meant to be a message, however broken: it has `jsonrpc`, or only the
    /// members of a message. JSON of another kind, such as the line of a log, is not.
    Foreign,
    /// `jsonrpc` is the string `2.0`.
    Version,
    /// A request's id is a string or an integer.
    RequestIdKind,
    /// A request's id is not `null`.
    RequestIdNull,
    /// A notification has no id.
    NotificationId,
    /// A response's id is a string or an integer (or `null` where allowed).
    ResponseId,
    /// A response does not have both a result and an error.
    NotBoth,
    /// A result is an object.
    ResultObject,
    /// An error has an integer code.
    ErrorCode,
    /// An error has a message of type string.
    ErrorMessage,
    /// `params` is an object.
    ParamsObject,
}

/// One broken rule of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The rule.
    pub rule: Rule,
    /// The value found instead.
    pub found: String,
}

/// A parsed message and the defects of its envelope.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// The message, as far as it could be recognized.
    pub message: Message,
    /// The rules that it breaks.
    pub defects: Vec<Defect>,
}

impl Envelope {
    /// Parses one message.
    pub fn read(bytes: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Self::unreadable(Rule::Utf8, "invalid UTF-8".to_owned());
        };
        if let Err(error) = serde_json::from_str::<Value>(text) {
            return Self::unreadable(Rule::Json, error.to_string());
        }
        match serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
            Ok(members) => Reader {
                members,
                defects: Vec::new(),
            }
            .read(),
            Err(_) if is_batch(text) => Self::unreadable(Rule::NoBatch, "a JSON array".to_owned()),
            Err(_) => Self::unreadable(Rule::Foreign, text.trim().to_owned()),
        }
    }

    /// Returns true if it breaks this rule.
    pub fn breaks(&self, rule: Rule) -> bool {
        self.defects.iter().any(|defect| defect.rule == rule)
    }

    fn unreadable(rule: Rule, found: String) -> Self {
        Self {
            message: Message::Unreadable,
            defects: vec![Defect { rule, found }],
        }
    }
}

/// Returns true for an array that may be meant as a batch: it is empty, or one of its values is meant
/// to be a message.
fn is_batch(text: &str) -> bool {
    let values = serde_json::from_str::<Vec<BTreeMap<String, &RawValue>>>(text);
    values.is_ok_and(|values| {
        let meant = |members: &BTreeMap<String, &RawValue>| !is_foreign(members);
        values.is_empty() || values.iter().any(meant)
    })
}

/// Returns true for an object that is not meant to be a message. Without `jsonrpc`, a message has an
/// id with a result that is an object or an error with a code, or a method that a server may call or
/// notify, and no member of another kind.
fn is_foreign(members: &BTreeMap<String, &RawValue>) -> bool {
    const MEMBERS: [&str; 5] = ["id", "method", "params", "result", "error"];
    /// The requests of servers.
    const ASKED: [&str; 4] = [
        "ping",
        "roots/list",
        "sampling/createMessage",
        "elicitation/create",
    ];
    let value = |name: &str| -> Option<Value> {
        let text = members.get(name)?.get();
        serde_json::from_str(text).ok()
    };
    let has = |name: &str| members.contains_key(name);
    if has("jsonrpc") {
        return false;
    }
    let says = match value("method") {
        Some(Value::String(method)) if has("id") => ASKED.contains(&method.as_str()),
        Some(Value::String(method)) => method.starts_with("notifications/"),
        Some(_) => false,
        None => {
            let fails = value("error").is_some_and(|error| error["code"].is_number());
            let succeeds = value("result").is_some_and(|result| result.is_object());
            has("id") && (fails || succeeds)
        }
    };
    let alone = members.keys().all(|name| MEMBERS.contains(&name.as_str()));
    !(alone && says)
}

struct Reader<'a> {
    members: BTreeMap<String, &'a RawValue>,
    defects: Vec<Defect>,
}

/// The number of members that the description of foreign JSON names.
const SHOWN_NAMES: usize = 8;

impl Reader<'_> {
    fn read(mut self) -> Envelope {
        if is_foreign(&self.members) {
            let mut names: Vec<&str> = self.members.keys().map(String::as_str).collect();
            names.truncate(SHOWN_NAMES);
            let found = format!("JSON with the members {}", names.join(", "));
            return Envelope::unreadable(Rule::Foreign, found);
        }
        if self.value("jsonrpc") != Some(Value::from("2.0")) {
            self.defect(Rule::Version, format!("jsonrpc: {}", self.shown("jsonrpc")));
        }
        let message = match self.value("method") {
            Some(Value::String(method)) => self.call(method),
            Some(other) => {
                self.defect(Rule::Known, format!("method: {other}"));
                Message::Unreadable
            }
            None => self.response(),
        };
        Envelope {
            message,
            defects: self.defects,
        }
    }

    fn call(&mut self, method: String) -> Message {
        let params = self.value("params").unwrap_or(Value::Null);
        if self.members.contains_key("params") && !params.is_object() {
            self.defect(Rule::ParamsObject, format!("params: {params}"));
        }
        let Some(id) = self.id() else {
            return Message::Notification { method, params };
        };
        if method.starts_with("notifications/") {
            self.defect(Rule::NotificationId, format!("{method} with id {id}"));
            return Message::Notification { method, params };
        }
        match id.kind() {
            Kind::Text | Kind::Integer => {}
            Kind::Null => self.defect(Rule::RequestIdNull, format!("{method} with id null")),
            Kind::Fraction | Kind::Other => {
                self.defect(Rule::RequestIdKind, format!("{method} with id {id}"))
            }
        }
        Message::Request { id, method, params }
    }

    fn response(&mut self) -> Message {
        let id = self.id();
        if let Some(id) = &id
            && matches!(id.kind(), Kind::Fraction | Kind::Other)
        {
            self.defect(Rule::ResponseId, format!("a response with id {id}"));
        }
        // Only an error may lack an id, as it may answer an unreadable request.
        if !self.members.contains_key("error")
            && id.as_ref().is_none_or(|id| id.kind() == Kind::Null)
        {
            let found = id.as_ref().map_or("no id", |_| "id null");
            self.defect(Rule::ResponseId, format!("a result with {found}"));
        }
        match (self.value("result"), self.value("error")) {
            (Some(_), Some(error)) => {
                self.defect(Rule::NotBoth, "a response with result and error".to_owned());
                let answer = Err(self.error(&error));
                Message::Response { id, answer }
            }
            (Some(result), None) => {
                if !result.is_object() {
                    self.defect(Rule::ResultObject, format!("result: {result}"));
                }
                Message::Response {
                    id,
                    answer: Ok(result),
                }
            }
            (None, Some(error)) => {
                let answer = Err(self.error(&error));
                Message::Response { id, answer }
            }
            (None, None) => {
                self.defect(Rule::Known, "neither method, result nor error".to_owned());
                Message::Unreadable
            }
        }
    }

    fn error(&mut self, error: &Value) -> RpcError {
        let code = error.get("code").and_then(integer);
        if code.is_none() {
            let found = error
                .get("code")
                .map_or("no code".to_owned(), |code| format!("code: {code}"));
            self.defect(Rule::ErrorCode, found);
        }
        let message = error.get("message").and_then(Value::as_str);
        if message.is_none() {
            let found = error
                .get("message")
                .map_or("no message".to_owned(), |text| format!("message: {text}"));
            self.defect(Rule::ErrorMessage, found);
        }
        RpcError {
            code: code.unwrap_or_default(),
            message: message.unwrap_or_default().to_owned(),
            data: error.get("data").cloned(),
        }
    }

    fn id(&self) -> Option<Identifier> {
        self.members
            .get("id")
            .map(|raw| Identifier::from_json(raw.get()))
    }

    fn value(&self, name: &str) -> Option<Value> {
        self.members
            .get(name)
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
    }

    fn shown(&self, name: &str) -> &str {
        self.members.get(name).map_or("absent", |raw| raw.get())
    }

    fn defect(&mut self, rule: Rule, found: String) {
        self.defects.push(Defect { rule, found });
    }
}

/// Returns the integer value of a JSON number; `1.0` is one. Larger values saturate.
fn integer(value: &Value) -> Option<i64> {
    let whole = |number: f64| (number.fract() == 0.0).then_some(number as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<Rule> {
        Envelope::read(text.as_bytes())
            .defects
            .into_iter()
            .map(|defect| defect.rule)
            .collect()
    }

    #[test]
    fn legal_messages_have_no_defect() {
        for legal in [
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":"","method":"ping","params":{}}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{},"further":1}"#,
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#,
            r#"{"jsonrpc":"2.0","error":{"code":-32700.0,"message":"no"}}"#,
        ] {
            assert_eq!(rules(legal), [], "{legal}");
        }
    }

    #[test]
    fn each_rule_can_be_broken() {
        for (text, rule) in [
            ("{", Rule::Json),
            ("[]", Rule::NoBatch),
            ("1", Rule::Foreign),
            ("{}", Rule::Foreign),
            ("[1]", Rule::Foreign),
            (r#"[{"level":"info"}]"#, Rule::Foreign),
            (
                r#"{"method":"tools/list","level":"info","msg":"x"}"#,
                Rule::Foreign,
            ),
            (r#"{"id":1,"error":"timeout","time":7}"#, Rule::Foreign),
            (r#"{"id":1,"error":"timeout"}"#, Rule::Foreign),
            (r#"{"id":1,"result":"ok"}"#, Rule::Foreign),
            (r#"{"id":1,"method":"tools/call"}"#, Rule::Foreign),
            (r#"{"id":1,"method":"ping"}"#, Rule::Version),
            (
                r#"{"id":1,"error":{"code":-32603,"message":"a"}}"#,
                Rule::Version,
            ),
            (r#"{"method":"GET"}"#, Rule::Foreign),
            (r#"[{"jsonrpc":"2.0","id":1,"result":{}}]"#, Rule::NoBatch),
            (
                r#"{"method":"notifications/tools/list_changed"}"#,
                Rule::Version,
            ),
            (r#"{"jsonrpc":"2.0","id":1}"#, Rule::Known),
            (r#"{"id":1,"result":{}}"#, Rule::Version),
            (r#"{"jsonrpc":2.0,"id":1,"result":{}}"#, Rule::Version),
            (
                r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
                Rule::RequestIdKind,
            ),
            (
                r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
                Rule::RequestIdNull,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"notifications/message"}"#,
                Rule::NotificationId,
            ),
            (r#"{"jsonrpc":"2.0","id":[],"result":{}}"#, Rule::ResponseId),
            (
                r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
                Rule::NotBoth,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"result":[]}"#,
                Rule::ResultObject,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
                Rule::ResultObject,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}"#,
                Rule::ErrorCode,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":""}}"#,
                Rule::ErrorCode,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"error":{"code":1}}"#,
                Rule::ErrorMessage,
            ),
            (
                r#"{"jsonrpc":"2.0","method":"ping","params":[]}"#,
                Rule::ParamsObject,
            ),
        ] {
            assert_eq!(rules(text), [rule], "{text}");
        }
        assert_eq!(Envelope::read(b"\xff").defects[0].rule, Rule::Utf8);
    }
}
