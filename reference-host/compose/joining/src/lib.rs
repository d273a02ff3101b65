//! The logic of `wasi-mcp compose`'s adapters: how several [services](Service) become one.
//!
//! The adapters are components that bind a [`Service`] to the exports of `wasi:mcp` and to imports
//! that another component provides. Nothing here knows of bindings, so the logic is tested natively.
//! All functions are `async`; in WASI 0.2, whose imports block, [`now`] runs them.

mod cursor;
mod joint;
mod known;
mod merge;
mod now;
mod once;
mod page;
mod service;
mod wrapper;

pub use joint::Joint;
pub use known::{MOST_ITEMS, MOST_PAGES};
pub use now::now;
pub use once::Once;
pub use service::{Context, Nothing, Service};
pub use wrapper::{Settings, Wrapper};
