//! The transport over real connections, with sessions that a test controls.

mod client;
mod fake;

mod abuse;
mod admission;
mod authorization;
mod bounds;
mod connection;
mod lifecycle;
mod limits;
mod listening;
mod posting;
mod resuming;
mod routing;
