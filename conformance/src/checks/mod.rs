//! The checks of servers: one file for each page of the specification, and one small function for
//! each check.

/// Defines a check that drives the server.
macro_rules! check {
    ($id:literal, $intent:literal, [$($requirement:literal),+ $(,)?], $function:path) => {
        check!(Everywhere $id, $intent, [$($requirement),+], $function)
    };
    ($scope:ident $id:literal, $intent:literal, [$($requirement:literal),+ $(,)?], $function:path) => {
        $crate::checks::Check {
            id: $id,
            intent: $intent,
            requirements: &[$($requirement),+],
            scope: $crate::checks::Scope::$scope,
            probe: $crate::checks::Probe::Active(|context| Box::pin($function(context))),
        }
    };
}

/// Defines a check of the evidence of all sessions.
macro_rules! observe {
    ($id:literal, $intent:literal, [$($requirement:literal),+ $(,)?], $function:expr) => {
        observe!(Everywhere $id, $intent, [$($requirement),+], $function)
    };
    ($scope:ident $id:literal, $intent:literal, [$($requirement:literal),+ $(,)?], $function:expr) => {
        $crate::checks::Check {
            id: $id,
            intent: $intent,
            requirements: &[$($requirement),+],
            scope: $crate::checks::Scope::$scope,
            probe: $crate::checks::Probe::Observer($function),
        }
    };
}

/// Defines a check of the shape of messages: methods (all if none is named), definitions, rules.
macro_rules! shape {
    ($id:literal, $intent:literal, [$($requirement:literal),+ $(,)?],
     [$($method:literal),* $(,)?], [$($definition:literal),* $(,)?], [$($rule:expr),+ $(,)?] $(, at $path:literal)?) => {
        $crate::checks::Check {
            id: $id,
            intent: $intent,
            requirements: &[$($requirement),+],
            scope: $crate::checks::Scope::Everywhere,
            probe: $crate::checks::Probe::Shape($crate::checks::ShapeFilter {
                methods: &[$($method),*],
                definitions: &[$($definition),*],
                rules: &[$($rule),+],
                path: shape!(@path $($path)?),
            }),
        }
    };
    (@path $path:literal) => { $path };
    (@path) => { "" };
}

pub mod authorization;
pub mod base;
pub mod boundaries;
pub mod canaries;
pub mod cancellation;
pub mod capabilities;
pub mod changes;
pub mod check;
pub mod completion;
pub mod component;
pub mod context;
pub mod elicitation;
pub(crate) mod environment;
pub mod failures;
pub mod http;
pub mod lifecycle;
pub mod logging;
pub mod mangling;
pub mod memory;
pub mod messages;
pub mod pagination;
pub mod ping;
pub mod progress;
pub mod prompts;
pub mod resources;
pub mod roots;
pub mod runtime;
pub mod sampling;
pub mod stdio;
pub mod tally;
pub mod timeouts;
pub mod tools;
pub(crate) mod unlisted;
pub mod verdict;

pub use crate::model::{Finding, Judgement};
pub use check::{About, Check, Probe, Scope, ShapeFilter};
pub use context::CheckContext;
pub(crate) use environment::CheckEnvironment;
pub use tally::Tally;
pub use verdict::judge;

/// Returns all checks in the order of the specification.
pub fn all() -> impl Iterator<Item = &'static Check> {
    const PAGES: &[&[Check]] = &[
        base::CHECKS,
        messages::CHECKS,
        lifecycle::CHECKS,
        timeouts::CHECKS,
        stdio::CHECKS,
        http::CHECKS,
        authorization::CHECKS,
        ping::CHECKS,
        cancellation::CHECKS,
        progress::CHECKS,
        roots::CHECKS,
        boundaries::CHECKS,
        sampling::CHECKS,
        elicitation::CHECKS,
        prompts::CHECKS,
        resources::CHECKS,
        tools::CHECKS,
        completion::CHECKS,
        logging::CHECKS,
        canaries::CHECKS,
        pagination::CHECKS,
    ];
    PAGES.iter().flat_map(|page| page.iter())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::model::requirements::catalog;

    #[test]
    fn every_check_names_existing_requirements_of_one_level() {
        for check in all() {
            assert!(
                !check.requirements.is_empty(),
                "{} judges nothing",
                check.id
            );
            let levels: HashSet<_> = check
                .requirements
                .iter()
                .map(|id| {
                    catalog().get(id).unwrap_or_else(|| {
                        panic!("{} names the unknown requirement `{id}`", check.id)
                    })
                })
                .inspect(|row| {
                    assert!(
                        row.server_testable,
                        "{}: {} cannot be observed on a server",
                        check.id, row.id
                    )
                })
                .map(|row| format!("{}", row.level))
                .collect();
            assert_eq!(
                levels.len(),
                1,
                "{} mixes levels: a violation would be both failure and warning",
                check.id
            );
        }
    }

    #[test]
    fn every_check_has_a_unique_name_and_an_intent() {
        let mut names = HashSet::new();
        for check in all() {
            assert!(names.insert(check.id), "duplicate check {}", check.id);
            assert!(
                check.id.split('/').count() == 2,
                "{} is not page/subject",
                check.id
            );
            assert!(
                check.intent.ends_with('.'),
                "{} has no sentence of intent",
                check.id
            );
        }
    }

    #[test]
    fn every_watch_names_definitions_and_methods_that_exist() {
        use crate::wire::{definitions, methods};
        let known = |name: &str| {
            name == "PrimitiveSchemaDefinition"
                || definitions::ALL.iter().any(|record| record.name == name)
        };
        for check in all() {
            if let Probe::Shape(filter) = &check.probe {
                filter.methods.iter().for_each(|name| {
                    assert!(methods::find(name).is_some(), "{}: {name}", check.id)
                });
                filter
                    .definitions
                    .iter()
                    .for_each(|name| assert!(known(name), "{}: {name}", check.id));
            }
        }
    }
}
