//! What became of a message.

use super::identifier::RequestId;
use super::method::Method;
use super::requests::RequestKey;
use crate::json::{Object, RawValue};

/// Where a message came from, chosen by the transport: over Streamable HTTP
/// one for each POST, over stdio any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// How messages are told apart on the transport, which decides the form of
/// errors whose request could not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// One message a line; such an error has `"id":null`.
    Stdio,
    /// One message a POST; such an error has no `id`.
    Http,
}

/// What became of a message, and what is to be done now.
#[derive(Debug)]
#[must_use]
pub enum Reception<'m> {
    /// A notification or a response: there is nothing to answer.
    Accepted,
    /// No JSON-RPC message at all: the error to answer with.
    Refused(Vec<u8>),
    /// A request, and the response to it.
    Answered(Vec<u8>),
    /// The component is to be started: [`Session::started`](super::Session::started)
    /// or [`Session::start_failed`](super::Session::start_failed) is due.
    Initialize(Invocation<'m>),
    /// The component is to be called: [`Session::finish`](super::Session::finish) is due.
    Invoke(Invocation<'m>),
}

/// A request to be worked on. What the host can check of it is checked.
#[derive(Debug)]
pub struct Invocation<'m> {
    /// Names the request from now on.
    pub key: RequestKey,
    /// What is asked for.
    pub method: Method,
    /// The members of `params` other than `_meta`.
    pub params: Object<'m>,
    /// `params._meta`: an object.
    pub meta: Option<&'m RawValue>,
    /// The client's id.
    pub id: RequestId,
    /// `params._meta.progressToken`: a string or an integer.
    pub progress_token: Option<&'m RawValue>,
}
