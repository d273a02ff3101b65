//! Bindings of the imports that the two packages of the interface offer a component.
//!
//! The record types are those of `wasi-mcp-types`, which both packages share. Exported functions
//! are looked up one by one (see [`handlers`](super::handlers)), because a component exports only
//! the features that it has.

#![allow(
    missing_docs,
    reason = "generated from WIT, where the documentation is"
)]

/// Bindings for `wasi:mcp@0.3.0-draft2`.
pub(super) mod p3 {
    wasmtime::component::bindgen!({
        path: "wit",
        interfaces: "
            import wasi:mcp/context@0.3.0-draft2;
            import wasi:mcp/elicitation@0.3.0-draft2;
            import wasi:mcp/identity@0.3.0-draft2;
            import wasi:mcp/logging@0.3.0-draft2;
            import wasi:mcp/notifications@0.3.0-draft2;
            import wasi:mcp/roots@0.3.0-draft2;
            import wasi:mcp/runtime@0.3.0-draft2;
            import wasi:mcp/sampling@0.3.0-draft2;
            import wasi:mcp/shutdown@0.3.0-draft2;
        ",
        imports: {
            "wasi:mcp/runtime.register-tools": async | trappable,
            "wasi:mcp/runtime.register-resources": async | trappable,
            "wasi:mcp/runtime.register-resource-templates": async | trappable,
            "wasi:mcp/runtime.register-prompts": async | trappable,
            default: trappable,
        },
        with: {
            "wasi:mcp/types": wasi_mcp_types::types,
            "wasi:mcp/capabilities": wasi_mcp_types::capabilities,
            "wasi:mcp/content": wasi_mcp_types::content,
            "wasi:mcp/context.request-context": crate::component::context::RequestContext,
        },
    });
}

/// Bindings for `wasi:mcp@0.2.0-draft2`.
pub(super) mod p2 {
    wasmtime::component::bindgen!({
        path: "wit/preview2",
        interfaces: "
            import wasi:mcp/context@0.2.0-draft2;
            import wasi:mcp/elicitation@0.2.0-draft2;
            import wasi:mcp/identity@0.2.0-draft2;
            import wasi:mcp/logging@0.2.0-draft2;
            import wasi:mcp/notifications@0.2.0-draft2;
            import wasi:mcp/roots@0.2.0-draft2;
            import wasi:mcp/runtime@0.2.0-draft2;
            import wasi:mcp/sampling@0.2.0-draft2;
            import wasi:mcp/shutdown@0.2.0-draft2;
        ",
        imports: {
            "wasi:mcp/elicitation.elicit": async | trappable,
            "wasi:mcp/roots.list-roots": async | trappable,
            "wasi:mcp/runtime.register-tools": async | trappable,
            "wasi:mcp/runtime.register-resources": async | trappable,
            "wasi:mcp/runtime.register-resource-templates": async | trappable,
            "wasi:mcp/runtime.register-prompts": async | trappable,
            "wasi:mcp/sampling.create-message": async | trappable,
            default: trappable,
        },
        with: {
            "wasi:mcp/types": wasi_mcp_types::types,
            "wasi:mcp/capabilities": wasi_mcp_types::capabilities,
            "wasi:mcp/content": wasi_mcp_types::content,
            "wasi:mcp/context.request-context": crate::component::context::RequestContext,
        },
    });
}
