//! Tells messages apart by kind.

use std::borrow::Cow;

use super::error::{RpcError, code};
use super::identifier::RequestId;
use crate::json::{self, Defect, NotAnObject, Object, RawValue};

/// A message by its
/// [kind](https://modelcontextprotocol.io/specification/2025-06-18/basic#messages),
/// or the error about it.
#[derive(Debug)]
pub(super) enum Envelope<'m> {
    /// It has a method and an id.
    Request {
        id: RequestId,
        method: Cow<'m, str>,
        params: Option<&'m RawValue>,
    },
    /// It has a method and no id. `None`: it is malformed, and to be ignored.
    Notification(Option<Notification<'m>>),
    /// It has a `result` or an `error` and no method.
    Response(Response<'m>),
    /// An invalid request whose id is known.
    Unfit {
        id: RequestId,
        /// Its method, unless that is unfit.
        method: Option<Cow<'m, str>>,
        error: RpcError,
    },
    /// It is none of these.
    Nothing(RpcError),
}

#[derive(Debug)]
pub(super) struct Notification<'m> {
    pub(super) method: Cow<'m, str>,
    pub(super) params: Option<&'m RawValue>,
}

#[derive(Debug)]
pub(super) struct Response<'m> {
    pub(super) id: Option<RequestId>,
    pub(super) result: Option<&'m RawValue>,
    pub(super) error: Option<&'m RawValue>,
    /// A defect of the text as a whole.
    pub(super) defect: Option<Defect>,
}

impl<'m> Envelope<'m> {
    /// Reads the outermost members. A message that is JSON, but nested too deeply or with half of a
    /// surrogate pair, is still classified: a request is answered with its id, a notification or a
    /// response never. Such a defect is passed to `noticed`.
    pub(super) fn read(message: &'m [u8], max_depth: usize, noticed: impl FnOnce(&Defect)) -> Self {
        let text = match std::str::from_utf8(message) {
            Ok(text) => text,
            Err(_) => return Self::Nothing(parse_error(&Defect::NotUtf8)),
        };
        let members = match Object::parse(text) {
            Ok(members) => members,
            Err(NotAnObject::Defect(defect)) => return Self::Nothing(parse_error(&defect)),
            Err(NotAnObject::Other(kind)) => {
                let checked = json::check_structure(text, max_depth).inspect_err(noticed);
                let error = match checked {
                    Err(defect) => parse_error(&defect),
                    Ok(()) if kind == json::Kind::Array => RpcError::invalid_request(
                        "a message is one object: batches are not part of this revision",
                    ),
                    Ok(()) => {
                        RpcError::invalid_request(format!("a message is an object, not {kind}"))
                    }
                };
                return Self::Nothing(error);
            }
        };
        let checked = json::check_structure(text, max_depth).inspect_err(noticed);
        Self::classify(&members, checked.err())
    }

    fn classify(members: &Object<'m>, defect: Option<Defect>) -> Self {
        let id = members.get("id");
        let Some(method) = members.get("method") else {
            let (result, error) = (members.get("result"), members.get("error"));
            if result.is_some() || error.is_some() {
                let id = id.and_then(RequestId::from_json);
                return Self::Response(Response {
                    id,
                    result,
                    error,
                    defect,
                });
            }
            return Self::Nothing(defect.as_ref().map_or_else(
                || {
                    RpcError::invalid_request(
                        "a message has a string `method`, a `result` or an `error`",
                    )
                },
                parse_error,
            ));
        };
        let version = members
            .get("jsonrpc")
            .and_then(|version| json::string(version).ok());
        let method = json::string(method);
        let fault = if let Some(defect) = &defect {
            Some(parse_error(defect))
        } else if method.is_err() {
            Some(RpcError::invalid_request("`method`: a string is expected"))
        } else if version.as_deref() != Some("2.0") {
            Some(RpcError::invalid_request("`jsonrpc`: \"2.0\" is expected"))
        } else {
            None
        };
        let params = members.get("params");
        match (id, method, fault) {
            (None, Ok(method), None) => Self::Notification(Some(Notification { method, params })),
            (None, Ok(_), Some(_)) => Self::Notification(None),
            (None, Err(_), fault) => Self::Nothing(
                fault
                    .unwrap_or_else(|| RpcError::invalid_request("`method`: a string is expected")),
            ),
            (Some(id), method, fault) => match (RequestId::from_json(id), method, fault) {
                (Some(id), Ok(method), None) => Self::Request { id, method, params },
                (Some(id), method, Some(error)) => Self::Unfit {
                    id,
                    method: method.ok(),
                    error,
                },
                (None, _, Some(fault)) if fault.code == code::PARSE_ERROR => Self::Nothing(fault),
                _ => Self::Nothing(RpcError::invalid_request(
                    "`id`: a string or an integer of 64 bits is expected",
                )),
            },
        }
    }
}

fn parse_error(defect: &Defect) -> RpcError {
    RpcError::new(code::PARSE_ERROR, defect.to_string())
}
