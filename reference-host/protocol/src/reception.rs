//! The outcomes of receiving a message.

use super::identifier::RequestId;
use super::method::Method;
use super::params_check::ParamsCheck;
use super::requests::RequestKey;
use crate::json::{Object, RawValue};

/// The origin of a message, chosen by the transport: one for each POST over Streamable HTTP, any
/// over stdio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// The framing of the transport, which decides the form of errors whose request is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// One message per line; such an error has `"id":null`.
    Stdio,
    /// One message per POST; such an error has no `id`.
    Http,
}

/// The outcome of a message, and the next action of the driver.
#[derive(Debug)]
#[must_use]
pub enum Reception<'m> {
    /// A notification or a response: no answer is due. Over stdio it may be malformed, which
    /// [`Observer::message_refused`](super::Observer::message_refused) reports.
    Accepted,
    /// Not a JSON-RPC message or, over HTTP, a malformed notification or response: the error to
    /// answer with.
    Refused(Vec<u8>),
    /// A request that was answered: the response.
    Answered(Vec<u8>),
    /// The component must be started: [`Session::started`](super::Session::started) or
    /// [`Session::start_failed`](super::Session::start_failed) is due.
    Initialize(Invocation<'m>),
    /// The component must be called if the parameters pass the invocation's check: then
    /// [`Session::finish`](super::Session::finish) is due, else
    /// [`Session::refuse`](super::Session::refuse).
    Invoke(Invocation<'m>),
}

/// A request for the component. Only [`Invocation::check`] is yet to run.
#[derive(Debug)]
pub struct Invocation<'m> {
    /// Identifies the request from now on.
    pub key: RequestKey,
    /// The requested method.
    pub method: Method,
    /// The members of `params` other than `_meta`.
    pub params: Object<'m>,
    /// `params._meta`: an object.
    pub meta: Option<&'m RawValue>,
    /// The client's id.
    pub id: RequestId,
    /// `params._meta.progressToken`: a string or an integer.
    pub progress_token: Option<&'m RawValue>,
    /// The check that may take long: the request is in flight meanwhile, so the driver may perform
    /// it while the session handles other messages.
    pub check: ParamsCheck,
}
