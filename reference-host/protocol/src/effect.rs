//! What a session wants done.

use std::collections::VecDeque;

use super::asks::{AskFailure, AskKey};
use super::error::RpcError;
use super::events::Event;
use super::identifier::RequestId;
use super::outgoing::{MessageKind, Outgoing};
use super::reception::StreamId;
use super::requests::RequestKey;
use super::response;
use super::session::Session;
use crate::json::RawValue;

/// Which of a client's streams a message belongs on. Over stdio there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The stream of the request that the message is about.
    Stream(StreamId),
    /// No request's stream: over HTTP a GET stream of the session.
    Unrelated,
}

/// Something to be done, in the order in which it is handed out.
#[derive(Debug)]
pub enum Effect {
    /// Send a message to the client.
    Send {
        /// The stream that it goes on.
        route: Route,
        /// The message.
        message: Outgoing,
    },
    /// Send a response whose body comes piece by piece: `head`, the pieces that the driver has for
    /// this request, and `tail`. It ends the stream.
    SendStreamed {
        /// The request that is answered.
        key: RequestKey,
        /// The stream that the response goes on.
        stream: StreamId,
        /// The message up to the first piece.
        head: Vec<u8>,
        /// The message after the last piece.
        tail: Vec<u8>,
    },
    /// The request was cancelled: no response will come, the stream is done.
    End {
        /// The stream of the cancelled request.
        stream: StreamId,
    },
    /// Tell the component that the work on a request is in vain.
    Cancel {
        /// The request.
        key: RequestKey,
        /// What the client or the host says about it.
        reason: Option<String>,
    },
    /// A request to the client has come to its end.
    AskAnswered {
        /// The request to the client.
        ask: AskKey,
        /// The client's `result`, a JSON object, or why there is none.
        answer: Result<Box<RawValue>, AskFailure>,
    },
    /// Call the component's `subscribe` again: its instance is new. The client
    /// does not learn of it.
    Resubscribe {
        /// Names the work on it.
        key: RequestKey,
        /// The resource.
        uri: String,
        /// Whether nothing else may run meanwhile: the instance on which it was
        /// repeated before was lost, and perhaps through it.
        alone: bool,
    },
    /// Hand a notification of the client to the component;
    /// [`Session::finish`](super::Session::finish) is due.
    Notify {
        /// Names the notification's context from now on.
        key: RequestKey,
        /// Which notification it is.
        event: Event,
        /// `params._meta`: an object.
        meta: Option<Box<RawValue>>,
    },
}

/// Effects that wait to be fetched.
#[derive(Debug, Default)]
pub(super) struct Effects(VecDeque<Effect>);

impl Effects {
    pub(super) fn push(&mut self, effect: Effect) {
        self.0.push_back(effect);
    }

    pub(super) fn send(&mut self, route: Route, kind: MessageKind, text: Vec<u8>) {
        let message = Outgoing { kind, text };
        self.push(Effect::Send { route, message });
    }

    /// Sends the response with the result whose JSON text is `result`.
    pub(super) fn send_result(&mut self, stream: StreamId, id: &RequestId, result: &[u8]) {
        let kind = MessageKind::Response { is_error: false };
        self.send(Route::Stream(stream), kind, response::result(id, result));
    }

    /// Sends the response with an error.
    pub(super) fn send_error(&mut self, stream: StreamId, id: &RequestId, error: &RpcError) {
        let kind = MessageKind::Response { is_error: true };
        self.send(Route::Stream(stream), kind, response::error(id, error));
    }
}

impl Session {
    /// The next thing to be done. Fetch all of them after each other method
    /// that may have caused some.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        let effect = self.effects.0.pop_front();
        if let Some(Effect::Send { message, .. }) = &effect {
            self.observer.sent(message.text.len());
        }
        effect
    }
}
