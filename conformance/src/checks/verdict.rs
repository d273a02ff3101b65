//! Verdicts on checks.

use std::collections::BTreeMap;
use std::time::Duration;

use super::check::About;
use crate::model::requirements::catalog;
use crate::model::{Clause, Finding, Judgement, Level, Status, Verdict};
use crate::runtime;

/// Turns the result of a check into a verdict. A violation of a MUST is a failure; of anything
/// less, a warning, or a failure in a strict run.
pub fn judge(check: impl Into<About>, judgement: Judgement, strict: bool) -> Verdict {
    let check = check.into();
    let level = check.level;
    let less = if strict { Status::Fail } else { Status::Warn };
    let (status, message, reason) = match judgement {
        Ok(message) => (Status::Pass, message, None),
        Err(Finding::Violation(message)) if level == Level::Must => (Status::Fail, message, None),
        Err(Finding::Violation(message) | Finding::Warning(message)) => (less, message, None),
        Err(Finding::Skip(reason)) => (Status::Skip, String::new(), Some(reason)),
        Err(Finding::Broken(message)) => (Status::HarnessError, message, None),
    };
    let mut verdict = bare(check, status, message, reason);
    if status.is_violation() {
        verdict.clauses = clauses(&verdict.requirements);
    }
    verdict
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
