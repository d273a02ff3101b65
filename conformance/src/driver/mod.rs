//! An MCP client for close observation: raw JSON-RPC over stdio or Streamable HTTP, with every byte
//! in either direction kept in a [`log`].

pub mod client_role;
pub mod clock;
pub mod connection;
pub mod http;
pub mod limits;
pub mod lines;
pub mod log;
pub mod pool;
pub mod process;
pub mod reply;
pub mod session;
pub mod spares;
pub mod sse;
pub mod text;
pub mod tokens;
pub mod transcript;

pub use client_role::{Answer, ClientRole};
pub use connection::{Connection, Server};
pub use pool::{Health, SessionPool};
pub use reply::{Body, Reply};
pub use session::{Session, Timing};
pub use tokens::{Tokens, bearer};
