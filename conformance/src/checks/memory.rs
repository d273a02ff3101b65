//! Checks of what a server tells later of what happened earlier. Where each call
//! has an instance of its own there is nothing to tell, and the host says so by
//! what it does not declare: they are skipped with that reason.

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

/// Why such a check is skipped.
pub const REASON: &str =
    "each call has an instance of its own, which remembers nothing of earlier calls";

/// What a check says of a server that remembers nothing from one call to the
/// next: where a check that needs memory had nothing to judge, this is why.
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
                "{name} is no check"
            );
        }
    }
}
