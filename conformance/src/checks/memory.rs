//! Checks that need memory between calls. When each call has its own instance, the host declares
//! fewer capabilities and these checks are skipped with that reason.

use crate::model::{Finding, Judgement};

/// The checks that need memory between calls, or a declaration that needs it.
const CHECKS: &[&str] = &[
    "roots/refetch",
    "prompts/list-changed",
    "prompts/list-changed-declared",
    "resources/subscribe",
    "resources/unsubscribe-unknown",
    "resources/updated-on-change",
    "resources/updated-only-subscribed",
    "resources/updated-capability",
    "resources/updated-shape",
    "resources/list-changed",
    "resources/list-changed-declared",
    "tools/list-changed",
    "tools/list-changed-declared",
];

/// The reason for skipping such a check.
pub const REASON: &str = "each call has its own instance, without memory of earlier calls";

/// Replaces the reason of a skip for a server without memory between calls, if the check needs
/// memory.
pub fn without(check: &str, judgement: Judgement) -> Judgement {
    match judgement {
        Err(Finding::Skip(_)) if CHECKS.contains(&check) => Err(Finding::Skip(REASON.to_owned())),
        judgement => judgement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checks_exist() {
        for name in CHECKS {
            assert!(
                super::super::all().any(|check| check.id == *name),
                "unknown check {name}"
            );
        }
    }
}
