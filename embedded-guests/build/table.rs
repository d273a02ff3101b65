//! The source of the table that the library includes.

use std::fmt::Write;

use crate::guests::{ALL_FEATURES, BUILT, COMPOSED};

pub fn source() -> String {
    let mut rows = String::new();
    for guest in BUILT {
        row(
            &mut rows,
            guest.name,
            guest.variant,
            guest.world,
            guest.features,
            guest.judged,
        );
    }
    for guest in COMPOSED {
        row(
            &mut rows,
            guest.name,
            guest.variant,
            "Service",
            ALL_FEATURES,
            guest.judged,
        );
    }
    format!("&[\n{rows}]\n")
}

fn row(rows: &mut String, name: &str, variant: &str, world: &str, features: &[&str], judged: bool) {
    writeln!(
        rows,
        "Guest {{ name: {name:?}, variant: Variant::{variant}, world: World::{world}, \
         features: &{features:?}, judged: {judged}, \
         bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.wasm\")) }},"
    )
    .expect("a string takes any text");
}
