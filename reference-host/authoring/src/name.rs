//! Names of projects.

use std::fmt;
use std::str::FromStr;

/// A name that cargo, npm and pip take as the name of a package: lowercase letters, digits and single
/// hyphens between them, a letter first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectName(String);

/// An invalid project name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected at most 64 lowercase letters, digits and single hyphens, starting with a letter and \
     ending in a letter or digit, and not a reserved name such as `fn` or `test`: for example \
     `my-server`"
)]
pub struct InvalidName;

/// Names that a package of some language cannot have, or that would hide its library.
const RESERVED: [&str; 12] = [
    "app",
    "build",
    "core",
    "deps",
    "examples",
    "incremental",
    "self",
    "std",
    "target",
    "test",
    "vendor",
    "wasi-mcp",
];

impl FromStr for ProjectName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let is_word = |word: &str| {
            let mut letters = word.bytes();
            !word.is_empty() && letters.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        };
        let is_name = text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.split('-').all(is_word)
            && text.len() <= 64
            && !RESERVED.contains(&text)
            && !RUST_WORDS.contains(&text);
        is_name.then(|| Self(text.to_owned())).ok_or(InvalidName)
    }
}

/// The keywords of Rust, which cannot name a crate.
const RUST_WORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe",
    "unsized", "use", "virtual", "where",
];

impl fmt::Display for ProjectName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_all_package_managers() {
        for name in ["hello", "my-server", "a1-2b"] {
            assert_eq!(name.parse::<ProjectName>().unwrap().to_string(), name);
        }
        for name in [
            "", "1st", "-a", "a-", "a--b", "A", "a_b", "a.b", "../a", "ä", "fn", "test", "wasi-mcp",
        ] {
            assert_eq!(name.parse::<ProjectName>(), Err(InvalidName), "{name}");
        }
        assert!("a".repeat(65).parse::<ProjectName>().is_err());
    }
}
