//! Effects: the actions that a session requests of its driver.

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

/// The stream of a client on which a message belongs. Over stdio there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The stream of the request that the message is about.
    Stream(StreamId),
    /// No request's stream: over HTTP a GET stream of the session.
    Unrelated,
}

/// An action to perform, in the order in which it is returned.
#[derive(Debug)]
pub enum Effect {
    /// Send a message to the client.
    Send {
        /// The stream that it goes on.
        route: Route,
        /// The message.
        message: Outgoing,
    },
    /// Send a response whose body is streamed: `head`, the pieces that the driver has for this
    /// request, and `tail`. It ends the stream.
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
    /// The request was cancelled: no response will come, and the stream is done.
    End {
        /// The stream of the cancelled request.
        stream: StreamId,
    },
    /// The client was pinged and has been silent since, for an interval. If the ping reached it, it
    /// has disconnected or frozen: end the session.
    PingUnanswered,
    /// Tell the component that the result of a request is no longer needed.
    Cancel {
        /// The request.
        key: RequestKey,
        /// The reason that the client or the host gives.
        reason: Option<String>,
    },
    /// A request to the client has ended.
    AskAnswered {
        /// The request to the client.
        ask: AskKey,
        /// The client's `result`, a JSON object, or the reason why there is none.
        answer: Result<Box<RawValue>, AskFailure>,
    },
    /// Call the component's `subscribe` again: its instance is new. The client is not told.
    Resubscribe {
        /// Identifies this call.
        key: RequestKey,
        /// The resource.
        uri: String,
        /// It must run alone: the instance on which it was last repeated was lost, possibly because
        /// of it.
        alone: bool,
    },
    /// Hand a notification of the client to the component;
    /// [`Session::finish`](super::Session::finish) is due.
    Notify {
        /// Identifies the notification's context from now on.
        key: RequestKey,
        /// The notification.
        event: Event,
        /// `params._meta`: an object.
        meta: Option<Box<RawValue>>,
    },
}

/// Effects to be polled.
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

    /// Sends a response with the result whose JSON text is `result`.
    pub(super) fn send_result(&mut self, stream: StreamId, id: &RequestId, result: Vec<u8>) {
        let kind = MessageKind::Response { is_error: false };
        self.send(Route::Stream(stream), kind, response::result(id, result));
    }

    /// Sends a response with an error.
    pub(super) fn send_error(&mut self, stream: StreamId, id: &RequestId, error: &RpcError) {
        let kind = MessageKind::Response { is_error: true };
        self.send(Route::Stream(stream), kind, response::error(id, error));
    }
}

impl Session {
    /// Returns the next effect. Poll until `None` after each other method that may have caused
    /// effects.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        let effect = self.effects.0.pop_front();
        if let Some(Effect::Send { message, .. }) = &effect {
            self.observer.sent(message.text.len());
        }
        effect
    }
}
