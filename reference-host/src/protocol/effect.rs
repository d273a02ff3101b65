//! What a session wants done.

use std::collections::VecDeque;

use super::asks::{AskFailure, AskKey};
use super::catalog::Changed;
use super::events::Event;
use super::reception::StreamId;
use super::requests::RequestKey;
use super::response;
use super::session::Session;
use crate::json::{RawValue, Writer};

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
        /// One JSON-RPC message without line breaks.
        message: Vec<u8>,
        /// The response that ends the stream.
        last: bool,
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

/// Effects that wait to be fetched. What says the same again is left out.
#[derive(Debug, Default)]
pub(super) struct Effects {
    queue: VecDeque<Queued>,
}

#[derive(Debug)]
enum Queued {
    Effect(Effect),
    ListChanged(&'static str),
    Updated(Box<str>),
}

impl Effects {
    pub(super) fn push(&mut self, effect: Effect) {
        self.queue.push_back(Queued::Effect(effect));
    }

    pub(super) fn send(&mut self, route: Route, message: Vec<u8>) {
        self.push(Effect::Send {
            route,
            message,
            last: false,
        });
    }

    pub(super) fn send_last(&mut self, stream: StreamId, message: Vec<u8>) {
        self.push(Effect::Send {
            route: Route::Stream(stream),
            message,
            last: true,
        });
    }

    pub(super) fn lists_changed(&mut self, changed: Changed) {
        let notifications = [
            (changed.tools, "notifications/tools/list_changed"),
            (changed.resources, "notifications/resources/list_changed"),
            (changed.prompts, "notifications/prompts/list_changed"),
        ];
        for (_, method) in notifications.into_iter().filter(|(changed, _)| *changed) {
            let queued =
                |queued: &Queued| matches!(queued, Queued::ListChanged(other) if *other == method);
            if !self.queue.iter().any(queued) {
                self.queue.push_back(Queued::ListChanged(method));
            }
        }
    }

    pub(super) fn resource_updated(&mut self, uri: &str) {
        let queued = |queued: &Queued| matches!(queued, Queued::Updated(other) if **other == *uri);
        if !self.queue.iter().any(queued) {
            self.queue.push_back(Queued::Updated(uri.into()));
        }
    }

    fn poll(&mut self) -> Option<Effect> {
        let message = match self.queue.pop_front()? {
            Queued::Effect(effect) => return Some(effect),
            Queued::ListChanged(method) => response::notification(method, |_| {}),
            Queued::Updated(uri) => {
                response::notification("notifications/resources/updated", |params: &mut Writer| {
                    params.key("uri").string(&uri);
                })
            }
        };
        Some(Effect::Send {
            route: Route::Unrelated,
            message,
            last: false,
        })
    }
}

impl Session {
    /// The next thing to be done. Fetch all of them after each other method
    /// that may have caused some.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.poll()
    }
}
