//! Expected failures, from a TOML file that a project keeps beside its server.
//!
//! ```toml
//! [[expected-failure]]
//! check = "tools/structured-text"          # or a pattern; or:
//! requirement = "tools.structured-text-copy"
//! target = "my-server*"                    # optional: only of this target
//! transport = "http"                       # optional: only over this transport
//! reason = "fixed by issue 17"             # required
//! ```
//!
//! A check that fails as expected does not fail the run; one that passes
//! against expectation does, so that the file never outlives its reasons.

mod update;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use globset::{Glob, GlobMatcher};
use serde::Deserialize;

use crate::checks;
use crate::model::{Identity, Run, Status, Transport, Verdict};

pub use update::{Updated, updated};

/// The known failures.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    check: Option<GlobMatcher>,
    requirement: Option<GlobMatcher>,
    target: Option<GlobMatcher>,
    transport: Option<Transport>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    expected_failure: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    check: Option<String>,
    requirement: Option<String>,
    target: Option<String>,
    transport: Option<String>,
    reason: String,
}

impl Expectations {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or is malformed, see [`parse`](Self::parse).
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is malformed", path.display()))
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    ///
    /// When it is not TOML of the form above, or an entry names no existing check or requirement,
    /// or gives no reason.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text)?;
        let entries = file.expected_failure.into_iter().map(Entry::of);
        Ok(Self {
            entries: entries.collect::<anyhow::Result<_>>()?,
        })
    }

    /// Returns true if this verdict is a known failure.
    pub fn expect(&self, target: &Identity, verdict: &Verdict) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.is_about(target, verdict))
    }

    /// Marks expected failures and unexpected passes.
    pub fn apply(&self, run: &mut Run) {
        for entry in &self.entries {
            let about: Vec<usize> = (0..run.results.len())
                .filter(|index| entry.is_about(&run.target, &run.results[*index]))
                .collect();
            let violated = |index: &&usize| run.results[**index].status.is_violation();
            let any_violated = about.iter().any(|index| violated(&index));
            for index in about {
                let verdict = &mut run.results[index];
                match verdict.status {
                    status if status.is_violation() => {
                        verdict.status = Status::ExpectedFailure;
                        verdict.reason = Some(entry.reason.clone());
                    }
                    // Not all checks of a requirement need to fail.
                    Status::Pass if !any_violated => {
                        verdict.status = Status::UnexpectedPass;
                        verdict.reason = Some(format!(
                            "passed, but was expected to fail: {}; remove its entry from the \
                             expectations, or use --update-expectations",
                            entry.reason
                        ));
                    }
                    _ => {}
                }
            }
        }
        run.recount();
    }
}

impl Entry {
    fn of(written: Written) -> anyhow::Result<Self> {
        let Written {
            check,
            requirement,
            target,
            transport,
            reason,
        } = written;
        ensure!(
            check.is_some() || requirement.is_some(),
            "an entry names neither a check nor a requirement"
        );
        let name = check
            .as_ref()
            .or(requirement.as_ref())
            .cloned()
            .unwrap_or_default();
        ensure!(
            !reason.trim().is_empty(),
            "the entry of {name} gives no reason"
        );
        let transport = transport.as_deref().map(parse_transport).transpose()?;
        let entry = Self {
            check: pattern(check)?,
            requirement: pattern(requirement)?,
            target: pattern(target)?,
            transport,
            reason,
        };
        let known = checks::all().any(|check| entry.covers(check.id, check.requirements))
            || checks::runtime::all().any(|check| entry.covers(check.id, check.requirements));
        ensure!(
            known,
            "no check matches {name}: `wasi-mcp-conformance list` names them all"
        );
        Ok(entry)
    }

    fn covers<Text: AsRef<str>>(&self, check: &str, requirements: &[Text]) -> bool {
        let met = |pattern: &Option<GlobMatcher>, name: &str| {
            pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(name))
        };
        met(&self.check, check)
            && requirements
                .iter()
                .any(|requirement| met(&self.requirement, requirement.as_ref()))
    }

    fn is_about(&self, target: &Identity, verdict: &Verdict) -> bool {
        self.covers(&verdict.check, &verdict.requirements)
            && self
                .transport
                .is_none_or(|transport| transport == target.transport)
            && self
                .target
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(&target.name))
    }
}

fn pattern(text: Option<String>) -> anyhow::Result<Option<GlobMatcher>> {
    let pattern = text.map(|text| Glob::new(&text).map(|glob| glob.compile_matcher()));
    Ok(pattern.transpose()?)
}

fn parse_transport(text: &str) -> anyhow::Result<Transport> {
    match text {
        "stdio" => Ok(Transport::Stdio),
        "http" => Ok(Transport::Http),
        _ => bail!("unknown transport `{text}`: expected stdio or http"),
    }
}

/// Returns the checks with unexpected violations, and the runs in which they occurred.
fn surprises(runs: &[Run]) -> Vec<(&Verdict, Vec<&Run>)> {
    // A warning needs no entry: with --strict it is a failure.
    let failing = |verdict: &Verdict| verdict.status.is_violation() && verdict.status.is_failure();
    let mut seen = BTreeSet::new();
    let mut surprises = Vec::new();
    for verdict in runs.iter().flat_map(|run| &run.results) {
        if failing(verdict) && seen.insert(&verdict.check) {
            let among = runs.iter().filter(|run| {
                run.results
                    .iter()
                    .any(|other| other.check == verdict.check && failing(other))
            });
            surprises.push((verdict, among.collect()));
        }
    }
    surprises
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::checks::judge;
    use crate::checks::{Finding, Judgement};
    use std::time::Duration;

    pub fn run(name: &str, outcomes: &[(&str, Judgement)]) -> Run {
        let identity = Identity {
            kind: "url".to_owned(),
            name: name.to_owned(),
            variant: None,
            world: None,
            transport: Transport::Http,
        };
        let verdicts = outcomes.iter().map(|(id, judgement)| {
            let check = checks::all().find(|check| check.id == *id);
            judge(check.expect("a check"), judgement.clone(), false)
        });
        Run::new(identity, Duration::ZERO, verdicts.collect(), Vec::new())
    }

    pub fn violation() -> Judgement {
        Err(Finding::Violation(
            "sent that; got this\nand more".to_owned(),
        ))
    }

    fn expecting(text: &str) -> Expectations {
        Expectations::parse(&format!("[[expected-failure]]\n{text}\n")).expect("well-formed")
    }

    #[test]
    fn an_expected_failure_does_not_fail_the_run() {
        let expectations = expecting("check = 'ping/respond'\nreason = 'known'");
        let mut run = run(
            "a",
            &[("ping/respond", violation()), ("tools/utf-8", violation())],
        );
        expectations.apply(&mut run);
        assert_eq!(run.results[0].status, Status::ExpectedFailure);
        assert_eq!(run.results[0].reason.as_deref(), Some("known"));
        assert_eq!(run.summary.of(Status::ExpectedFailure), 1);
        assert_eq!(run.summary.failures(), 1, "the other one still fails");
    }

    #[test]
    fn an_unexpected_pass_fails_the_run() {
        let expectations = expecting("check = 'ping/respond'\nreason = 'known'");
        let mut run = run("a", &[("ping/respond", Ok(String::new()))]);
        expectations.apply(&mut run);
        assert_eq!(run.results[0].status, Status::UnexpectedPass);
        let reason = run.results[0].reason.as_deref().unwrap_or_default();
        assert!(
            reason.starts_with("passed, but was expected to fail: known; remove its entry"),
            "{reason}"
        );
        assert_eq!(run.summary.failures(), 1);
    }

    #[test]
    fn a_requirement_needs_one_failing_check() {
        let expectations = expecting("requirement = 'base.response.same-id'\nreason = 'known'");
        let passed = || Ok(String::new());
        let mut some = run(
            "a",
            &[("base/same-id", passed()), ("base/large-id", violation())],
        );
        expectations.apply(&mut some);
        assert_eq!(some.results[0].status, Status::Pass);
        assert_eq!(some.results[1].status, Status::ExpectedFailure);
        let mut none = run(
            "a",
            &[("base/same-id", passed()), ("base/large-id", passed())],
        );
        expectations.apply(&mut none);
        assert_eq!(none.summary.of(Status::UnexpectedPass), 2);
    }

    #[test]
    fn an_entry_may_be_about_one_target_or_transport() {
        let expectations =
            expecting("check = 'ping/*'\ntarget = 'b*'\ntransport = 'http'\nreason = 'known'");
        for (name, expected) in [("abc", Status::Fail), ("bcd", Status::ExpectedFailure)] {
            let mut run = run(name, &[("ping/respond", violation())]);
            expectations.apply(&mut run);
            assert_eq!(run.results[0].status, expected, "{name}");
        }
        let elsewhere = expecting("check = 'ping/*'\ntransport = 'stdio'\nreason = 'known'");
        let mut run = run("a", &[("ping/respond", violation())]);
        elsewhere.apply(&mut run);
        assert_eq!(run.results[0].status, Status::Fail);
    }

    #[test]
    fn malformed_files_are_rejected_with_a_reason() {
        for (text, reason) in [
            ("reason = 'a'", "neither a check nor a requirement"),
            ("check = 'ping/respond'", "reason"),
            ("check = 'ping/respond'\nreason = ' '", "gives no reason"),
            (
                "check = 'no/such'\nreason = 'a'",
                "no check matches no/such",
            ),
            (
                "check = 'ping/*'\nreason = 'a'\ntransport = 'pigeon'",
                "unknown transport",
            ),
            ("check = 'ping/*'\nreason = 'a'\nchek = 'b'", "chek"),
        ] {
            let error = Expectations::parse(&format!("[[expected-failure]]\n{text}\n"))
                .err()
                .unwrap_or_else(|| panic!("{text} is taken"));
            assert!(format!("{error:#}").contains(reason), "{text}: {error:#}");
        }
    }
}
