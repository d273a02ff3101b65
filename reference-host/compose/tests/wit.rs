//! The WIT of the adapters: one source for both variants and both sides.

use std::fs;

fn read(path: &str) -> String {
    let path = format!("{}/adapters/wit/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns a block that begins with this line, up to the line that closes it.
fn block<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let start = text.find(begin).unwrap_or_else(|| panic!("{begin}"));
    let rest = &text[start + begin.len()..];
    &rest[..rest.find(end).unwrap()]
}

#[test]
fn the_worlds_of_0_2_are_derived_by_the_rule_of_the_package() {
    let mut expected = read("adapters.wit");
    for side in ["left", "right"] {
        let package = format!("package wasi-mcp:{side} {{");
        let start = expected.find(&package).unwrap();
        let streams = "  interface resource-streams {";
        let start = start + expected[start..].find(streams).unwrap();
        let end = start + expected[start..].find("\n  }\n").unwrap() + "\n  }\n".len();
        expected.replace_range(start..end, "");
    }
    let expected: String = expected
        .replace("async func", "func")
        .replace("@0.3.0-draft2", "@0.2.0-draft2")
        .lines()
        .filter(|line| !line.contains("/resource-streams"))
        .flat_map(|line| [line, "\n"])
        .collect();
    assert_eq!(read("preview2/adapters.wit"), expected);
}

#[test]
fn both_sides_of_a_joint_are_alike() {
    for path in ["adapters.wit", "preview2/adapters.wit"] {
        let text = read(path);
        let left = block(&text, "package wasi-mcp:left {", "\n}\n");
        let right = block(&text, "package wasi-mcp:right {", "\n}\n");
        assert_eq!(left, right, "{path}");
        let joint = block(&text, "world joint {", "\n}\n");
        let imports = |side: &str| -> Vec<&str> {
            let import = format!("import wasi-mcp:{side}/");
            let lines = joint.lines();
            lines
                .filter_map(|line| line.trim().strip_prefix(&*import))
                .collect()
        };
        assert_eq!(imports("left"), imports("right"), "{path}");
    }
}
