//! The client that the driver plays: its capabilities, and its answers to the server's requests.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/client/sampling>

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::arguments;

/// The answer to a kind of request.
#[derive(Clone, Debug, Default)]
pub enum Answer {
    /// A helpful result: a sampled text, a form filled in by its schema, two roots.
    #[default]
    Usual,
    /// This result.
    Result(Value),
    /// An error.
    Error(i64, &'static str),
    /// No answer.
    Silence,
}

/// The requests that a server may send, besides ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// `sampling/createMessage`.
    Sampling,
    /// `elicitation/create`.
    Elicitation,
    /// `roots/list`.
    Roots,
}

impl Asked {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sampling, Self::Elicitation, Self::Roots];

    /// Its method.
    pub fn method(self) -> &'static str {
        match self {
            Self::Sampling => "sampling/createMessage",
            Self::Elicitation => "elicitation/create",
            Self::Roots => "roots/list",
        }
    }

    /// The capability of a client that answers it.
    pub fn capability(self) -> &'static str {
        match self {
            Self::Sampling => "sampling",
            Self::Elicitation => "elicitation",
            Self::Roots => "roots",
        }
    }
}

/// The capabilities and answers of the client.
#[derive(Debug)]
pub struct ClientRole {
    capabilities: Value,
    info: Value,
    answers: Mutex<[Answer; 3]>,
    pongs: bool,
}

impl Clone for ClientRole {
    fn clone(&self) -> Self {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            capabilities: self.capabilities.clone(),
            info: self.info.clone(),
            answers: Mutex::new(answers.clone()),
            pongs: self.pongs,
        }
    }
}

impl ClientRole {
    /// Creates a client that declares every capability.
    pub fn complete() -> Self {
        Self::with(json!({
            "roots": {"listChanged": true},
            "sampling": {},
            "elicitation": {},
            "experimental": {"conformance": {}},
        }))
    }

    /// Creates a client that declares no capability.
    pub fn bare() -> Self {
        Self::with(json!({}))
    }

    /// Creates a client that declares these capabilities.
    pub fn with(capabilities: Value) -> Self {
        Self {
            capabilities,
            info: json!({
                "name": "wasi-mcp-conformance",
                "title": "Conformance suite",
                "version": env!("CARGO_PKG_VERSION"),
            }),
            answers: Mutex::default(),
            pongs: true,
        }
    }

    /// Replaces the name and version that the client gives in `initialize`.
    pub fn introducing(mut self, info: Value) -> Self {
        self.info = info;
        self
    }

    /// Leaves every ping unanswered.
    pub fn without_pongs(mut self) -> Self {
        self.pongs = false;
        self
    }

    /// Leaves all requests of the server unanswered, except for pings.
    pub fn silent(self) -> Self {
        Asked::ALL
            .into_iter()
            .fold(self, |role, asked| role.answering(asked, Answer::Silence))
    }

    /// Replaces one answer.
    pub fn answering(self, asked: Asked, answer: Answer) -> Self {
        self.set(asked, answer);
        self
    }

    /// Changes an answer from now on.
    pub fn set(&self, asked: Asked, answer: Answer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers[asked as usize] = answer;
    }

    /// Returns the capabilities declared in `initialize`.
    pub fn capabilities(&self) -> &Value {
        &self.capabilities
    }

    /// Returns the name and version given in `initialize`.
    pub fn info(&self) -> &Value {
        &self.info
    }

    /// Returns the result or error (code and message) for a request; `None` for no answer.
    pub fn answer(&self, method: &str, params: &Value) -> Option<Result<Value, (i64, String)>> {
        if method == "ping" {
            return self.pongs.then(|| Ok(json!({})));
        }
        let asked = Asked::ALL
            .into_iter()
            .find(|asked| asked.method() == method);
        let Some(asked) = asked.filter(|asked| self.capabilities.get(asked.capability()).is_some())
        else {
            return Some(Err((
                -32601,
                format!("this client does not support {method}"),
            )));
        };
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        match &answers[asked as usize] {
            Answer::Usual => Some(Ok(usual(asked, params))),
            Answer::Result(result) => Some(Ok(result.clone())),
            Answer::Error(code, message) => Some(Err((*code, (*message).to_owned()))),
            Answer::Silence => None,
        }
    }
}

/// The text of sampled messages, for checks to look for.
pub const SAMPLED_TEXT: &str = "conformance sample";

/// The URIs of the client's roots.
pub const ROOTS: [&str; 2] = [
    "file:///conformance/first",
    "file:///conformance/second%20root",
];

fn usual(asked: Asked, params: &Value) -> Value {
    match asked {
        Asked::Sampling => json!({
            "role": "assistant",
            "content": {"type": "text", "text": SAMPLED_TEXT},
            "model": "conformance-model",
            "stopReason": "endTurn",
        }),
        Asked::Elicitation => fill_in(params),
        Asked::Roots => json!({"roots": [
            {"uri": ROOTS[0], "name": "First"},
            {"uri": ROOTS[1], "_meta": {"example.com/note": 1}},
        ]}),
    }
}

/// Accepts a form with values that its schema allows. Declines it if there are none.
fn fill_in(params: &Value) -> Value {
    let schema = params.get("requestedSchema").unwrap_or(&Value::Null);
    match arguments::valid_with_everything(schema) {
        Ok(content) => json!({"action": "accept", "content": content}),
        Err(_) => json!({"action": "decline"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_declared_is_answered() {
        let bare = ClientRole::bare();
        assert!(matches!(
            bare.answer("roots/list", &Value::Null),
            Some(Err((-32601, _)))
        ));
        assert_eq!(bare.answer("ping", &Value::Null), Some(Ok(json!({}))));
        let complete = ClientRole::complete();
        assert!(matches!(
            complete.answer("roots/list", &Value::Null),
            Some(Ok(_))
        ));
        complete.set(Asked::Roots, Answer::Silence);
        assert_eq!(complete.answer("roots/list", &Value::Null), None);
        assert!(matches!(
            complete.answer("tasks/list", &Value::Null),
            Some(Err((-32601, _)))
        ));
    }

    #[test]
    fn the_usual_answers_have_the_shape_of_the_revision() {
        use crate::wire::methods::find;
        let form = json!({"requestedSchema": {"type": "object", "properties": {
            "mail": {"type": "string", "format": "email"},
            "age": {"type": "integer", "minimum": 18},
            "choice": {"type": "string", "enum": ["a", "b"]},
        }, "required": ["mail", "age", "choice"]}});
        for asked in Asked::ALL {
            let method = find(asked.method()).expect("a method");
            let inspection = method.inspect_result(&usual(asked, &form));
            assert_eq!(inspection.faults, [], "{asked:?}");
        }
        assert_eq!(fill_in(&form)["action"], "accept");
        assert_eq!(fill_in(&form)["content"]["age"], 18);
    }
}
