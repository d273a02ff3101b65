//! Reading a message of the client, apart from the session.
//!
//! Everything here is linear in the size of the message and needs nothing of the session's state,
//! so a driver that guards its session with a lock reads a message before it takes the lock.

use std::borrow::Cow;

use super::completion::Reference;
use super::envelope::{Envelope, Notification, Response};
use super::error::RpcError;
use super::identifier::{self, RequestId};
use super::initialize::Client;
use super::limits::Limits;
use super::logging::LogLevel;
use super::method::Method;
use super::observer::Limit;
use super::{completion, lists, logging, prompts, tools};
use crate::json::{self, Defect, Fault, Object, RawValue};

/// A message of the client that has been read and not yet received by its session; see
/// [`Session::handle`](super::Session::handle).
#[derive(Debug)]
pub struct Message<'m> {
    /// Its size.
    pub(super) bytes: usize,
    /// The limit that it exceeds.
    pub(super) exceeded: Option<Limit>,
    pub(super) content: Content<'m>,
}

/// The content of a message by its kind.
#[derive(Debug)]
pub(super) enum Content<'m> {
    Request(ReadRequest<'m>),
    /// An error if it is malformed. It is never answered as a request is.
    Notification(Result<ReadNotification<'m>, RpcError>),
    Response(Response<'m>),
    /// An invalid request whose id is known.
    Unfit {
        id: RequestId,
        error: RpcError,
    },
    /// Not a message.
    Nothing(RpcError),
}

/// A request with a valid envelope.
#[derive(Debug)]
pub(super) struct ReadRequest<'m> {
    pub(super) id: RequestId,
    /// The name on the wire.
    pub(super) name: Cow<'m, str>,
    pub(super) method: Option<Method>,
    pub(super) common: Result<CommonParams<'m>, RpcError>,
    /// The parameters that the session needs; an error if there is none to read.
    pub(super) params: Result<Params<'m>, RpcError>,
}

#[derive(Debug)]
pub(super) struct ReadNotification<'m> {
    pub(super) method: Cow<'m, str>,
    pub(super) common: CommonParams<'m>,
}

/// The parameters by which the session decides about a request. Each method's are read in the file
/// of its feature.
#[derive(Debug)]
pub(super) enum Params<'m> {
    Ping,
    Initialize(Client),
    SetLevel(LogLevel),
    List { cursor: Option<Cow<'m, str>> },
    CallTool { name: Cow<'m, str> },
    Resource { uri: Cow<'m, str> },
    GetPrompt { name: Cow<'m, str> },
    Complete(Reference<'m>),
}

impl<'m> Message<'m> {
    /// Reads a message and checks what can be checked without the session: its text, its envelope
    /// and the types of its parameters. The session reports any defect.
    #[must_use]
    pub fn read(text: &'m [u8], limits: &Limits) -> Self {
        let bytes = text.len();
        if bytes > limits.message_bytes {
            return Self {
                bytes,
                exceeded: Some(Limit::MessageBytes),
                content: Content::Nothing(RpcError::too_large(limits.message_bytes)),
            };
        }
        let mut exceeded = None;
        let envelope = Envelope::read(text, limits.depth, |defect| {
            if let Defect::TooDeep { .. } = defect {
                exceeded = Some(Limit::MessageDepth);
            }
        });
        let content = match envelope {
            Envelope::Request { id, method, params } => {
                Content::Request(ReadRequest::read(id, method, params))
            }
            Envelope::Notification(notification) => {
                Content::Notification(ReadNotification::read(notification))
            }
            Envelope::UnfitNotification(error) => Content::Notification(Err(error)),
            Envelope::Response(response) => Content::Response(response),
            Envelope::Unfit { id, error, .. } => Content::Unfit { id, error },
            Envelope::Nothing(error) => Content::Nothing(error),
        };
        Self {
            bytes,
            exceeded,
            content,
        }
    }
}

impl<'m> ReadRequest<'m> {
    fn read(id: RequestId, name: Cow<'m, str>, params: Option<&'m RawValue>) -> Self {
        let method = Method::from_name(&name);
        let common = CommonParams::read(params);
        let params = match (method, &common) {
            (Some(method), Ok(common)) => {
                Params::read(method, &common.params).map_err(RpcError::from)
            }
            (_, Err(error)) => Err(error.clone()),
            // The session refuses the method before it looks at the parameters.
            (None, Ok(_)) => Err(RpcError::method_not_found(&name)),
        };
        Self {
            id,
            name,
            method,
            common,
            params,
        }
    }
}

impl<'m> ReadNotification<'m> {
    /// Fails if its parameters are malformed.
    fn read(notification: Notification<'m>) -> Result<Self, RpcError> {
        Ok(Self {
            method: notification.method,
            common: CommonParams::read(notification.params)?,
        })
    }
}

impl<'m> Params<'m> {
    fn read(method: Method, params: &Object<'m>) -> Result<Self, Fault> {
        Ok(match method {
            Method::Ping => Self::Ping,
            Method::Initialize => Self::Initialize(Client::read(params)?),
            Method::SetLevel => Self::SetLevel(logging::read_level(params)?),
            Method::ListTools
            | Method::ListResources
            | Method::ListResourceTemplates
            | Method::ListPrompts => Self::List {
                cursor: lists::read_cursor(params)?,
            },
            Method::CallTool => Self::CallTool {
                name: tools::read_name(params)?,
            },
            Method::ReadResource | Method::Subscribe | Method::Unsubscribe => Self::Resource {
                uri: params.required("uri", json::string)?,
            },
            Method::GetPrompt => Self::GetPrompt {
                name: prompts::read_name(params)?,
            },
            Method::Complete => Self::Complete(completion::read_reference(params)?),
        })
    }
}

/// The parameters that all requests and notifications have in common.
#[derive(Debug)]
pub(super) struct CommonParams<'m> {
    /// The members of `params` other than `_meta`.
    pub(super) params: Object<'m>,
    pub(super) meta: Option<&'m RawValue>,
    pub(super) progress_token: Option<&'m RawValue>,
}

impl<'m> CommonParams<'m> {
    fn read(params: Option<&'m RawValue>) -> Result<Self, RpcError> {
        let Some(params) = params else {
            return Ok(Self {
                params: Object::default(),
                meta: None,
                progress_token: None,
            });
        };
        let mut params = json::object(params).map_err(RpcError::from)?;
        let meta = params.take("_meta");
        let mut progress_token = None;
        if let Some(meta) = meta {
            let members = json::object(meta).map_err(|fault| fault.within("_meta"))?;
            progress_token = members.get("progressToken");
            if progress_token.is_some_and(|token| !identifier::is_progress_token(token)) {
                let fault = Fault::new("a string or an integer");
                return Err(fault.within("progressToken").within("_meta").into());
            }
        }
        Ok(Self {
            params,
            meta,
            progress_token,
        })
    }
}
