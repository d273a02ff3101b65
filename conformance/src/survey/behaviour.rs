//! The observable behaviour of a tool during a call.

use serde_json::Value;

use crate::driver::client_role::Asked;
use crate::driver::log::{Entry, Via};

/// The messages seen during a call.
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
    /// Resources reported as changed.
    pub updated: Vec<String>,
}

impl Behaviour {
    /// Evaluates the messages during a call.
    ///
    /// Messages on the stream of the call belong to it. On a listening stream, only kinds that a
    /// server does not send unprompted are counted: the call is the only one in flight.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>, via: Via, token: &Value) -> Self {
        let mut seen = Self::default();
        for entry in entries {
            let (Some(method), Some(params)) = (entry.method(), entry.params()) else {
                continue;
            };
            let unasked = ["notifications/message", "roots/list", "ping"];
            // A URI that was not read as it was written is of no use.
            let unusable = method == "notifications/resources/updated" && entry.is_mended();
            if !unusable && (entry.via == via || !unasked.contains(&method)) {
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

    /// Returns the number of requests to the client.
    pub fn requests(&self) -> usize {
        self.sampling + self.elicitation + self.roots
    }

    /// Returns the number of requests of this kind to the client.
    pub fn asked(&self, asked: Asked) -> usize {
        match asked {
            Asked::Sampling => self.sampling,
            Asked::Elicitation => self.elicitation,
            Asked::Roots => self.roots,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::driver::log::{Direction, Log};

    /// Evaluates this message during a call with the token "t" on the first POST.
    fn shown(via: Via, message: Value) -> Behaviour {
        let log = Log::new("a session");
        let bytes = message.to_string().into_bytes();
        let entry = log.record(Direction::ToClient, via, bytes, true);
        Behaviour::of([entry.as_ref()], Via::Post(0), &json!("t"))
    }

    fn request(method: &str) -> Value {
        json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": {}})
    }

    #[test]
    fn requests_on_a_listening_stream_belong_to_the_call() {
        let sampling = shown(Via::Get(1), request("sampling/createMessage"));
        assert_eq!(sampling.asked(Asked::Sampling), 1);
        let elicitation = shown(Via::Get(1), request("elicitation/create"));
        assert_eq!(elicitation.asked(Asked::Elicitation), 1);
    }

    #[test]
    fn unprompted_messages_belong_to_a_call_only_on_its_stream() {
        let log = json!({"jsonrpc": "2.0", "method": "notifications/message",
            "params": {"level": "info", "data": 1}});
        assert_eq!(shown(Via::Get(1), log.clone()), Behaviour::default());
        assert_eq!(shown(Via::Post(0), log).logs, 1);
        let roots = request("roots/list");
        assert_eq!(shown(Via::Get(1), roots.clone()), Behaviour::default());
        assert_eq!(shown(Via::Post(0), roots).asked(Asked::Roots), 1);
    }
}
