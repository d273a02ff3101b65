//! [Cancellation](https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/cancellation)
//! by the client.

use std::time::Instant;

use super::effect::Effect;
use super::identifier::RequestId;
use super::method::Method;
use super::requests::{End, Work};
use super::session::Session;
use crate::json::{self, Object};

impl Session {
    /// Handles `notifications/cancelled`. It is ignored if it names no running request, or
    /// `initialize`.
    pub(super) fn receive_cancelled(&mut self, now: Instant, params: &Object<'_>) {
        let id = params.get("requestId").and_then(RequestId::from_json);
        let Some(key) = id.and_then(|id| self.requests.key_of(&id)) else {
            return;
        };
        let Some(request) = self.requests.get(key) else {
            return;
        };
        let Work::Request { method, stream, .. } = request.work else {
            return;
        };
        if method == Method::Initialize {
            return;
        }
        let reason = params
            .get("reason")
            .and_then(|reason| json::string(reason).ok());
        self.abandon(
            now,
            key,
            End::Cancelled,
            reason.map(|reason| reason.into_owned()),
        );
        self.effects.push(Effect::End { stream });
    }
}
