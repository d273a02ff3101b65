//! The suite's conduct towards the tools of a server with real effects.

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde_json::Value;

use crate::model::DEFAULT_SEED;

/// The selection of tools that are called, and the seed of their arguments.
#[derive(Clone, Debug)]
pub struct Conduct {
    /// True if tools annotated as destructive are called.
    pub destructive: bool,
    /// The seed of randomly generated arguments.
    pub seed: u64,
    /// Names of tools that are never called.
    pub(crate) skipped: GlobSet,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            destructive: false,
            seed: DEFAULT_SEED,
            skipped: GlobSet::empty(),
        }
    }
}

impl Conduct {
    /// Excludes the tools whose names match one of these patterns.
    ///
    /// # Errors
    ///
    /// When a pattern is malformed.
    pub fn skip(&mut self, patterns: &[String]) -> Result<(), globset::Error> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            set.add(Glob::new(pattern)?);
        }
        self.skipped = set.build()?;
        Ok(())
    }

    /// Returns the reason for not calling a tool, if there is one.
    pub fn refusal(&self, tool: &Value) -> Option<&'static str> {
        let name = tool["name"].as_str().unwrap_or_default();
        if self.skipped.is_match(name) {
            return Some("skipped by --skip-tool");
        }
        (is_destructive(tool) && !self.destructive)
            .then_some("it is annotated as destructive (--destructive calls it)")
    }
}

/// Returns true if a tool is declared destructive. The default of the hint is not applied: nearly
/// all tools omit it, and none could be called.
fn is_destructive(tool: &Value) -> bool {
    let hints = &tool["annotations"];
    hints["destructiveHint"] == true && hints["readOnlyHint"] != true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn skipped_tools_are_never_called_and_destructive_ones_only_on_request() {
        let tool = |name: &str, destructive: bool| json!({"name": name, "annotations": {"destructiveHint": destructive}});
        let mut conduct = Conduct::default();
        assert_eq!(conduct.refusal(&tool("delete_all", false)), None);
        let told = conduct.refusal(&tool("delete_all", true));
        assert!(told.is_some_and(|why| why.contains("--destructive")));
        conduct.destructive = true;
        assert_eq!(conduct.refusal(&tool("delete_all", true)), None);
        conduct
            .skip(&["delete_*".to_owned(), "x".to_owned()])
            .expect("patterns");
        let skipped = Some("skipped by --skip-tool");
        assert_eq!(conduct.refusal(&tool("delete_all", true)), skipped);
        assert_eq!(conduct.refusal(&tool("x", false)), skipped);
        assert_eq!(conduct.refusal(&tool("xy", false)), None);
        assert!(conduct.skip(&["[".to_owned()]).is_err());
    }
}
