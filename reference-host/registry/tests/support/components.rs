//! Small components.

use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::{ManglingAndAbi, PackageId, Resolve};

const WIT: &str = "
    package example:parts@1.2.0;
    interface first { one: func(); }
    world both { import first; export run: func(); }
";

/// A component, as a compiler makes it.
pub fn component() -> Vec<u8> {
    let (resolve, package) = package();
    let world = resolve.packages[package].worlds["both"];
    let mut module = wit_component::dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("a module");
    let encoder = ComponentEncoder::default().module(&module);
    let mut encoder = encoder.expect("a module with metadata");
    encoder.encode().expect("a component")
}

/// A WIT package in its binary form.
pub fn wit_package() -> Vec<u8> {
    let (resolve, package) = package();
    wit_component::encode(&resolve, package).expect("a package")
}

fn package() -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("parts.wit", WIT).expect("WIT");
    (resolve, package)
}
