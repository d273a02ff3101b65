//! The artifacts that `wasi-mcp-wit publish` uploads. The tests in `publish.rs` upload them.

mod project;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use project::{changed, copy, package_0_2, package_0_3, root};
use serde_json::{Value, json};
use wasi_mcp_registry::Digest;
use wasi_mcp_wit::artifact::{Artifact, Origin};
use wasi_mcp_wit::package::Package;

fn artifact(package: &Package) -> Artifact {
    let origin = Origin {
        licence: "A-LICENCE",
        source: "https://example.com/source",
    };
    Artifact::new(package, &origin).expect("it can be encoded")
}

fn publish(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wasi-mcp-wit"))
        .args(["publish", "--root"])
        .arg(root)
        .args(arguments)
        .output()
        .expect("the command runs")
}

#[test]
fn the_tag_is_the_version_of_the_package() {
    for (package, version) in [
        (package_0_3(), "0.3.0-draft2"),
        (package_0_2(), "0.2.0-draft2"),
    ] {
        let artifact = artifact(&package);
        assert_eq!(artifact.repository, "wasi/mcp");
        assert_eq!(artifact.tag, version);
    }
}

#[test]
fn the_manifest_describes_config_and_layer() {
    let artifact = artifact(&package_0_3()).content;
    let manifest: Value = serde_json::from_slice(&artifact.manifest).expect("JSON");
    let description =
        "Servers of the Model Context Protocol (MCP), revision 2025-06-18, as components.";
    let expected = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.wasm.config.v0+json",
            "digest": Digest::of(&artifact.config).as_str(),
            "size": artifact.config.len(),
        },
        "layers": [{
            "mediaType": "application/wasm",
            "digest": Digest::of(&artifact.layer).as_str(),
            "size": artifact.layer.len(),
            "annotations": { "org.opencontainers.image.title": "mcp.wasm" },
        }],
        "annotations": {
            "org.opencontainers.image.title": "wasi:mcp@0.3.0-draft2",
            "org.opencontainers.image.version": "0.3.0-draft2",
            "org.opencontainers.image.description": description,
            "org.opencontainers.image.licenses": "A-LICENCE",
            "org.opencontainers.image.source": "https://example.com/source",
        },
    });
    assert_eq!(manifest, expected);
}

#[test]
fn the_digest_identifies_the_content() {
    assert_eq!(artifact(&package_0_3()), artifact(&package_0_3()));
    let before = artifact(&package_0_3()).digest();
    let text = changed(
        "types.wit",
        "The sender of a message",
        "The writer of a message",
    );
    assert_ne!(artifact(&text).digest(), before);
    assert_ne!(artifact(&package_0_2()).digest(), before);
}

#[test]
fn a_package_without_version_is_refused() {
    let mut source = project::source_0_3();
    for text in source.files.values_mut() {
        *text = text.replace("package wasi:mcp@0.3.0-draft2;", "package wasi:mcp;");
    }
    let package = source.parse().expect("it parses");
    let origin = Origin {
        licence: "",
        source: "",
    };
    let error = Artifact::new(&package, &origin).expect_err("it has no version");
    assert_eq!(
        error.to_string(),
        "wasi:mcp: expected a version, which becomes the tag"
    );
}

#[test]
fn a_dry_run_says_what_would_be_published() {
    let output = publish(&root(), &["--dry-run", "--registry", "ghcr.io/webassembly"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0].starts_with("would publish ghcr.io/webassembly/wasi/mcp:0.3.0-draft2 (sha256:")
    );
    assert!(
        lines[1].starts_with("would publish ghcr.io/webassembly/wasi/mcp:0.2.0-draft2 (sha256:")
    );
}

#[test]
fn a_package_that_is_out_of_date_is_not_published() {
    let folder = copy();
    let path = folder.path().join("wit/preview2/types.wit");
    let text = fs::read_to_string(&path).expect("the file can be read");
    fs::write(&path, text + "\n").expect("the file can be written");
    let output = publish(folder.path(), &["--dry-run", "--registry", "localhost"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("types.wit"));
}

#[test]
fn wrong_options_are_refused() {
    for (arguments, words) in [
        (&["--dry-run"][..], "--registry"),
        (
            &["--dry-run", "--registry", "https://ghcr.io"],
            "expected HOST[:PORT][/NAMESPACE]",
        ),
        (
            &["--dry-run", "--registry", "webassembly"],
            "expected HOST[:PORT][/NAMESPACE]",
        ),
        (
            &["--dry-run", "--registry", "ghcr.io/"],
            "expected HOST[:PORT][/NAMESPACE]",
        ),
        (
            &["--dry-run", "--registry", "ghcr.io/Web Assembly"],
            "expected HOST[:PORT][/NAMESPACE]",
        ),
        (&["--check", "--registry", "ghcr.io"], "use --dry-run"),
    ] {
        let output = publish(&root(), arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(words), "{arguments:?}: {text}");
    }
}

#[cfg(not(feature = "publish"))]
#[test]
fn a_build_without_client_says_so() {
    let output = publish(&root(), &["--registry", "localhost"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--features publish"));
}
