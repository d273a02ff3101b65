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
    /// It has a method and an id, and neither a `result` nor an `error`.
    Request {
        id: RequestId,
        method: Cow<'m, str>,
        params: Option<&'m RawValue>,
    },
    /// It has a method, and neither an id nor a `result` nor an `error`.
    Notification(Notification<'m>),
    /// It would be a notification, but is malformed. It is never answered as a request is.
    UnfitNotification(RpcError),
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
    /// Its id, if it is valid.
    pub(super) id: Option<RequestId>,
    pub(super) result: Option<&'m RawValue>,
    pub(super) error: Option<&'m RawValue>,
    /// The first fault that makes it unacceptable.
    pub(super) fault: Option<RpcError>,
}

impl<'m> Envelope<'m> {
    /// Reads the outermost members. A message that is JSON, but nested too deeply or with half of a
    /// surrogate pair, is still classified: a request is answered with its id, a notification or a
    /// response is not. Such a defect is passed to `noticed`.
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
        let version = members
            .get("jsonrpc")
            .and_then(|version| json::string(version).ok());
        let wrong_version = || RpcError::invalid_request("`jsonrpc`: \"2.0\" is expected");
        let is_version = version.as_deref() == Some("2.0");
        let Some(method) = members.get("method") else {
            let (result, error) = (members.get("result"), members.get("error"));
            if result.is_some() || error.is_some() {
                let fault = match &defect {
                    Some(defect) => Some(parse_error(defect)),
                    None if !is_version => Some(wrong_version()),
                    None => fault_of_response(id, result, error),
                };
                return Self::Response(Response {
                    id: id.and_then(RequestId::from_json),
                    result,
                    error,
                    fault,
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
        let method = json::string(method);
        let fault = if let Some(defect) = &defect {
            Some(parse_error(defect))
        } else if method.is_err() {
            Some(RpcError::invalid_request("`method`: a string is expected"))
        } else if !is_version {
            Some(wrong_version())
        } else if members.get("result").is_some() || members.get("error").is_some() {
            // As a response, it would complete a request to the client.
            Some(RpcError::invalid_request(
                "a message with a `method` must not have a `result` or an `error`",
            ))
        } else {
            None
        };
        let params = members.get("params");
        match (id, method, fault) {
            (None, Ok(method), None) => Self::Notification(Notification { method, params }),
            (None, Ok(_), Some(fault)) => Self::UnfitNotification(fault),
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
                _ => Self::Nothing(RpcError::invalid_request(BAD_ID)),
            },
        }
    }
}

/// Returns the first fault in the members of a response. An error about a message whose id could
/// not be read has no id, or `null`.
fn fault_of_response(
    id: Option<&RawValue>,
    result: Option<&RawValue>,
    error: Option<&RawValue>,
) -> Option<RpcError> {
    let checked = match (result, error) {
        (Some(result), None) => json::object(result)
            .map(drop)
            .map_err(|it| it.within("result")),
        (None, Some(error)) => check_error(error).map_err(|fault| fault.within("error")),
        _ => {
            let text = "either `result` or `error` is expected";
            return Some(RpcError::invalid_request(text));
        }
    };
    if let Err(fault) = checked {
        return Some(RpcError::invalid_request(fault.to_string()));
    }
    let is_known = match id {
        Some(id) if result.is_none() && json::Kind::of(id) == json::Kind::Null => true,
        Some(id) => RequestId::from_json(id).is_some(),
        None => result.is_none(),
    };
    (!is_known).then(|| RpcError::invalid_request(BAD_ID))
}

fn check_error(error: &RawValue) -> Result<(), json::Fault> {
    let members = json::object(error)?;
    members.required("code", json::integer)?;
    members.required("message", json::string)?;
    Ok(())
}

const BAD_ID: &str = "`id`: a string or an integer of 64 bits is expected";

fn parse_error(defect: &Defect) -> RpcError {
    RpcError::new(code::PARSE_ERROR, defect.to_string())
}
