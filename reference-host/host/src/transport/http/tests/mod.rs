//! The transport over real connections, with sessions that a test controls.

mod client;
mod fake;

mod abuse;
mod admission;
#[cfg(feature = "auth")]
mod authorization;
mod bounds;
mod connection;
#[cfg(unix)]
mod disconnecting;
mod lifecycle;
mod limits;
mod listening;
mod posting;
mod resuming;
mod routing;
mod silence;
mod stateless;
