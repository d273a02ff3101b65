//! [Initialization](https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#initialization).

use std::time::Instant;

use super::PROTOCOL_VERSION;
use super::asks::AskMethod;
use super::error::RpcError;
use super::identifier::RequestId;
use super::observer::RequestOutcome;
use super::offer::Offer;
use super::reception::StreamId;
use super::requests::{RequestKey, Work};
use super::session::{Incoming, Session, Verdict};
use crate::json::{self, Fault, Object, RawValue, Writer};

/// The words with which the answer to `initialize` says that the component could not be started.
/// The reason follows.
pub const START_FAILED: &str = "the server could not be started: ";

/// The phase of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// `initialize` has not come, or has failed.
    Fresh,
    /// The component is being started.
    Starting {
        key: RequestKey,
        /// `notifications/initialized` came early; it takes effect later.
        initialized: bool,
    },
    /// `initialize` has been answered.
    Operating {
        /// `notifications/initialized` has come.
        initialized: bool,
    },
}

/// The capabilities of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Client {
    pub(super) sampling: bool,
    pub(super) elicitation: bool,
    pub(super) roots: bool,
}

impl Client {
    pub(super) fn supports(&self, method: AskMethod) -> bool {
        match method {
            AskMethod::CreateMessage => self.sampling,
            AskMethod::Elicit => self.elicitation,
            AskMethod::ListRoots => self.roots,
        }
    }

    /// Reads the parameters of `initialize`.
    pub(super) fn read(params: &Object<'_>) -> Result<Self, Fault> {
        params.required("protocolVersion", json::string)?;
        let client = params.required("capabilities", Self::read_capabilities)?;
        params.required("clientInfo", |info| {
            let members = json::object(info)?;
            members.required("name", json::string)?;
            members.required("version", json::string)?;
            members.optional("title", json::string)
        })?;
        Ok(client)
    }

    fn read_capabilities(text: &RawValue) -> Result<Self, Fault> {
        let capabilities = json::object(text)?;
        let roots = capabilities.optional("roots", |roots| {
            let roots = json::object(roots)?;
            roots.optional("listChanged", json::boolean)
        })?;
        capabilities.optional("experimental", |features| {
            for (name, feature) in json::object(features)?.iter() {
                json::object(feature).map_err(|fault| fault.within(&name))?;
            }
            Ok(())
        })?;
        Ok(Self {
            sampling: capabilities.optional("sampling", json::object)?.is_some(),
            elicitation: capabilities
                .optional("elicitation", json::object)?
                .is_some(),
            roots: roots.is_some(),
        })
    }
}

/// Returns the error for a component that did not start.
pub(super) fn not_started(reason: &str) -> RpcError {
    RpcError::internal(format!("{START_FAILED}{reason}"))
}

impl Session {
    /// Treats the client as initialized, because another session, perhaps of another process, has
    /// answered its `initialize`: for a host without sessions, which opens one for each message.
    /// The client's capabilities are unknown, so it is asked nothing. Without an offer only pings,
    /// notifications and responses can be handled. Call it before the first message.
    ///
    /// Cursors are valid in every such session whose lists are the same: `secret` is
    /// [`Offer::fingerprint`].
    pub fn assume_initialized(&mut self, offer: Option<Offer>, secret: u64) {
        self.phase = Phase::Operating { initialized: true };
        self.secret = secret;
        if let Some(offer) = offer {
            self.offered = offer.offered;
            self.catalog = offer.catalog;
        }
    }

    /// Answers every request but `ping` with an error that gives `reason`: the component did not
    /// start. Call it in place of [`Session::assume_initialized`].
    pub fn assume_unavailable(&mut self, reason: String) {
        self.phase = Phase::Operating { initialized: true };
        self.unavailable = Some(reason);
    }

    /// Returns whether the client has sent `notifications/initialized`.
    #[must_use]
    pub fn is_initialized(&self) -> bool {
        self.phase == Phase::Operating { initialized: true }
    }

    /// Returns whether `initialize` was answered.
    pub(super) fn is_operating(&self) -> bool {
        matches!(self.phase, Phase::Operating { .. })
    }

    pub(super) fn judge_initialize(
        &mut self,
        incoming: &Incoming<'_>,
        client: Client,
    ) -> Result<Verdict, RpcError> {
        let request = self.invoke(incoming)?;
        self.client = Some(client);
        Ok(Verdict::invoke(request))
    }

    /// Answers `initialize`: the component has started and offers `offer`. Returns `false` if the
    /// request has already timed out.
    pub fn started(&mut self, now: Instant, key: RequestKey, offer: Offer) -> bool {
        let Phase::Starting {
            key: awaited,
            initialized,
        } = self.phase
        else {
            self.forget(key);
            return false;
        };
        let Some((id, stream)) = self.take_initialize(now, key, awaited, RequestOutcome::Result)
        else {
            return false;
        };
        let mut writer = Writer::new();
        writer
            .begin_object()
            .key("protocolVersion")
            .string(PROTOCOL_VERSION);
        writer
            .key("capabilities")
            .raw(&offer.capabilities)
            .key("serverInfo")
            .raw(&offer.info);
        writer
            .optional_string("instructions", offer.instructions.as_deref())
            .end_object();
        self.offered = offer.offered;
        self.catalog = offer.catalog;
        self.phase = Phase::Operating { initialized: false };
        self.effects.send_result(stream, &id, writer.into_bytes());
        self.heard_from_client(now);
        if initialized {
            self.receive_initialized(now, None);
        }
        true
    }

    /// Answers `initialize` with an error that gives `reason`: the component could not be started.
    /// The client may try again.
    pub fn start_failed(&mut self, now: Instant, key: RequestKey, reason: &str) {
        self.fail_initialize(now, key, RequestOutcome::Lost, &not_started(reason));
    }

    /// Answers `initialize` with an error. The client may try again.
    pub(super) fn fail_initialize(
        &mut self,
        now: Instant,
        key: RequestKey,
        outcome: RequestOutcome,
        error: &RpcError,
    ) {
        let Phase::Starting { key: awaited, .. } = self.phase else {
            self.forget(key);
            return;
        };
        let Some((id, stream)) = self.take_initialize(now, key, awaited, outcome) else {
            return;
        };
        self.phase = Phase::Fresh;
        self.effects.send_error(stream, &id, error);
    }

    fn take_initialize(
        &mut self,
        now: Instant,
        key: RequestKey,
        awaited: RequestKey,
        outcome: RequestOutcome,
    ) -> Option<(RequestId, StreamId)> {
        // Its stream ends with the answer, so no more requests can be sent there.
        self.close_asks(now, key);
        let request = self.forget(key)?;
        if request.end.is_none() {
            self.report_ended(now, &request, outcome);
        }
        match request.work {
            Work::Request { id, stream, .. } if key == awaited => Some((id, stream)),
            _ => None,
        }
    }

    pub(super) fn initialize_timed_out(&mut self) {
        self.phase = Phase::Fresh;
    }

    /// Handles `notifications/initialized`: from now on the client may be asked.
    pub(super) fn receive_initialized(&mut self, now: Instant, meta: Option<&RawValue>) {
        match &mut self.phase {
            Phase::Starting { initialized, .. } => *initialized = true,
            Phase::Operating { initialized } if !*initialized => {
                *initialized = true;
                self.release_asks();
                self.release_changes(now);
                self.announce_initialized(now, meta);
            }
            Phase::Fresh | Phase::Operating { .. } => {}
        }
    }
}
