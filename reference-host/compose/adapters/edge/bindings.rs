//! The bindings of an adapter's world: both variants from one source. Included by each adapter,
//! before everything else.

/// Generates the bindings of a world from the folders of WIT for WASI 0.3 and WASI 0.2, which are by
/// default those of `wasi-mcp:adapters`. Records are those of the crate of types, so that adapters
/// and the logic between them share them.
macro_rules! bindings {
    ($world:literal) => {
        bindings!($world,
            ["../../../../wit", "../wit"],
            ["../../../../wit/preview2", "../wit/preview2"]);
    };
    ($world:literal, $p3:tt, $p2:tt) => {
        #[cfg(feature = "p3")]
        wit_bindgen::generate!({
            path: $p3,
            world: $world,
            generate_all,
            with: {
                "wasi:mcp/types@0.3.0-draft2": wasi_mcp_types::types,
                "wasi:mcp/capabilities@0.3.0-draft2": wasi_mcp_types::capabilities,
                "wasi:mcp/content@0.3.0-draft2": wasi_mcp_types::content,
            },
        });
        #[cfg(feature = "p2")]
        wit_bindgen::generate!({
            path: $p2,
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
