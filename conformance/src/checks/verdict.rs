//! Verdicts on checks.

use std::collections::BTreeMap;
use std::time::Duration;

use super::check::About;
use crate::model::requirements::catalog;
use crate::model::{Clause, Finding, Judgement, Level, Status, Verdict};
use crate::runtime;

/// Turns the result of a check into a verdict. A violation of a MUST is a failure if a sentence
/// binds the server; of anything less, a warning, or a failure in a strict run.
pub fn judge(check: impl Into<About>, judgement: Judgement, strict: bool) -> Verdict {
    let check = check.into();
    let level = check.level;
    let less = if strict { Status::Fail } else { Status::Warn };
    let binding = binds_the_judged(check.requirements);
    let cites = !matches!(judgement, Err(Finding::Remark(_)));
    let (status, message, reason) = match judgement {
        Ok(message) => (Status::Pass, message, None),
        Err(Finding::Violation(message)) if level == Level::Must && binding => {
            (Status::Fail, message, None)
        }
        Err(Finding::Violation(message)) if level == Level::Must => {
            let why = "the sentence binds another party, so this is leniency";
            (less, format!("{message}\n{why}"), None)
        }
        Err(Finding::Crash(message)) => (Status::Crash, message, None),
        Err(Finding::Violation(message) | Finding::Warning(message) | Finding::Remark(message)) => {
            (less, message, None)
        }
        Err(Finding::Skip(reason)) => (Status::Skip, String::new(), Some(reason)),
        Err(Finding::Broken(message)) => (Status::HarnessError, message, None),
    };
    let mut verdict = bare(check, status, message, reason);
    if cites && status.is_violation() {
        verdict.clauses = clauses(&verdict.requirements);
    }
    verdict
}

/// Returns true if a requirement binds the judged party: the server for MCP, the host for the
/// interface.
fn binds_the_judged(requirements: &[&str]) -> bool {
    let binds = |id: &&str| {
        let row = catalog().get(id);
        row.is_none_or(|row| row.binds.includes_server())
    };
    requirements.iter().any(binds)
}

/// Returns the verdict on a check that was not made.
pub fn skipped(check: About, reason: &str) -> Verdict {
    bare(check, Status::Skip, String::new(), Some(reason.to_owned()))
}

fn bare(check: About, status: Status, message: String, reason: Option<String>) -> Verdict {
    let requirements = check.requirements.iter().map(|id| (*id).to_owned());
    Verdict {
        check: check.id.to_owned(),
        intent: check.intent.to_owned(),
        requirements: requirements.collect(),
        level: check.level,
        status,
        message,
        reason,
        duration: Duration::ZERO,
        repetitions: BTreeMap::new(),
        clauses: Vec::new(),
        wire: Vec::new(),
    }
}

/// Returns the clauses of requirements of MCP or of the interface `wasi:mcp`.
pub fn clauses(requirements: &[String]) -> Vec<Clause> {
    let of_mcp = |id: &str| catalog().get(id).map(|row| (row.requirement, row.link()));
    let of_the_interface =
        |id: &str| runtime::requirements::get(id).map(|row| (row.requirement, row.link()));
    let clauses = requirements.iter().filter_map(|id| {
        let (text, link) = of_mcp(id).or_else(|| of_the_interface(id))?;
        Some(Clause {
            requirement: id.clone(),
            text: text.to_owned(),
            link,
        })
    });
    clauses.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(requirement: &'static str, finding: Finding, strict: bool) -> Verdict {
        let check = About {
            id: "page/subject",
            intent: "Is judged.",
            requirements: Box::leak(Box::new([requirement])),
            level: catalog().get(requirement).expect("the row exists").level,
        };
        judge(check, Err(finding), strict)
    }

    fn status(requirement: &'static str, strict: bool) -> Status {
        judged(requirement, Finding::Violation("no".to_owned()), strict).status
    }

    #[test]
    fn a_remark_cites_no_requirement() {
        let text = || "no".to_owned();
        let remark = judged("ping.respond", Finding::Remark(text()), false);
        assert_eq!((remark.status, remark.clauses.len()), (Status::Warn, 0));
        let warning = judged("ping.respond", Finding::Warning(text()), false);
        assert_eq!((warning.status, warning.clauses.len()), (Status::Warn, 1));
    }

    #[test]
    fn a_crash_is_one_whatever_the_level() {
        for id in ["ping.respond", "completion.ranked"] {
            let crash = judged(id, Finding::Crash("it died".to_owned()), false);
            assert_eq!(crash.status, Status::Crash, "{id}");
        }
    }

    #[test]
    fn only_a_must_that_binds_the_server_is_failed() {
        assert_eq!(status("ping.respond", false), Status::Fail);
        assert_eq!(status("completion.ref-kinds", false), Status::Warn);
        assert_eq!(status("completion.ref-kinds", true), Status::Fail);
        assert_eq!(status("completion.ranked", false), Status::Warn);
    }
}
