//! What a tool does while it runs, as seen on the wire.

use serde_json::Value;

use crate::driver::client_role::Asked;
use crate::driver::log::{Entry, Via};

/// What was seen between a call and its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// Progress notifications with the call's token.
    pub progress: usize,
    /// Log messages.
    pub logs: usize,
    /// Levels of the log messages.
    pub levels: Vec<String>,
    /// Requests for sampling.
    pub sampling: usize,
    /// Requests for elicitation.
    pub elicitation: usize,
    /// Requests for roots.
    pub roots: usize,
    /// `list_changed` notifications, by method.
    pub changed: Vec<String>,
    /// Resources that were said to have changed.
    pub updated: Vec<String>,
}

impl Behaviour {
    /// What these messages show.
    ///
    /// What comes on the stream of the call belongs to it. On a listening
    /// stream only such notifications are counted as can stand nowhere else.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>, via: Via, token: &Value) -> Self {
        let mut seen = Self::default();
        for entry in entries {
            let (Some(method), Some(params)) = (entry.method(), entry.params()) else {
                continue;
            };
            if entry.via == via
                || method.starts_with("notifications/") && method != "notifications/message"
            {
                seen.note(method, params, token);
            }
        }
        seen
    }

    fn note(&mut self, method: &str, params: &Value, token: &Value) {
        match method {
            "notifications/progress" if params["progressToken"] == *token => self.progress += 1,
            "notifications/message" => {
                self.logs += 1;
                self.levels
                    .extend(params["level"].as_str().map(str::to_owned));
            }
            "notifications/resources/updated" => self
                .updated
                .extend(params["uri"].as_str().map(str::to_owned)),
            "sampling/createMessage" => self.sampling += 1,
            "elicitation/create" => self.elicitation += 1,
            "roots/list" => self.roots += 1,
            other if other.ends_with("/list_changed") => self.changed.push(other.to_owned()),
            _ => {}
        }
    }

    /// How often it asked the client.
    pub fn asked(&self, asked: Asked) -> usize {
        match asked {
            Asked::Sampling => self.sampling,
            Asked::Elicitation => self.elicitation,
            Asked::Roots => self.roots,
        }
    }
}
