//! What `wasmtime` generates from the two packages of the interface.
//!
//! The record types are generated once, from the 0.3 package; the 0.2 bindings
//! take them over by `with`, since both packages hold the same text for
//! `types`, `capabilities` and `content`. So one mapping serves both variants.
//! Exported functions are looked up one by one (see `handlers`), because a
//! component exports only the features that it has.

#![allow(
    missing_docs,
    reason = "generated from WIT, where the documentation stands"
)]

/// Bindings of the imports of `wasi:mcp@0.3.0-draft`.
pub mod p3 {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "
            package wasi-mcp:host;
            world imports {
                import wasi:mcp/context@0.3.0-draft;
                import wasi:mcp/runtime@0.3.0-draft;
                import wasi:mcp/notifications@0.3.0-draft;
            }
        ",
        world: "wasi-mcp:host/imports",
        imports: {
            "wasi:mcp/context.[method]request-context.cancelled": store | trappable,
            "wasi:mcp/runtime.stopped": store | trappable,
            default: trappable,
        },
        with: {
            "wasi:mcp/context.request-context": crate::component::context::RequestContext,
        },
        additional_derives: [PartialEq],
    });
}

/// Bindings of the imports of `wasi:mcp@0.2.0-draft`.
pub mod p2 {
    wasmtime::component::bindgen!({
        path: "../wit/preview2",
        inline: "
            package wasi-mcp:host;
            world imports {
                import wasi:mcp/context@0.2.0-draft;
                import wasi:mcp/runtime@0.2.0-draft;
                import wasi:mcp/notifications@0.2.0-draft;
            }
        ",
        world: "wasi-mcp:host/imports",
        imports: {
            "wasi:mcp/context.[method]request-context.create-message": async | trappable,
            "wasi:mcp/context.[method]request-context.elicit": async | trappable,
            "wasi:mcp/context.[method]request-context.list-roots": async | trappable,
            default: trappable,
        },
        with: {
            "wasi:mcp/types": super::p3::wasi::mcp::types,
            "wasi:mcp/capabilities": super::p3::wasi::mcp::capabilities,
            "wasi:mcp/content": super::p3::wasi::mcp::content,
            "wasi:mcp/context.request-context": crate::component::context::RequestContext,
        },
    });
}

pub use p3::wasi::mcp::{capabilities, content, types};
