//! Patterns for names of checks, requirements and areas.

use std::fmt;
use std::str::FromStr;

use globset::{Glob, GlobMatcher};

/// A pattern with `*`, `?`, `[…]` and `{a,b}`. It matches whole names, and everything below a name:
/// `tools` matches `tools.unique-names` and `tools/unique-names`, but not `toolset`.
#[derive(Clone, Debug)]
pub(super) struct Pattern(GlobMatcher);

impl Pattern {
    /// Returns true if the pattern matches the name or a parent of it.
    pub(super) fn matches(&self, name: &str) -> bool {
        let ends = name.match_indices(['.', '/']).map(|(index, _)| index);
        ends.chain([name.len()])
            .any(|end| self.0.is_match(&name[..end]))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.glob().glob())
    }
}

impl FromStr for Pattern {
    type Err = globset::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(Glob::new(text)?.compile_matcher()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names_and_everything_below() {
        let matches = |pattern: &str, name: &str| {
            let pattern: Pattern = pattern.parse().expect("it is a pattern");
            pattern.matches(name)
        };
        assert!(matches("tools", "tools.unique-names"));
        assert!(matches("tools", "tools/unique-names"));
        assert!(matches("transport/http", "transport/http/get"));
        assert!(matches("*.unique-*", "tools.unique-names"));
        assert!(matches("{tools,prompts}.*", "prompts.declare"));
        assert!(!matches("tools", "toolset.unique"));
        assert!(!matches("unique", "tools.unique-names"));
        assert!("[".parse::<Pattern>().is_err());
    }
}
