//! A middleware for tools: it imports `tool-catalog` and `tools` from one
//! component and exports them to the host, with a mark on what passes through.
//!
//! Everything else of the inner component is exported from there, see
//! `compose.wac`. The context is handed on as a clone, so that both the
//! middleware and the inner component may use it.

#[cfg(not(any(
    all(feature = "p2", not(feature = "p3")),
    all(feature = "p3", not(feature = "p2"))
)))]
compile_error!("choose one variant: feature `p2` (WASI 0.2) or `p3` (WASI 0.3)");

mod mark;

#[cfg(all(feature = "p2", not(feature = "p3")))]
mod p2;
#[cfg(feature = "p3")]
mod p3;
