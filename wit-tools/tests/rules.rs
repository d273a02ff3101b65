//! The text of the packages keeps to its rules, and each rule notices where it does not.

mod project;

use project::{
    assert_broken, assert_holds, changed, changed_source, mapping, package_0_2, package_0_3,
    source_0_2, source_0_3,
};
use wasi_mcp_wit::rules;

#[test]
fn layout() {
    assert_holds(rules::layout(&source_0_3()));
    assert_holds(rules::layout(&source_0_2()));
    let wide = format!("interface types {{ // {}", "x".repeat(100));
    let source = changed_source("types.wit", "interface types {", &wide);
    assert_broken(&rules::layout(&source), "characters");
    let source = changed_source("types.wit", "interface types {", "interface types { ");
    assert_broken(&rules::layout(&source), "a blank at the end");
    let source = changed_source("world.wit", "  import runtime;", "\timport runtime;");
    assert_broken(&rules::layout(&source), "a tab");
    let mut source = source_0_3();
    source
        .files
        .insert("types.wit".to_owned(), "interface types {}".to_owned());
    assert_broken(&rules::layout(&source), "line break");
}

#[test]
fn shared_files() {
    assert_holds(rules::shared_files(&source_0_3(), &source_0_2()));
    for file in rules::SHARED_FILES {
        let source = changed_source(file, "  /// ", "  ///  ");
        assert_broken(&rules::shared_files(&source, &source_0_2()), file);
        let mut source = source_0_3();
        source.files.remove(file);
        assert_broken(&rules::shared_files(&source, &source_0_2()), file);
    }
}

#[test]
fn documentation() {
    assert_holds(rules::documentation(&package_0_3()));
    assert_holds(rules::documentation(&package_0_2()));
}

#[test]
fn missing_documentation_is_noticed() {
    for (file, from, to, what) in [
        (
            "content.wit",
            "    /// The bytes of the image.\n",
            "",
            "content.image-content.data has no doc comment",
        ),
        (
            "types.wit",
            "    /// The model.\n",
            "",
            "types.role.assistant has no doc comment",
        ),
        (
            "types.wit",
            "    /// `-32700`: the text is not JSON.\n",
            "",
            "types.error-code.parse-error has no doc comment",
        ),
        (
            "world.wit",
            "world client-imports",
            "world more {}\n\nworld client-imports",
            "world client-imports has no doc comment",
        ),
        (
            "catalog.wit",
            "interface tool-catalog",
            "interface more {}\n\ninterface tool-catalog",
            "interface tool-catalog has no doc comment",
        ),
    ] {
        assert_broken(&rules::documentation(&changed(file, from, to)), what);
    }
}

#[test]
fn missing_links_are_noticed() {
    let page = "https://modelcontextprotocol.io/specification/2025-06-18";
    for (file, from, what) in [
        ("world.wit", "\npackage", "the package has no link"),
        (
            "world.wit",
            "/architecture#clients\nworld",
            "world client-imports has no link",
        ),
        (
            "handlers.wit",
            "/server/resources\ninterface",
            "interface resources has no link",
        ),
        (
            "types.wit",
            "/schema#role\n  enum",
            "types.role has no link",
        ),
        (
            "runtime.wit",
            "/basic/lifecycle#shutdown\n  wait-stopped",
            "shutdown.wait-stopped has no link",
        ),
        (
            "client-features.wit",
            "/client/roots#listing-roots\n  list-roots",
            "roots.list-roots has no link",
        ),
    ] {
        let from = format!("<{page}{}", from.replacen('\n', ">\n", 1));
        let to = from.replace(page, "(no link)");
        assert_broken(&rules::documentation(&changed(file, &from, &to)), what);
    }
}

#[test]
fn a_link_elsewhere_is_not_enough() {
    let package = changed(
        "types.wit",
        "https://modelcontextprotocol.io",
        "https://example.org",
    );
    assert_broken(
        &rules::documentation(&package),
        "interface types has no link",
    );
}

#[test]
fn types_for_every_language() {
    assert_holds(rules::types_for_every_language(&package_0_3()));
    let package = changed("content.wit", "total: option<u32>", "total: option<u64>");
    let broken = rules::types_for_every_language(&package);
    assert!(
        broken
            .iter()
            .any(|line| line.contains("content.complete-result has a 64-bit"))
    );
    assert!(
        broken
            .iter()
            .any(|line| line.contains("completion.complete has a 64-bit"))
    );
    let package = changed(
        "types.wit",
        "enum role {",
        "record nothing {}\n  enum role {",
    );
    assert_broken(
        &rules::types_for_every_language(&package),
        "types.nothing is empty",
    );
}

#[test]
fn exported_interfaces_define_no_types() {
    assert_holds(rules::exported_interfaces_define_no_types(&package_0_3()));
    assert_holds(rules::exported_interfaces_define_no_types(&package_0_2()));
    let package = changed(
        "handlers.wit",
        "interface tools {",
        "interface tools {\n  type a = u8;",
    );
    let broken = rules::exported_interfaces_define_no_types(&package);
    assert_broken(&broken, "tools is exported and defines a");
}

#[test]
fn the_exported_interfaces_are_handlers_catalogs_start_and_a_middlewares() {
    let package = package_0_3();
    let mut exported = package.exported_interfaces();
    exported.sort_unstable();
    assert_eq!(
        exported,
        [
            "client-events",
            "completion",
            "elicitation",
            "prompt-catalog",
            "prompts",
            "resource-catalog",
            "resource-streams",
            "resource-subscriptions",
            "resources",
            "server-catalog",
            "start",
            "tool-catalog",
            "tools",
        ]
    );
}

#[test]
fn async_stands_where_waiting_is_possible() {
    let mapping = mapping();
    assert_holds(rules::async_where_waiting(&package_0_3(), &mapping));
    for (file, from, to, what) in [
        (
            "client-features.wit",
            "elicit: async func",
            "elicit: func",
            "elicit may wait",
        ),
        (
            "context.wit",
            "wait-cancelled: async func",
            "wait-cancelled: func",
            "wait-cancelled may wait",
        ),
        (
            "client-features.wit",
            "log: func",
            "log: async func",
            "log is an async func",
        ),
        (
            "runtime.wit",
            "serve: func",
            "serve: async func",
            "serve is an async func",
        ),
        (
            "runtime.wit",
            "start: async func",
            "start: func",
            "start may wait",
        ),
        (
            "client.wit",
            "ping: async func",
            "ping: func",
            "ping may wait",
        ),
        (
            "client.wit",
            "get-upstreams: async func",
            "get-upstreams: func",
            "get-upstreams may",
        ),
    ] {
        assert_broken(
            &rules::async_where_waiting(&changed(file, from, to), &mapping),
            what,
        );
    }
}

#[test]
fn nothing_is_asynchronous_in_0_2() {
    assert_holds(rules::nothing_asynchronous(&package_0_2()));
    let broken = rules::nothing_asynchronous(&package_0_3());
    assert!(
        broken.iter().any(|line| line == "tools.call-tool is async"),
        "{broken:#?}"
    );
    assert!(
        broken.iter().any(|line| line == "a future or stream"),
        "{broken:#?}"
    );
}
