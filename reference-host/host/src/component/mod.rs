//! Components in wasmtime: loading, instances, and the host functions behind their imports.
//!
//! Both variants of the interface share everything but two edges, [`p2`] and [`p3`]: the calls of
//! exported functions, and the signatures of the imports that may wait.
//!
//! | module | concern |
//! |---|---|
//! | [`engine`] | one compiler and linker for a process, the epoch ticker |
//! | [`load`] | bytes to [`Component`], with errors that name the problem |
//! | [`tiers`] | a large component that is served before its code is optimised |
//! | [`shape`] | the interfaces and the variant of a component |
//! | [`sandbox`], `arguments` | grants: files, environment, arguments, network; as options of a command line |
//! | `files`, `refusals`, `denials` | functions of WASI that are limited or not granted, and the log of denials |
//! | `outgoing`, `reach` | outgoing HTTP requests and their allowed destinations |
//! | `deterministic` | clocks and random numbers that are identical in every run |
//! | [`output`] | routing of guest stdout and stderr |
//! | [`handlers`] | the exported functions, typed, and how to call them |
//! | [`instance`] | one store: start, serve calls until it is lost or used up |
//! | [`streaming`] | resources that a guest streams |
//! | [`isolation`] | the choice of which calls share an instance |
//! | `per_call` | an instance for each call |
//! | `recycling` | the decision to replace a worn instance |
//! | [`job`] | the queue of calls waiting for an instance |
//! | [`session_handle`] | the session as an instance sees it |
//! | [`context`], [`registry`] | the imports `context`, `runtime` and `notifications` |
//! | `asking` | the imports `sampling`, `elicitation` and `roots` |
//! | `plain_imports` | the imports `logging`, `identity` and `shutdown` |
//! | `linking` | the list of imports that the host provides |
//! | `limiter`, `watchdog` | limits on memory and on uninterrupted computing time |
//! | `holdings`, `descriptor_permits` | limits on what the host keeps for a guest |
//! | `shares` | work for guests in slices, on separate threads |
//! | [`failure`] | traps in words that a client may read |

#[cfg(feature = "clap")]
mod arguments;
mod asking;
mod bindings;
pub mod call_start;
pub mod context;
mod denials;
mod descriptor_permits;
mod deterministic;
pub mod engine;
mod extension;
pub mod failure;
mod files;
pub mod handlers;
mod holdings;
pub mod instance;
pub mod isolation;
pub mod job;
mod limiter;
mod linking;
pub mod load;
mod outgoing;
pub mod output;
pub mod p2;
pub mod p3;
mod per_call;
mod plain_imports;
mod reach;
mod recycling;
mod refusals;
pub mod registry;
pub mod sandbox;
pub mod session_handle;
pub mod shape;
mod shares;
pub mod state;
pub mod streaming;
pub mod tiers;
mod watchdog;

#[cfg(feature = "clap")]
pub use arguments::SandboxArguments;
pub use engine::{Compilation, Engine, EngineError, EngineOptions};
pub use extension::Extension;
pub use failure::Loss;
pub use isolation::Isolation;
pub use load::{Component, LoadError, Source};
pub use output::{GuestLine, GuestOutput, GuestStream};
pub use sandbox::{DirectoryGrant, Sandbox, SandboxError};
pub use shape::{Imports, Variant, World};
pub use state::State as InstanceState;
pub use streaming::StreamLimits;
pub use tiers::{Optimization, Tiered};
