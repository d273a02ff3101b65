//! Components in registries: `push`, `pull`, references in place of files, aliases and profiles.

#[path = "../command/mod.rs"]
mod command;
#[path = "../../../registry/tests/support/docker.rs"]
mod docker;
#[path = "../../../registry/tests/support/fake.rs"]
mod fake;
#[path = "../../../host/tests/messages/mod.rs"]
mod messages;

mod aliases;
mod published;
mod references;

use std::collections::BTreeMap;
use std::path::PathBuf;

use command::{GuestFile, Outcome, run, wasi_mcp};
use fake::FakeRegistry;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;
use wasi_mcp_registry::{Artifact, Content, Digest};

/// The home of a person with nothing in it, which is the current folder, too.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Writes a guest.
    fn guest(&self, guest: &str, name: &str) {
        self.write(name, bytes(guest));
    }

    /// The names of the visible files.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// Returns the command, without configuration and credentials of whoever runs the test.
    fn command(&self, line: &[&str]) -> Command {
        let mut command = wasi_mcp();
        command
            .args(line)
            .current_dir(self.0.path())
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env_remove("DOCKER_CONFIG")
            .env_remove("REGISTRY_AUTH_FILE")
            .env_remove("XDG_RUNTIME_DIR");
        command
    }

    async fn run(&self, line: &[&str]) -> Outcome {
        run(&mut self.command(line)).await
    }

    /// Runs a command that succeeds, and returns its standard output.
    async fn printed(&self, line: &[&str]) -> String {
        let outcome = self.run(line).await;
        assert_eq!(outcome.code, Some(0), "{line:?}: {outcome:?}");
        outcome.stdout
    }

    /// Runs a command that prints JSON.
    async fn json(&self, line: &[&str]) -> Value {
        serde_json::from_str(&self.printed(line).await).unwrap()
    }

    /// Runs a command that fails with this status, and these parts in the last line.
    async fn refused(&self, line: &[&str], status: i32, parts: &[&str]) {
        let outcome = self.run(line).await;
        assert_eq!(outcome.code, Some(status), "{line:?}: {outcome:?}");
        assert_eq!(outcome.stdout, "", "{line:?}: {outcome:?}");
        let last = outcome.stderr.lines().last().unwrap_or_default();
        assert!(last.starts_with("error: "), "{line:?}: {outcome:?}");
        for part in parts {
            assert!(last.contains(part), "{line:?}: {part:?} is not in {last:?}");
        }
    }
}

fn bytes(guest: &str) -> Vec<u8> {
    let file = GuestFile::write(guest);
    std::fs::read(file.path()).unwrap()
}

fn artifact(component: Vec<u8>) -> Artifact {
    let content = Content::of_component(&component).unwrap();
    Artifact::new(component, &content, "hello.wasm", BTreeMap::new())
}

/// A registry with `hello:1`. Returns the reference and the digest.
fn with_hello() -> (FakeRegistry, String, Digest) {
    let registry = FakeRegistry::start();
    let digest = registry.store("hello", "1", &artifact(bytes("hello-0.3")));
    let reference = format!("{}/hello:1", registry.host());
    (registry, reference, digest)
}
