//! The checks of a runtime: whether a host keeps to the interface `wasi:mcp`.
//! The probes try it from inside, the suite watches it from outside.

use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use serde_json::{Map, Value};

use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::ask;
use crate::checks::{About, Finding, Judgement, Scope, Tally};
use crate::driver::Session;
use crate::model::Level;
use crate::runtime::{Base, requirements};

/// A check of a runtime: name, intent, requirements, the builds of the probes
/// that show it, the function.
macro_rules! runtime_check {
    ($id:literal, $intent:literal, [$($requirement:literal),+ $(,)?], $bases:expr, $function:path) => {
        runtime_check!(Everywhere $id, $intent, [$($requirement),+], $bases, $function)
    };
    ($scope:ident $id:literal, $intent:literal, [$($requirement:literal),+ $(,)?], $bases:expr, $function:path) => {
        $crate::checks::runtime::RuntimeCheck {
            id: $id,
            intent: $intent,
            requirements: &[$($requirement),+],
            bases: $bases,
            scope: $crate::checks::Scope::$scope,
            function: stringify!($function),
            run: |stand| Box::pin($function(stand)),
        }
    };
}

pub mod asking;
pub mod cancellation;
pub mod concurrency;
pub mod context;
pub mod denial;
pub mod faults;
pub mod identity;
pub mod isolation;
pub mod kinds;
pub mod lifecycle;
pub mod limits;
pub mod logging;
pub mod mapping;
pub mod progress;
pub mod records;
pub mod registration;
pub mod services;
pub mod sources;
pub mod stand;
pub mod streams;
pub mod subscriptions;
mod whole;

/// A check of a runtime.
pub struct RuntimeCheck {
    /// Its name: `runtime-`, group, slash, subject.
    pub id: &'static str,
    /// Its purpose, in one sentence.
    pub intent: &'static str,
    /// The requirements of the interface that it judges, all of the same level.
    pub requirements: &'static [&'static str],
    /// The builds of the probes that show it.
    pub bases: &'static [Base],
    /// On which transports it applies.
    pub scope: Scope,
    /// The name of the function that makes it.
    function: &'static str,
    /// Judges the runtime.
    pub run: for<'a> fn(&'a Stand) -> BoxFuture<'a, Judgement>,
}

impl From<&RuntimeCheck> for About {
    fn from(check: &RuntimeCheck) -> Self {
        Self {
            id: check.id,
            intent: check.intent,
            requirements: check.requirements,
            level: check.level(),
        }
    }
}

impl RuntimeCheck {
    /// The level of its requirements.
    pub fn level(&self) -> Level {
        let rows = self
            .requirements
            .iter()
            .filter_map(|id| requirements::get(id));
        rows.map(|row| row.level).max().unwrap_or(Level::May)
    }
}

/// All checks of a runtime.
pub fn all() -> impl Iterator<Item = &'static RuntimeCheck> {
    const GROUPS: &[&[RuntimeCheck]] = &[
        lifecycle::CHECKS,
        registration::CHECKS,
        services::CHECKS,
        context::CHECKS,
        progress::CHECKS,
        logging::CHECKS,
        asking::CHECKS,
        denial::CHECKS,
        identity::CHECKS,
        cancellation::CHECKS,
        faults::CHECKS,
        limits::CHECKS,
        concurrency::CHECKS,
        isolation::CHECKS,
        subscriptions::CHECKS,
        streams::CHECKS,
        mapping::CHECKS,
        records::CHECKS,
        kinds::CHECKS,
    ];
    GROUPS.iter().flat_map(|group| group.iter())
}

/// Steps of a probe, and what a host has to answer to each.
type Expected<'a> = &'a [(&'a str, &'a str)];

/// Compares what a probe told with what its host has to answer.
fn compare(tally: &mut Tally, tool: &str, told: &Map<String, Value>, expected: Expected<'_>) {
    for (step, right) in expected {
        let came = told.get(*step).unwrap_or(&Value::Null);
        tally.expect(came == right, || {
            format!("the tool {tool} of the probes expected `{right}` at the step `{step}`; the host answered {came}")
        });
    }
}

/// Compares one step of what a probe told after something was done.
fn compare_one(
    tally: &mut Tally,
    done: &str,
    told: &Map<String, Value>,
    step: &str,
    right: &Value,
) {
    let came = told.get(step).unwrap_or(&Value::Null);
    tally.expect(came == right, || {
        format!("{done}; expected the probe to see {right} as `{step}`; it saw {came}")
    });
}

/// Calls a tool of the probes and compares what it tells.
async fn answers(stand: &Stand, tool: &str, expected: Expected<'_>) -> Judgement {
    let session = stand.session().await?;
    let told = ask(&session, tool).await?;
    let mut tally = Tally::default();
    compare(&mut tally, tool, &told, expected);
    tally.judge("answers of the host were right", "")
}

/// Asks a tool of the probes until it tells something.
async fn told_later(session: &Session, tool: &str) -> Result<Map<String, Value>, Finding> {
    let began = Instant::now();
    loop {
        let told = ask(session, tool).await;
        if told.is_ok() || began.elapsed() >= session.timing().answer {
            return told;
        }
        tokio::time::sleep(session.timing().quiet).await;
    }
}

/// Gives a call time to begin.
async fn begun(session: &Session) {
    let least = Duration::from_millis(50);
    tokio::time::sleep(session.timing().quiet.max(least)).await;
}

/// A violation that says what was expected and what came.
fn violation<T>(expected: &str, came: impl std::fmt::Display) -> Result<T, Finding> {
    Err(Finding::Violation(format!("expected {expected}; {came}")))
}

/// The messages of this method that the host sent since this position.
fn seen(session: &Session, from: usize, method: &str) -> Vec<Value> {
    let entries = session.log().since(from);
    let wanted = entries
        .iter()
        .filter(|entry| entry.from_server() && entry.is(method));
    wanted
        .map(|entry| entry.params().cloned().unwrap_or_default())
        .collect()
}

/// Waits for a message of this method; a violation where none comes.
async fn comes(
    session: &Session,
    from: usize,
    method: &str,
    after: &str,
) -> Result<Value, Finding> {
    let patience = session.timing().answer;
    let entry = session
        .log()
        .wait_for(from, patience, |entry| entry.is(method))
        .await;
    match entry {
        Some(entry) => Ok(entry.params().cloned().unwrap_or_default()),
        None => violation(&format!("{method} after {after}"), "none came"),
    }
}

/// Gives the host time to send what it must not send, and looks for it.
async fn does_not_come(
    session: &Session,
    from: usize,
    method: &str,
    after: &str,
) -> Result<(), Finding> {
    session.settle().await;
    match seen(session, from, method).first() {
        None => Ok(()),
        Some(params) => violation(
            &format!("no {method} after {after}"),
            format!("got one with params {params}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_check_names_rows_of_one_level_that_bind_the_host() {
        let mut names = HashSet::new();
        for check in all() {
            assert!(names.insert(check.id), "{} stands twice", check.id);
            assert!(check.id.starts_with("runtime-"), "{}", check.id);
            assert!(check.intent.ends_with('.'), "{}", check.id);
            assert!(!check.bases.is_empty(), "{}", check.id);
            let levels: HashSet<String> = check
                .requirements
                .iter()
                .map(|id| {
                    let row = requirements::get(id)
                        .unwrap_or_else(|| panic!("{} names `{id}`", check.id));
                    assert_eq!(row.party, "host", "{}: {id}", check.id);
                    row.level.to_string()
                })
                .collect();
            assert_eq!(levels.len(), 1, "{} mixes levels", check.id);
        }
    }
}
