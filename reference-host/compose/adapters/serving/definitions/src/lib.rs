//! The interfaces that only define types. They are linked to everyone that imports them.

#[cfg(feature = "p3")]
wit_bindgen::generate!({
    path: ["../../../../../wit", "../wit"],
    world: "wasi-mcp:target/definitions",
    generate_all,
});
#[cfg(feature = "p2")]
wit_bindgen::generate!({
    path: ["../../../../../wit/preview2", "../wit/preview2"],
    world: "wasi-mcp:target/definitions",
    generate_all,
});
