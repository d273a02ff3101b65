//! The bindings of an adapter's world: both variants from one source. Included by each adapter,
//! before everything else.

/// Generates the bindings of a world in the package `wasi-mcp:adapters`. Records are those of the
/// crate of types, so that adapters and the logic between them share them.
#[cfg(feature = "p3")]
macro_rules! bindings {
    ($world:tt) => {
        wit_bindgen::generate!({
            path: ["../../../../wit", "../wit"],
            world: $world,
            generate_all,
            with: {
                "wasi:mcp/types@0.3.0-draft2": wasi_mcp_types::types,
                "wasi:mcp/capabilities@0.3.0-draft2": wasi_mcp_types::capabilities,
                "wasi:mcp/content@0.3.0-draft2": wasi_mcp_types::content,
            },
        });
    };
}
#[cfg(feature = "p2")]
macro_rules! bindings {
    ($world:tt) => {
        wit_bindgen::generate!({
            path: ["../../../../wit/preview2", "../wit/preview2"],
            world: $world,
            generate_all,
            with: {
                "wasi:mcp/types@0.2.0-draft2": wasi_mcp_types::types,
                "wasi:mcp/capabilities@0.2.0-draft2": wasi_mcp_types::capabilities,
                "wasi:mcp/content@0.2.0-draft2": wasi_mcp_types::content,
            },
        });
    };
}
