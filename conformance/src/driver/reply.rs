//! Replies to requests, and the accessors that checks need: a result, or an error with a certain
//! code.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::log::Entry;
use crate::model::Finding;
use crate::model::duration::in_words;
use crate::wire::envelope::RpcError;
use crate::wire::shapes::{excerpt, shorten};

/// The reply to a request, or its absence.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The request, shortened for messages.
    pub sent: String,
    /// The outcome.
    pub body: Body,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The message that answered, if any.
    pub entry: Option<Arc<Entry>>,
    /// A description of an answer with another id than the request, if there was one in its place.
    pub strayed: Option<String>,
    /// Position of the request in the log.
    pub from: usize,
}

/// The outcomes of a request.
#[derive(Clone, Debug)]
pub enum Body {
    /// A result.
    Result(Value),
    /// An error. Over HTTP it may lack an id.
    Error(RpcError),
    /// An HTTP answer without a JSON-RPC response.
    Refused(String),
    /// The connection ended.
    Closed(String),
    /// No answer in time.
    Silence(Duration),
}

impl Reply {
    /// Describes the outcome for a message to a reader.
    pub fn came(&self) -> String {
        let status = self
            .status
            .map_or(String::new(), |status| format!(" (HTTP status {status})"));
        let strayed = self.strayed.as_ref();
        let strayed = strayed.map_or(String::new(), |what| format!("; {what}"));
        match &self.body {
            Body::Result(result) => format!("the result {}{status}", excerpt(result)),
            Body::Error(error) => format!(
                "error {}: {:?}{status}",
                error.code,
                shorten(&error.message, 160)
            ),
            Body::Refused(what) => format!("{what}{strayed}"),
            Body::Closed(why) => format!("the end of the connection ({why}){strayed}"),
            Body::Silence(time) => format!("nothing within {}{strayed}", in_words(*time)),
        }
    }

    /// Returns the violation that something else was expected.
    pub fn unexpected(&self, expected: &str) -> Finding {
        Finding::Violation(format!(
            "sent {}; expected {expected}; got {}",
            self.sent,
            self.came()
        ))
    }

    /// Returns the result.
    ///
    /// # Errors
    ///
    /// A violation for any other outcome.
    pub fn result(&self) -> Result<&Value, Finding> {
        match &self.body {
            Body::Result(result) => Ok(result),
            _ => Err(self.unexpected("a result")),
        }
    }

    /// Returns the error.
    ///
    /// # Errors
    ///
    /// A violation for any other outcome.
    pub fn error(&self) -> Result<&RpcError, Finding> {
        match &self.body {
            Body::Error(error) => Ok(error),
            _ => Err(self.unexpected("an error")),
        }
    }

    /// Returns the error if it has one of these codes.
    ///
    /// # Errors
    ///
    /// A violation for any other outcome.
    pub fn error_with(&self, codes: &[i64]) -> Result<&RpcError, Finding> {
        match &self.body {
            Body::Error(error) if codes.contains(&error.code) => Ok(error),
            _ => {
                let codes: Vec<String> = codes.iter().map(i64::to_string).collect();
                Err(self.unexpected(&format!("error {}", codes.join(" or "))))
            }
        }
    }

    /// Returns true for any orderly refusal: an error, an HTTP status of 4xx, or a tool's result
    /// with `isError`.
    pub fn is_refusal(&self) -> bool {
        match &self.body {
            Body::Error(_) => true,
            Body::Refused(_) => self
                .status
                .is_some_and(|status| (400..500).contains(&status)),
            Body::Result(result) => result.get("isError") == Some(&Value::Bool(true)),
            Body::Closed(_) | Body::Silence(_) => false,
        }
    }

    /// Returns true if characters of the answer were replaced to read it, see [`Entry::is_mended`].
    pub fn is_mended(&self) -> bool {
        self.entry.as_ref().is_some_and(|entry| entry.is_mended())
    }

    /// Returns true if no answer came in time.
    pub fn is_silence(&self) -> bool {
        matches!(self.body, Body::Silence(_))
    }
}
