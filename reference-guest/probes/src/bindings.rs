//! Bindings to `wasi:mcp`, generated for the chosen variant and world.
#![allow(clippy::all, dead_code, unused_imports)]

macro_rules! generate {
    ($world:literal, $wit:tt, $sync:tt) => {
        wit_bindgen::generate!({
            path: $wit,
            world: $world,
            pub_export_macro: true,
            generate_all,
            sync: $sync,
            // Most members of most records are optional: a handler names those that it fills.
            additional_derives: [Default],
            // What has no sensible default: choices, and records that hold one.
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

#[cfg(all(feature = "p3", not(feature = "service"), not(feature = "blocking")))]
generate!("wasi-mcp:probes/backend", ["../../wit", "wit"], []);
#[cfg(all(feature = "p3", not(feature = "service"), feature = "blocking"))]
generate!("wasi-mcp:probes/backend", ["../../wit", "wit"], ["all"]);
#[cfg(all(feature = "p3", feature = "service"))]
generate!("wasi-mcp:probes/service", ["../../wit", "wit"], []);
#[cfg(all(feature = "p2", not(feature = "p3")))]
generate!(
    "wasi-mcp:probes/backend",
    ["../../wit/preview2", "wit/preview2"],
    ["all"]
);
