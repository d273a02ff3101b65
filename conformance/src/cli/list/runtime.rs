//! The list of the checks of a runtime.

use anyhow::ensure;

use super::{ListOptions, ListedCheck, named, only};
use crate::checks::runtime::{RuntimeCheck, all};
use crate::runtime::proof::faults;

/// Returns the checks that the options select, and their total number.
///
/// # Errors
///
/// When the options are about MCP.
pub(super) fn checks(options: &ListOptions) -> anyhow::Result<(Vec<ListedCheck>, usize)> {
    ensure!(
        options.area.is_none() && options.party.is_none(),
        "--area and --party are about MCP, and checks of a runtime judge wasi:mcp: use --id"
    );
    let checks = all().filter(|check| wants(options, check));
    let checks = checks.map(|check| ListedCheck {
        check: check.id,
        intent: check.intent,
        level: check.level(),
        transport: only(check.scope),
        requirements: check.requirements,
    });
    Ok((checks.collect(), all().count()))
}

fn wants(options: &ListOptions, check: &RuntimeCheck) -> bool {
    let names = check.requirements.iter().copied().chain([check.id]);
    named(&options.id, names)
        && options.level.is_none_or(|level| check.level() == level)
        && options
            .transport
            .is_none_or(|seen| check.scope.includes(seen.transport()))
        && !(options.uncovered && faults().iter().any(|fault| fault.check == check.id))
}
