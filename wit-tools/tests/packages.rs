//! Both packages parse and encode, and a component can be made of every world of both.

mod project;

use std::fs;

use project::{changed_source, package_0_2, package_0_3, root};
use wasi_mcp_wit::package::Package;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi};

const SYNCHRONOUS: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
const ASYNCHRONOUS: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::AsyncCallback);

#[test]
fn both_packages_encode() {
    for package in [package_0_3(), package_0_2()] {
        let encoded = wit_component::encode(&package.resolve, package.id).expect("it encodes");
        let decoded = wit_component::decode(&encoded).expect("what was encoded decodes");
        let worlds = &decoded.resolve().packages[decoded.package()].worlds;
        assert_eq!(worlds.len(), package.worlds().count());
    }
}

#[test]
fn both_packages_have_the_same_interfaces_and_worlds_but_for_streams() {
    let names = |package: &Package| {
        let interfaces: Vec<String> = package
            .interfaces()
            .map(|(name, _, _)| name.to_owned())
            .collect();
        let worlds: Vec<String> = package
            .worlds()
            .map(|(name, _, _)| name.to_owned())
            .collect();
        (interfaces, worlds)
    };
    let (mut interfaces, worlds) = names(&package_0_3());
    interfaces.retain(|name| name != "resource-streams");
    assert_eq!((interfaces, worlds), names(&package_0_2()));
}

#[test]
fn a_component_can_be_made_of_every_world() {
    assert_eq!(
        components(&package_0_3(), ASYNCHRONOUS),
        package_0_3().worlds().count()
    );
    assert_eq!(
        components(&package_0_2(), SYNCHRONOUS),
        package_0_2().worlds().count()
    );
}

/// A guest that can only block implements the 0.3 world too.
#[test]
fn a_component_that_lifts_synchronously_can_be_made_of_every_world_of_0_3() {
    assert_eq!(
        components(&package_0_3(), SYNCHRONOUS),
        package_0_3().worlds().count()
    );
}

/// Makes a component of every world, has it validated, and gives how many there were.
fn components(package: &Package, abi: ManglingAndAbi) -> usize {
    let mut made = 0;
    for (name, id, _) in package.worlds() {
        let mut module = dummy_module(&package.resolve, id, abi);
        embed_component_metadata(&mut module, &package.resolve, id, StringEncoding::UTF8)
            .unwrap_or_else(|error| panic!("{name}: {error:#}"));
        let component = ComponentEncoder::default()
            .validate(true)
            .module(&module)
            .and_then(|mut encoder| encoder.encode())
            .unwrap_or_else(|error| panic!("{name}: {error:#}"));
        assert!(is_component(&component), "{name} is not a component");
        made += 1;
    }
    made
}

/// Returns whether a binary begins as a component does: version 13, layer 1.
fn is_component(binary: &[u8]) -> bool {
    binary.starts_with(b"\0asm\x0d\0\x01\0")
}

#[test]
fn an_error_in_the_text_is_shown_with_its_place() {
    let source = changed_source("types.wit", "enum role", "enum enum role");
    let error = source.parse().expect_err("the text is wrong").to_string();
    assert!(error.contains("types.wit"), "{error}");
}

#[test]
fn a_type_that_is_not_there_is_an_error() {
    let source = changed_source(
        "handlers.wit",
        "call-tool-params, call-tool-result",
        "nothing",
    );
    let error = source.parse().expect_err("the text is wrong").to_string();
    assert!(error.contains("nothing"), "{error}");
}

/// `deps.toml` says that the packages depend on nothing, and so it is.
#[test]
fn the_packages_depend_on_nothing() {
    for package in [package_0_3(), package_0_2()] {
        assert_eq!(package.resolve.packages.len(), 1);
    }
    let text = fs::read_to_string(root().join("deps.toml")).expect("deps.toml can be read");
    let entries: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert!(entries.is_empty(), "{entries:?}");
}
