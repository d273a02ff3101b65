//! The bindings of an adapter of a target. Included by each, after those that all adapters share.

/// Generates the bindings of a world in the package `wasi-mcp:target`.
macro_rules! target_bindings {
    ($world:literal) => {
        bindings!(
            $world,
            ["../../../../../wit", "../wit"],
            ["../../../../../wit/preview2", "../wit/preview2"]
        );
    };
}
