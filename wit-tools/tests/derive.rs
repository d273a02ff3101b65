//! The package for WASI 0.2 is the one that follows from the package for WASI 0.3.

mod project;

use project::{assert_broken, assert_holds, changed_source, source_0_2, source_0_3};
use std::collections::BTreeSet;

use wasi_mcp_wit::derive::interfaces_of_0_3_alone;
use wasi_mcp_wit::package::Source;

#[test]
fn the_package_for_0_2_is_the_derived_one() {
    let derived = source_0_3().derived().expect("it can be derived");
    assert_holds(source_0_2().differences(&derived));
}

#[test]
fn a_change_of_either_package_is_noticed() {
    let derived = changed_source("world.wit", "export start;", "export start; ")
        .derived()
        .expect("it can be derived");
    assert_broken(
        &source_0_2().differences(&derived),
        "world.wit differs in line",
    );

    let derived = source_0_3().derived().expect("it can be derived");
    let mut found = source_0_2();
    found.files.remove("types.wit");
    assert_broken(&found.differences(&derived), "types.wit is missing");
    let mut found = source_0_2();
    found.files.insert("more.wit".to_owned(), String::new());
    assert_broken(
        &found.differences(&derived),
        "more.wit does not belong there",
    );
}

#[test]
fn what_is_left_out_is_what_has_a_future_or_a_stream() {
    let names = |source: Source| {
        let package = source.parse().expect("it parses");
        let mut names: Vec<String> = package
            .interfaces()
            .flat_map(|(name, _, interface)| {
                interface
                    .functions
                    .keys()
                    .map(move |function| format!("{name} {function}"))
            })
            .collect();
        names.sort();
        names
    };
    let (more, fewer) = (names(source_0_3()), names(source_0_2()));
    let left_out: Vec<&String> = more.iter().filter(|name| !fewer.contains(name)).collect();
    assert_eq!(
        left_out,
        [
            "client [method]upstream.events",
            "context wait-cancelled",
            "resource-streams read-resource-stream",
            "shutdown wait-stopped",
        ]
    );
    assert!(fewer.iter().all(|name| more.contains(name)));
}

/// Derives a file that is a package of its own.
fn derive(source: &str) -> anyhow::Result<String> {
    wasi_mcp_wit::derive::derive(source, &interfaces_of_0_3_alone(source))
}

#[test]
fn an_interface_without_functions_of_0_2_is_left_out_with_its_uses() {
    let source = "\
package wasi:mcp@0.3.0-draft2;

/// Kept: it never had a function.
interface types {
  record r { f: u8 }
}

/// Left out.
interface streams {
  use types.{r};
  resource reader {
    /// Waits.
    wait-more: async func() -> r;
  }
  read: async func() -> stream<u8>;
}

/// Kept: one function stays.
interface shutdown {
  is-stopped: func() -> bool;
  wait-stopped: async func();
}

world one {
  import streams;
  import shutdown;
  export streams;
}
";
    let expected = "\
package wasi:mcp@0.2.0-draft2;

/// Kept: it never had a function.
interface types {
  record r { f: u8 }
}

/// Kept: one function stays.
interface shutdown {
  is-stopped: func() -> bool;
}

world one {
  import shutdown;
}
";
    assert_eq!(
        interfaces_of_0_3_alone(source),
        BTreeSet::from(["streams".to_owned()])
    );
    assert_eq!(derive(source).expect("it can be derived"), expected);
}

#[test]
fn the_rule_changes_nothing_else() {
    let source = "\
/// An `async func` and a future in a comment stay, wasi:mcp@0.3.0-draft2 too.
package wasi:mcp@0.3.0-draft2;

interface one {
  /* async func, stream */
  record async-func { stream-like: bool, %func: u8 }

  /// Waits.
  wait: async func(
    a: string,
  ) -> u8;
  /// Gone, with its { braces };
  gone: async func() -> future<u8>;

  /// Gone too.
  gone-too: func(it: stream<u8>);
  stays: func();
}
";
    let expected = "\
/// An `async func` and a future in a comment stay, wasi:mcp@0.3.0-draft2 too.
package wasi:mcp@0.2.0-draft2;

interface one {
  /* async func, stream */
  record async-func { stream-like: bool, %func: u8 }

  /// Waits.
  wait: func(
    a: string,
  ) -> u8;
  stays: func();
}
";
    assert_eq!(derive(source).expect("it can be derived"), expected);
}

#[test]
fn a_future_in_a_shared_type_is_refused() {
    let source = "package wasi:mcp@0.3.0-draft2;\ninterface one { record r { f: future<u8> } }\n";
    let error = derive(source).expect_err("types are shared").to_string();
    assert!(error.contains("outside of a function's type"), "{error}");
}

#[test]
fn a_remark_is_not_dropped_silently() {
    let source = "package wasi:mcp@0.3.0-draft2;\ninterface one {\n  // Why.\n  gone: func() -> future;\n}\n";
    let error = derive(source)
        .expect_err("the remark would be lost")
        .to_string();
    assert!(error.contains("// Why."), "{error}");
}

#[test]
fn the_package_line_has_to_be_there_and_of_0_3() {
    for source in [
        "interface one {}\n",
        "package wasi:mcp@0.2.0-draft2;\n",
        "package wasi:mcp;\n",
        "package wasi:mcp@0.3.0-draft2;\npackage wasi:mcp@0.3.0-draft2;\n",
    ] {
        assert!(derive(source).is_err(), "{source}");
    }
}
