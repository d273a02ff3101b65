//! What came back for a request, and the two things that a check wants of it:
//! a result, or an error with a certain code.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::log::Entry;
use crate::model::Finding;
use crate::model::duration::in_words;
use crate::wire::envelope::RpcError;
use crate::wire::shapes::{excerpt, shorten};

/// What came back for a request.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What was sent, shortened for messages.
    pub sent: String,
    /// What came.
    pub body: Body,
    /// Over HTTP: the status.
    pub status: Option<u16>,
    /// The message that answered, if one did.
    pub entry: Option<Arc<Entry>>,
    /// Position of the request in the log.
    pub from: usize,
}

/// The ways in which a request can end.
#[derive(Clone, Debug)]
pub enum Body {
    /// A result.
    Result(Value),
    /// An error. Over HTTP it may have come without an id.
    Error(RpcError),
    /// An HTTP answer without a JSON-RPC response.
    Refused(String),
    /// The connection ended.
    Closed(String),
    /// Nothing came in time.
    Silence(Duration),
}

impl Reply {
    /// What came, for a message to a person.
    pub fn came(&self) -> String {
        let status = self
            .status
            .map_or(String::new(), |status| format!(" (HTTP status {status})"));
        match &self.body {
            Body::Result(result) => format!("the result {}{status}", excerpt(result)),
            Body::Error(error) => format!(
                "error {}: {:?}{status}",
                error.code,
                shorten(&error.message, 160)
            ),
            Body::Refused(what) => what.clone(),
            Body::Closed(why) => format!("the end of the connection ({why})"),
            Body::Silence(time) => format!("nothing within {}", in_words(*time)),
        }
    }

    /// The finding that something else was expected.
    pub fn unexpected(&self, expected: &str) -> Finding {
        Finding::Violation(format!(
            "sent {}; expected {expected}; got {}",
            self.sent,
            self.came()
        ))
    }

    /// The result.
    ///
    /// # Errors
    ///
    /// A violation when anything else came.
    pub fn result(&self) -> Result<&Value, Finding> {
        match &self.body {
            Body::Result(result) => Ok(result),
            _ => Err(self.unexpected("a result")),
        }
    }

    /// The error.
    ///
    /// # Errors
    ///
    /// A violation when anything else came.
    pub fn error(&self) -> Result<&RpcError, Finding> {
        match &self.body {
            Body::Error(error) => Ok(error),
            _ => Err(self.unexpected("an error")),
        }
    }

    /// The error, which has to have one of these codes.
    ///
    /// # Errors
    ///
    /// A violation when anything else came.
    pub fn error_with(&self, codes: &[i64]) -> Result<&RpcError, Finding> {
        match &self.body {
            Body::Error(error) if codes.contains(&error.code) => Ok(error),
            _ => {
                let codes: Vec<String> = codes.iter().map(i64::to_string).collect();
                Err(self.unexpected(&format!("error {}", codes.join(" or "))))
            }
        }
    }

    /// Whether it was turned down in any orderly way: an error, an HTTP
    /// status that says no, or a tool's result with `isError`.
    pub fn is_turned_down(&self) -> bool {
        match &self.body {
            Body::Error(_) => true,
            Body::Refused(_) => self
                .status
                .is_some_and(|status| (400..500).contains(&status)),
            Body::Result(result) => result.get("isError") == Some(&Value::Bool(true)),
            Body::Closed(_) | Body::Silence(_) => false,
        }
    }

    /// Whether nothing came in time.
    pub fn is_silence(&self) -> bool {
        matches!(self.body, Body::Silence(_))
    }
}
