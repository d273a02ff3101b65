//! Components in wasmtime: loading, instances, and what their imports do.
//!
//! Both variants of the interface share everything but two edges, [`p2`] and
//! [`p3`]: how an exported function is called, and the signatures of the
//! imports that may wait.
//!
//! | module | concern |
//! |---|---|
//! | [`engine`] | one compiler and linker for a process, the epoch ticker |
//! | [`load`] | bytes to [`Component`], with errors that say what is wrong |
//! | [`shape`] | which interfaces of which variant a component has |
//! | [`sandbox`] | what is granted: files, environment, arguments, network |
//! | `outgoing`, `reach` | requests to other machines: to whom they may go |
//! | `deterministic` | clocks and randomness that are the same in each run |
//! | [`output`] | where goes what a guest writes besides |
//! | [`handlers`] | the exported functions, typed, and how a call reaches them |
//! | [`instance`] | one store: start, serve calls until it is lost or used up |
//! | [`streaming`] | resources that a guest streams |
//! | [`isolation`] | which calls share an instance |
//! | `apart` | an instance for each call |
//! | `wear` | when an instance has been used enough |
//! | [`jobs`] | the calls that wait for an instance |
//! | [`peer`] | what an instance needs of the session that it serves |
//! | [`context`], [`registry`] | the imports `context`, `runtime` and `notifications` |
//! | `asking` | the imports `sampling`, `elicitation` and `roots` |
//! | `plain_imports` | the imports `logging`, `identity` and `shutdown` |
//! | `linking` | the list of imports that the host provides |
//! | `limiter`, `watchdog` | how much memory, and how long at a time it may compute |
//! | [`failure`] | a trap in words that a client may read |

mod apart;
mod asking;
mod bindings;
pub mod context;
mod deterministic;
pub mod engine;
pub mod entrance;
mod extension;
pub mod failure;
pub mod handlers;
pub mod instance;
pub mod isolation;
pub mod jobs;
mod limiter;
mod linking;
pub mod load;
mod outgoing;
pub mod output;
pub mod p2;
pub mod p3;
pub mod peer;
mod plain_imports;
mod reach;
pub mod registry;
pub mod sandbox;
pub mod shape;
pub mod state;
pub mod streaming;
mod watchdog;
mod wear;

pub use engine::{Engine, EngineError, EngineOptions};
pub use extension::Extension;
pub use isolation::Isolation;
pub use load::{Component, LoadError, Source};
pub use output::{GuestLine, GuestOutput, GuestStream};
pub use sandbox::{DirectoryGrant, Sandbox, SandboxError};
pub use shape::{Imports, Variant, World};
pub use state::State as InstanceState;
pub use streaming::StreamLimits;
