//! The generated bindings to `wasi:mcp`, for whoever leaves the library at some point.
//!
//! The imports stand in [`wasi::mcp`], with their waiting functions `async` in WASI 0.3 and blocking
//! in WASI 0.2. The records are those of [`wasi_mcp_types`]. [`exports`] has one module for each
//! interface that a server exports.
#![allow(missing_docs, unused_qualifications, clippy::all)]

#[cfg(not(all(feature = "p2", not(feature = "p3"))))]
wit_bindgen::generate!({
    path: ["wit", "worlds"],
    world: "wasi-mcp:guest/imports",
    generate_all,
    with: {
        "wasi:mcp/types@0.3.0-draft2": wasi_mcp_types::types,
        "wasi:mcp/capabilities@0.3.0-draft2": wasi_mcp_types::capabilities,
        "wasi:mcp/content@0.3.0-draft2": wasi_mcp_types::content,
    },
    pub_export_macro: true,
});
#[cfg(all(feature = "p2", not(feature = "p3")))]
wit_bindgen::generate!({
    path: ["wit/preview2", "worlds/preview2"],
    world: "wasi-mcp:guest/imports",
    generate_all,
    with: {
        "wasi:mcp/types@0.2.0-draft2": wasi_mcp_types::types,
        "wasi:mcp/capabilities@0.2.0-draft2": wasi_mcp_types::capabilities,
        "wasi:mcp/content@0.2.0-draft2": wasi_mcp_types::content,
    },
    pub_export_macro: true,
});

/// The interfaces that a server exports: each module has the trait `Guest` of one, as
/// `exports::wasi::mcp::NAME::Guest`, and the macro `export` that exports a type's implementation.
pub mod exports {
    macro_rules! export {
        ($($module:ident: $world:literal;)*) => {$(
            pub mod $module {
                #[cfg(not(all(feature = "p2", not(feature = "p3"))))]
                wit_bindgen::generate!({
                    path: ["wit", "worlds"],
                    world: $world,
                    with: {
                        "wasi:mcp/types@0.3.0-draft2": wasi_mcp_types::types,
                        "wasi:mcp/capabilities@0.3.0-draft2": wasi_mcp_types::capabilities,
                        "wasi:mcp/content@0.3.0-draft2": wasi_mcp_types::content,
                        "wasi:mcp/context@0.3.0-draft2": crate::bindings::wasi::mcp::context,
                    },
                    pub_export_macro: true,
                });
                #[cfg(all(feature = "p2", not(feature = "p3")))]
                wit_bindgen::generate!({
                    path: ["wit/preview2", "worlds/preview2"],
                    world: $world,
                    with: {
                        "wasi:mcp/types@0.2.0-draft2": wasi_mcp_types::types,
                        "wasi:mcp/capabilities@0.2.0-draft2": wasi_mcp_types::capabilities,
                        "wasi:mcp/content@0.2.0-draft2": wasi_mcp_types::content,
                        "wasi:mcp/context@0.2.0-draft2": crate::bindings::wasi::mcp::context,
                    },
                    pub_export_macro: true,
                });
            }
        )*};
    }
    export! {
        start: "wasi-mcp:guest/export-start";
        server_catalog: "wasi-mcp:guest/export-server-catalog";
        tool_catalog: "wasi-mcp:guest/export-tool-catalog";
        resource_catalog: "wasi-mcp:guest/export-resource-catalog";
        prompt_catalog: "wasi-mcp:guest/export-prompt-catalog";
        tools: "wasi-mcp:guest/export-tools";
        resources: "wasi-mcp:guest/export-resources";
        resource_subscriptions: "wasi-mcp:guest/export-resource-subscriptions";
        prompts: "wasi-mcp:guest/export-prompts";
        completion: "wasi-mcp:guest/export-completion";
        client_events: "wasi-mcp:guest/export-client-events";
    }
    #[cfg(not(all(feature = "p2", not(feature = "p3"))))]
    export! {
        resource_streams: "wasi-mcp:guest/export-resource-streams";
    }
    /// WASI 0.2 has no streams: there is nothing to export.
    #[cfg(all(feature = "p2", not(feature = "p3")))]
    #[doc(hidden)]
    pub mod resource_streams {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! __no_resource_streams {
            ($($server:tt)*) => {};
        }
        pub use crate::__no_resource_streams as export;
    }
}
