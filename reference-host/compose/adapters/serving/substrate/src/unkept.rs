//! In place of `kept`: nothing is kept, so that there never is a session.
#![cfg_attr(not(feature = "http"), allow(dead_code, reason = "it is for HTTP"))]

use wasi_mcp_protocol::http::{METHODS_WITHOUT_SESSIONS, Refusal};
use wasi_mcp_protocol::{LogLevel, Opening};
use wasi_mcp_types::capabilities::Client;

use crate::exchange::NoSession;

/// A session: there is none.
pub enum Kept {}

impl Kept {
    /// The methods of the endpoint, and the refusal of any other.
    pub const METHODS: &str = METHODS_WITHOUT_SESSIONS;
    pub const METHOD: &Refusal = &Refusal::METHOD_WITHOUT_SESSIONS;
    /// Tells whether DELETE ends a session.
    pub const CAN_END: bool = false;

    /// Refuses requests that name a session. Its client learns from this that the session is gone.
    pub fn named<'a>(
        mut ids: impl Iterator<Item = &'a [u8]>,
        _: Option<&str>,
    ) -> Result<Option<Self>, NoSession> {
        match ids.next() {
            None => Ok(None),
            Some(_) => Err(NoSession::from(&Refusal::SESSIONS_UNSUPPORTED)),
        }
    }

    /// Admits messages of the supported version, and `initialize`, which negotiates it.
    pub fn admit(
        kept: Option<Self>,
        _: Option<String>,
        opening: &Opening,
        version_fits: bool,
    ) -> Result<Option<Self>, NoSession> {
        if *opening == Opening::Initialize || version_fits {
            Ok(kept)
        } else {
            Err(NoSession::from(&Refusal::VERSION_UNSUPPORTED))
        }
    }

    pub fn is_new(&self) -> bool {
        match *self {}
    }
    pub fn client(&self) -> Option<&Client> {
        match *self {}
    }
    pub fn id(&self) -> &str {
        match *self {}
    }
    pub fn store(&self, _: &Client) -> Result<(), NoSession> {
        match *self {}
    }
    pub fn end(&self) -> Result<(), NoSession> {
        match *self {}
    }
    pub fn level(&self) -> Option<LogLevel> {
        match *self {}
    }
    pub fn set_level(&self, _: Option<LogLevel>) -> Result<(), NoSession> {
        match *self {}
    }
    pub fn set_subscription(&self, _: &str, _: bool) -> Result<(), NoSession> {
        match *self {}
    }
    pub fn is_subscribed(&self, _: &str) -> Result<bool, NoSession> {
        match *self {}
    }
}
