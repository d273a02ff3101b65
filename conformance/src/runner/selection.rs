//! The selection of checks.

use globset::{Glob, GlobMatcher};

use crate::checks::{self, Check};
use crate::model::Identity;
use crate::survey::Conduct;

/// The selection of checks, and the conduct towards tools.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    filters: Vec<Filter>,
    /// True if tools annotated as destructive are called.
    pub destructive: bool,
    /// The seed of randomly generated arguments, if not the default one.
    pub seed: Option<u64>,
    /// Name patterns of tools that are never called.
    pub skipped_tools: Vec<String>,
}

/// A part of a name, or a pattern for the whole name.
#[derive(Clone, Debug)]
struct Filter {
    text: String,
    pattern: Option<GlobMatcher>,
}

impl Filter {
    fn parse(text: String) -> Result<Self, globset::Error> {
        let pattern = if text.contains(['*', '?', '[', '{']) {
            Some(Glob::new(&text)?.compile_matcher())
        } else {
            None
        };
        Ok(Self { text, pattern })
    }

    fn meets(&self, name: &str) -> bool {
        match &self.pattern {
            Some(pattern) => pattern.is_match(name),
            None => name.contains(&self.text),
        }
    }

    fn includes(&self, check: &Check) -> bool {
        self.is_about(check.id, check.requirements)
    }

    fn is_about(&self, check: &str, requirements: &[&str]) -> bool {
        std::iter::once(check)
            .chain(requirements.iter().copied())
            .any(|name| self.meets(name))
    }
}

impl Selection {
    /// Selects the checks whose name or one of whose requirements matches one of these filters: a
    /// part of the name or, with `*`, `?`, `[` or `{`, a pattern for all of it. Selects all checks
    /// if there is no filter.
    ///
    /// # Errors
    ///
    /// When a pattern is malformed.
    pub fn of<Text: Into<String>>(
        filters: impl IntoIterator<Item = Text>,
    ) -> Result<Self, globset::Error> {
        let filters = filters.into_iter().map(|text| Filter::parse(text.into()));
        Ok(Self {
            filters: filters.collect::<Result<_, _>>()?,
            ..Self::default()
        })
    }

    /// Returns the conduct towards the server's tools.
    ///
    /// # Errors
    ///
    /// When a pattern of a tool's name is malformed.
    pub fn conduct(&self) -> Result<Conduct, globset::Error> {
        let mut conduct = Conduct {
            destructive: self.destructive,
            ..Conduct::default()
        };
        conduct.seed = self.seed.unwrap_or(conduct.seed);
        conduct.skip(&self.skipped_tools)?;
        Ok(conduct)
    }

    /// Returns the patterns of skipped tools that match none of these tools.
    ///
    /// # Errors
    ///
    /// When a pattern is malformed.
    pub fn unmet_tools(&self, names: &[&str]) -> Result<Vec<&str>, globset::Error> {
        let mut unmet = Vec::new();
        for pattern in &self.skipped_tools {
            let matcher = Glob::new(pattern)?.compile_matcher();
            if !names.iter().any(|name| matcher.is_match(name)) {
                unmet.push(pattern.as_str());
            }
        }
        Ok(unmet)
    }

    /// Returns the names of all checks, and of the requirements that they judge: everything that a
    /// filter can match.
    pub fn names() -> Vec<&'static str> {
        let servers = checks::all().map(|check| (check.id, check.requirements));
        let components = checks::component::CHECKS.iter();
        let components = components.map(|check| (check.id, check.requirements));
        let runtimes = checks::runtime::all().map(|check| (check.id, check.requirements));
        let all: Vec<_> = servers.chain(components).chain(runtimes).collect();
        let ids = all.iter().map(|(id, _)| *id);
        let requirements = all.iter().flat_map(|(_, rows)| rows.iter().copied());
        ids.chain(requirements).collect()
    }

    /// Returns the filters that match no check.
    pub fn unmet(&self) -> Vec<&str> {
        let unmet = self.filters.iter().filter(|filter| {
            !checks::all().any(|check| filter.includes(check))
                && !checks::runtime::all()
                    .any(|check| filter.is_about(check.id, check.requirements))
                && !checks::component::CHECKS
                    .iter()
                    .any(|check| filter.is_about(check.id, check.requirements))
        });
        unmet.map(|filter| filter.text.as_str()).collect()
    }

    /// Returns true if any check of this target is selected.
    pub fn applies_to(&self, target: &Identity) -> bool {
        let transport = target.transport;
        checks::all().any(|check| check.scope.includes(transport) && self.includes(check))
            || target.is_component()
                && checks::component::CHECKS
                    .iter()
                    .any(|check| self.meets(check.id, check.requirements))
    }

    /// Returns true if a check of any kind with this name and these requirements is selected.
    pub fn meets(&self, check: &str, requirements: &[&str]) -> bool {
        let mut filters = self.filters.iter();
        self.filters.is_empty() || filters.any(|filter| filter.is_about(check, requirements))
    }

    /// Returns true if this check is selected.
    pub fn includes(&self, check: &Check) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| filter.includes(check))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(filter: &str) -> Vec<&'static str> {
        let selection = Selection::of([filter]).expect("a filter");
        let chosen = checks::all().filter(|check| selection.includes(check));
        chosen.map(|check| check.id).collect()
    }

    #[test]
    fn a_filter_is_a_part_of_a_name_or_a_pattern() {
        assert!(chosen("ping/").contains(&"ping/respond"));
        assert_eq!(chosen("ping/resp*"), ["ping/respond"]);
        assert!(
            chosen("resp*").is_empty(),
            "a pattern must match the whole name"
        );
        assert!(
            chosen("tools.unique-*").contains(&"tools/unique-names"),
            "requirements count"
        );
        assert!(Selection::of(["[a"]).is_err());
        assert_eq!(
            Selection::of(["ping/", "no/such"])
                .expect("filters")
                .unmet(),
            ["no/such"]
        );
    }
}
