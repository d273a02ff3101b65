//! Bindings to `wasi:mcp`, generated for the chosen variant.
#![allow(clippy::all, dead_code, unused_imports)]

#[cfg(feature = "p3")]
wit_bindgen::generate!({
    path: "../../wit",
    world: "wasi:mcp/tools-backend",
    pub_export_macro: true,
});
#[cfg(all(feature = "p2", not(feature = "p3")))]
wit_bindgen::generate!({
    path: "../../wit/preview2",
    world: "wasi:mcp/tools-backend",
    pub_export_macro: true,
});
