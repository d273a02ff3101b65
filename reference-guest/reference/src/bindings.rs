//! Bindings to `wasi:mcp`, generated for the chosen variant and world.
#![allow(clippy::all, dead_code, unused_imports)]

macro_rules! generate {
    ($world:literal, $wit:tt) => {
        wit_bindgen::generate!({
            path: $wit,
            world: $world,
            pub_export_macro: true,
            generate_all,
            // Most members of most records are optional: a handler names only those that it sets.
            additional_derives: [Default],
            // Types without a sensible default: choices, and records that hold one.
            additional_derives_ignore: [
                "completion-reference",
                "complete-params",
                "content-block",
                "create-message-result",
                "elicit-action",
                "elicit-result",
                "elicit-value",
                "embedded-resource",
                "error",
                "error-code",
                "include-context",
                "log-level",
                "number-schema",
                "number-type",
                "primitive-schema",
                "prompt-message",
                "resource-contents",
                "role",
                "sampling-content",
                "sampling-message",
                "string-format",
            ],
        });
    };
}

#[cfg(all(feature = "p3", feature = "backend"))]
generate!("wasi-mcp:reference/backend", ["../../wit", "wit"]);
#[cfg(all(feature = "p3", feature = "service", not(feature = "backend")))]
generate!("wasi-mcp:reference/service", ["../../wit", "wit"]);
#[cfg(all(feature = "p2", not(feature = "p3"), feature = "backend"))]
generate!(
    "wasi-mcp:reference/backend",
    ["../../wit/preview2", "wit/preview2"]
);
#[cfg(all(
    feature = "p2",
    not(feature = "p3"),
    feature = "service",
    not(feature = "backend")
))]
generate!(
    "wasi-mcp:reference/service",
    ["../../wit/preview2", "wit/preview2"]
);
