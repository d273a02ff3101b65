//! Each guest is a component that imports and exports exactly the items of its world.

use std::collections::BTreeSet;

use wasi_mcp_embedded_guests::{
    ALL, Guest, Variant, World, composed, explorer, find, hello, reference, servers,
};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldItem, WorldKey};

/// The interfaces of `wasi:mcp` that a component imports and exports, by their names in it.
#[derive(Debug, PartialEq, Eq)]
struct Interfaces {
    imports: BTreeSet<String>,
    exports: BTreeSet<String>,
    /// All its other imports, by the full name.
    other_imports: BTreeSet<String>,
    other_exports: BTreeSet<String>,
}

fn decode(guest: &Guest) -> Interfaces {
    let decoded = wit_component::decode(guest.bytes)
        .unwrap_or_else(|error| panic!("{}: {error:#}", guest.name));
    let DecodedWasm::Component(resolve, world) = decoded else {
        panic!("{}: a WIT package and no component", guest.name);
    };
    let package = format!("wasi:mcp/%@{}.0-draft2", guest.variant);
    let world = &resolve.worlds[world];
    let (imports, other_imports) = split(&resolve, &package, &world.imports);
    let (exports, other_exports) = split(&resolve, &package, &world.exports);
    Interfaces {
        imports,
        exports,
        other_imports,
        other_exports,
    }
}

/// Splits off the interfaces of the package. `%` stands for the interface.
fn split<'a>(
    resolve: &Resolve,
    package: &str,
    items: impl IntoIterator<Item = (&'a WorldKey, &'a WorldItem)>,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let (prefix, suffix) = package.split_once('%').expect("the pattern has a place");
    let (mut own, mut others) = (BTreeSet::new(), BTreeSet::new());
    for (key, _) in items {
        let name = resolve.name_world_key(key);
        let inner = name
            .strip_prefix(prefix)
            .and_then(|name| name.strip_suffix(suffix));
        match inner {
            Some(interface) => own.insert(interface.to_owned()),
            None => others.insert(name),
        };
    }
    (own, others)
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Interfaces that define types, which are imported along with their users.
const TYPES: &[&str] = &["capabilities", "content", "context", "types"];

fn with_types(interfaces: &[&str]) -> BTreeSet<String> {
    names(&[TYPES, interfaces].concat())
}

#[test]
fn every_guest_is_listed_once_under_a_name_that_tells_its_variant() {
    let all: BTreeSet<_> = ALL.iter().map(|guest| guest.name).collect();
    assert_eq!(all.len(), ALL.len());
    assert_eq!(
        all,
        BTreeSet::from([
            "attenuated-0.2",
            "attenuated-0.3",
            "composed-0.2",
            "composed-0.3",
            "elicitation-middleware-0.2",
            "elicitation-middleware-0.3",
            "explorer-0.2",
            "explorer-0.3",
            "greeter-0.3",
            "hello-0.2",
            "hello-0.3",
            "middleware-0.2",
            "middleware-0.3",
            "probes-backend-0.2",
            "probes-backend-0.3",
            "probes-blocking-0.3",
            "probes-service-0.3",
            "reference-backend-0.2",
            "reference-backend-0.3",
            "reference-service-0.2",
            "reference-service-0.3",
            "streams-0.3",
        ])
    );
    for guest in ALL {
        assert!(guest.name.ends_with(guest.variant.as_str()), "{guest:?}");
    }
}

#[test]
fn lookups_find_what_they_name() {
    for variant in [Variant::Wasi02, Variant::Wasi03] {
        for world in [World::Backend, World::Service] {
            let guest = reference(variant, world).expect("each is built");
            assert_eq!((guest.variant, guest.world), (variant, world));
        }
        assert_eq!(hello(variant).map(|guest| guest.variant), Some(variant));
        assert_eq!(composed(variant).map(|guest| guest.variant), Some(variant));
        assert_eq!(explorer(variant).map(|guest| guest.variant), Some(variant));
        assert_eq!(reference(variant, World::Middleware), None);
    }
    assert_eq!(find("reference-backend-0.4"), None);
}

#[test]
fn the_conformance_suite_is_given_what_is_about_mcp() {
    let judged: BTreeSet<_> = servers().map(|guest| guest.name).collect();
    assert_eq!(
        judged,
        BTreeSet::from([
            "composed-0.2",
            "composed-0.3",
            "hello-0.2",
            "hello-0.3",
            "reference-backend-0.2",
            "reference-backend-0.3",
            "reference-service-0.2",
            "reference-service-0.3",
        ])
    );
}

#[test]
fn every_guest_exports_the_handlers_that_the_table_says_and_its_worlds_own() {
    for guest in ALL {
        let has = |feature| guest.features.contains(&feature);
        let mut expected = names(guest.features);
        match guest.world {
            World::Backend => expected.extend(names(&["start"])),
            World::Service => {
                expected.extend(names(&["server-catalog", "tool-catalog"]));
                for (handler, catalog) in [
                    ("resources", "resource-catalog"),
                    ("prompts", "prompt-catalog"),
                ] {
                    if has(handler) {
                        expected.extend(names(&[catalog]));
                    }
                }
            }
            World::Middleware if has("tools") => expected.extend(names(&["tool-catalog"])),
            World::Middleware => expected.extend(names(&["elicitation"])),
        }
        let interfaces = decode(guest);
        assert_eq!(interfaces.exports, expected, "{}", guest.name);
        assert_eq!(interfaces.other_exports, names(&[]), "{}", guest.name);
    }
}

#[test]
fn reference_guests_export_every_handler() {
    for variant in [Variant::Wasi02, Variant::Wasi03] {
        for world in [World::Backend, World::Service] {
            let guest = reference(variant, world).expect("each is built");
            let exports = decode(guest).exports;
            for handler in [
                "tools",
                "resources",
                "resource-subscriptions",
                "prompts",
                "completion",
                "client-events",
            ] {
                assert!(exports.contains(handler), "{}: {handler}", guest.name);
            }
        }
    }
}

/// Returns the powers that the reference guest uses; unused ones are not imported.
fn powers(guest: &Guest) -> &'static [&'static str] {
    match guest.variant {
        Variant::Wasi02 => &["elicitation", "identity", "logging", "roots", "sampling"],
        Variant::Wasi03 => &[
            "elicitation",
            "identity",
            "logging",
            "roots",
            "sampling",
            "shutdown",
        ],
    }
}

/// The powers that the backends among the probes use.
const PROBED_POWERS: &[&str] = &[
    "elicitation",
    "identity",
    "logging",
    "roots",
    "sampling",
    "shutdown",
];

#[test]
fn every_guest_imports_exactly_what_its_world_gives() {
    for guest in ALL {
        let expected = match (guest.name.split('-').next(), guest.world) {
            (Some("explorer" | "greeter" | "hello"), _) => with_types(&["runtime"]),
            (Some("streams"), _) => with_types(&["elicitation", "logging", "runtime"]),
            (Some("probes"), World::Backend) => {
                with_types(&[&["notifications", "runtime"], PROBED_POWERS].concat())
            }
            (Some("probes"), World::Service) => {
                with_types(&["elicitation", "logging", "notifications", "runtime"])
            }
            (_, World::Backend) => {
                with_types(&[&["notifications", "runtime"], powers(guest)].concat())
            }
            (_, World::Service) => with_types(&[&["notifications"], powers(guest)].concat()),
            (Some("elicitation"), World::Middleware) => {
                names(&["content", "context", "elicitation", "types"])
            }
            // It does not ask for the client's identity, and unused interfaces are not imported.
            (_, World::Middleware) => {
                names(&["content", "context", "tool-catalog", "tools", "types"])
            }
        };
        assert_eq!(decode(guest).imports, expected, "{}", guest.name);
    }
}

#[test]
fn beside_mcp_every_guest_imports_wasi_alone_but_one() {
    for guest in ALL {
        let of_embedder = match guest.name {
            "greeter-0.3" => "acme:greetings/phrases",
            _ => "",
        };
        for import in decode(guest).other_imports {
            assert!(
                import.starts_with("wasi:") || import == of_embedder,
                "{}: {import}",
                guest.name
            );
        }
    }
}

/// The explorer must probe the sandbox through the interfaces of its own variant.
#[test]
fn the_explorer_asks_through_its_own_variant() {
    for variant in [Variant::Wasi02, Variant::Wasi03] {
        let guest = explorer(variant).expect("each is built");
        let imports = decode(guest).other_imports;
        for interface in [
            "wasi:cli/environment",
            "wasi:cli/stdout",
            "wasi:cli/stderr",
            "wasi:clocks/monotonic-clock",
            "wasi:filesystem/preopens",
            "wasi:filesystem/types",
            "wasi:http/types",
            "wasi:random/random",
            "wasi:sockets/ip-name-lookup",
        ] {
            let prefix = format!("{interface}@{variant}.");
            assert!(
                imports.iter().any(|import| import.starts_with(&prefix)),
                "{}: {prefix}: {imports:?}",
                guest.name
            );
        }
    }
}

/// Waiting through a 0.2 import stalls the whole store, which in 0.3 has other calls in it. Nobody
/// waits through `wall-clock`, which comes with the standard library's file system.
#[test]
fn guests_wait_through_the_clock_of_their_variant() {
    for guest in ALL {
        let imports = decode(guest).other_imports;
        let clocks = |version: &str| {
            let prefix = format!("wasi:clocks/monotonic-clock{version}");
            imports.iter().any(|it| it.starts_with(&prefix))
        };
        match guest.variant {
            Variant::Wasi02 => assert!(!clocks("@0.3."), "{}: {imports:?}", guest.name),
            // A tool of the explorer blocks through WASI 0.2, to show what that stalls.
            Variant::Wasi03 if guest.name == "explorer-0.3" => {
                assert!(clocks("@0.2.") && clocks("@0.3."), "{imports:?}");
            }
            Variant::Wasi03 => assert!(!clocks("@0.2."), "{}: {imports:?}", guest.name),
        }
        if guest.features.len() > 2 {
            assert!(clocks("@0."), "{}: {imports:?}", guest.name);
        }
    }
}
