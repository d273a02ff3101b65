//! A component that tries its host.
//!
//! As a backend, each of its tools asks the host for something that the
//! interface has a rule about, and tells as structured content what the host
//! answered, step by step. As a service, it is a well-behaved server that can
//! break one rule of a guest.
//!
//! What it does besides (a start that fails, a list with a fault) is chosen by
//! its [`mode`], which is written into the finished component: so one build
//! makes many components.

#[cfg(not(any(
    all(feature = "p2", not(feature = "p3"), not(feature = "service")),
    all(feature = "p3", not(feature = "p2"))
)))]
compile_error!("choose one variant: feature `p2` (WASI 0.2, a backend) or `p3` (WASI 0.3)");

mod bindings;
mod mode;

#[cfg(not(feature = "service"))]
mod completion;
#[cfg(not(feature = "service"))]
mod edge;
#[cfg(not(feature = "service"))]
mod events;
mod host;
#[cfg(not(feature = "service"))]
mod prompts;
mod records;
mod report;
#[cfg(not(feature = "service"))]
mod resources;
mod shown;
#[cfg(not(feature = "service"))]
mod start;
#[cfg(not(feature = "service"))]
mod state;
#[cfg(all(feature = "p3", not(any(feature = "service", feature = "blocking"))))]
mod streams;
#[cfg(not(feature = "service"))]
mod tools;

#[cfg(feature = "service")]
mod service;

/// Implements the component's exports.
struct Probe;

bindings::export!(Probe with_types_in bindings);
