//! Compiles each mistake, and looks for a message and a place in what the compiler says.

use std::process::Command;

/// Returns what the compiler says of a mistake. The whole workspace is built, with the features of
/// the tests, so that no dependency is compiled again.
fn compile(features: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "--color", "never"])
        .args(["--workspace", "--lib"])
        .args(["--features", features])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    String::from_utf8(output.stderr).expect("the compiler writes UTF-8")
}

/// One after the other: they share a target folder.
#[test]
fn each_mistake_names_the_line_to_change() {
    for (features, message, place) in [
        (
            "example/p2,example/p3",
            "error: choose one variant of `wasi-mcp-guest` in Cargo.toml: `features = [\"p3\"]` for WASI 0.3, or `[\"p2\"]` for WASI 0.2",
            "wasi-mcp-guest/src/lib.rs:",
        ),
        (
            "mistakes/async-without-async,mistakes/p3,example/p3,hello/p3",
            "error[E0728]: `await` is only allowed inside `async` functions and blocks",
            "async_without_async.rs:7:48",
        ),
        (
            "mistakes/forgotten-items,mistakes/p3,example/p3,hello/p3",
            "warning: function `forecast` is never used",
            "forgotten_items.rs:4:8",
        ),
        (
            "mistakes/forgotten-tool,mistakes/p3,example/p3,hello/p3",
            "error: `forecast` is never registered: a `#[tool]` stands inside a module with `#[wasi_mcp_guest::server]` or `#[wasi_mcp_guest::items]`",
            "forgotten_tool.rs:2:4",
        ),
        (
            "mistakes/missing-variable,mistakes/p3,example/p3,hello/p3",
            "error: the variable `{folder}` of `notes://{folder}/{name}` needs a parameter `folder`",
            "missing_variable.rs:4:8",
        ),
        (
            "mistakes/nested-form,mistakes/p3,example/p3,hello/p3",
            "error[E0277]: `Vec<String>` cannot be a field of a form",
            "nested_form.rs:3:15",
        ),
        (
            "mistakes/visible-in-backend,mistakes/p3,example/p3,hello/p3",
            "error: `#[visible]` hides items of a service alone: write `#[server(service)]`",
            "visible_in_backend.rs:5:5",
        ),
        (
            "mistakes/wrong-argument,mistakes/p3,example/p3,hello/p3",
            "error[E0277]: the trait bound `Temperature: serde::Deserialize<'de>` is not satisfied",
            "wrong_argument.rs:8:17",
        ),
        (
            "mistakes/wrong-default,mistakes/p3,example/p3,hello/p3",
            "error[E0277]: the trait bound `u32: From<&str>` is not satisfied",
            "wrong_default.rs:4:23",
        ),
        (
            "mistakes/wrong-return-type,mistakes/p3,example/p3,hello/p3",
            "error[E0277]: `usize` cannot be the result of a tool",
            "wrong_return_type.rs:4:31",
        ),
    ] {
        let said = compile(features);
        assert!(
            said.contains(message) && said.contains(place),
            "{features}: expected `{message}` at {place}, found:\n{said}"
        );
    }
}
