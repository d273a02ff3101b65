//! The rules of [Streamable
//! HTTP](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http)
//! that need neither a connection nor a library for HTTP: header fields come as text, and answers
//! leave as text.

mod cors;
mod event;
mod headers;
mod origin;
mod refusal;
mod session_id;
pub mod stored;

pub use cors::{exposing, preflight};
pub use event::{event_lines, write_event};
pub use headers::{BodyRefusal, EVENTS, JSON, accepts, check_json_body, revision, version_fits};
pub use origin::{Admission, NotAdmitted, NotAnOrigin, Origin, Place, is_loopback_name};
pub use refusal::{
    METHODS, METHODS_WITHOUT_SESSIONS, METHODS_WITHOUT_STREAMS, RETRY_SECONDS, Refusal, refusal,
    refusal_code,
};
pub use session_id::{LoggedId, Named, RANDOM_BYTES, SessionId};
