//! An MCP server whose tools look at what the host grants, for tests of its
//! sandbox: files, environment, arguments, sockets, `wasi:http`, clocks,
//! randomness and the standard streams.
//!
//! Each variant asks through the interfaces of its own WASI: the one for 0.2
//! through std where std has it, the one for 0.3 through `wasip3`.

#[cfg(not(any(
    all(feature = "p2", not(feature = "p3")),
    all(feature = "p3", not(feature = "p2"))
)))]
compile_error!("choose one variant: feature `p2` (WASI 0.2) or `p3` (WASI 0.3)");

mod bindings;
mod server;
mod tools;

#[cfg(all(feature = "p2", not(feature = "p3")))]
#[path = "p2/mod.rs"]
mod wasi;
#[cfg(feature = "p3")]
#[path = "p3/mod.rs"]
mod wasi;

struct Explorer;

bindings::export!(Explorer with_types_in bindings);
