//! The checks: one file for each page of the specification, one small
//! function for each check, each with a sentence of intent and the
//! requirements that it judges.

use std::collections::HashSet;
use std::fmt;

use futures::future::BoxFuture;

use crate::bench::Bench;
use crate::driver::connection::Transport;
use crate::observe::{Evidence, Part, Sighting};
use crate::requirements::{Level, catalog};
use crate::wire::shapes::Rule;

/// A check that drives the server.
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
            probe: $crate::checks::Probe::Active(|bench| Box::pin($function(bench))),
        }
    };
}

/// A check that looks at the evidence when all sessions are over.
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

/// A check of the shape of messages: which methods (all, where none is
/// named), which definitions, which rules.
macro_rules! shape {
    ($id:literal, $intent:literal, [$($requirement:literal),+ $(,)?],
     [$($method:literal),* $(,)?], [$($definition:literal),* $(,)?], [$($rule:expr),+ $(,)?] $(, at $path:literal)?) => {
        $crate::checks::Check {
            id: $id,
            intent: $intent,
            requirements: &[$($requirement),+],
            scope: $crate::checks::Scope::Everywhere,
            probe: $crate::checks::Probe::Shape($crate::checks::Watch {
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
pub mod changes;
pub mod completion;
pub mod elicitation;
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

pub use tally::Tally;

/// Why a check did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The requirement is violated: a failure for a MUST, a warning for less.
    Violation(String),
    /// Worth saying, whatever the level.
    Warning(String),
    /// The target does not show what the check needs.
    Skip(String),
    /// The suite itself could not do its work.
    Broken(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Violation(text) | Self::Warning(text) | Self::Skip(text) | Self::Broken(text)) =
            self;
        formatter.write_str(text)
    }
}

/// What a check says: a sentence on what was seen, or why it did not pass.
pub type Judgement = Result<String, Finding>;

/// On which transports a check applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// On all.
    Everywhere,
    /// Over stdio.
    Stdio,
    /// Over Streamable HTTP.
    Http,
}

impl Scope {
    /// Whether it includes a transport.
    pub fn includes(self, transport: Transport) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Stdio => transport == Transport::Stdio,
            Self::Http => transport == Transport::Http,
        }
    }
}

/// Which faults in the shape of messages a check is about.
#[derive(Debug)]
pub struct Watch {
    /// The methods; all, where none is named.
    pub methods: &'static [&'static str],
    /// The definitions; all, where none is named.
    pub definitions: &'static [&'static str],
    /// The rules.
    pub rules: &'static [Rule],
    /// The beginning of the path of a fault.
    pub path: &'static str,
}

/// How a check comes to its judgement.
pub enum Probe {
    /// It drives the server.
    Active(for<'a> fn(&'a Bench) -> BoxFuture<'a, Judgement>),
    /// It looks at everything that was said.
    Observer(fn(&Evidence) -> Judgement),
    /// It looks for certain faults in the shape of messages.
    Shape(Watch),
}

/// A check.
pub struct Check {
    /// Its name: page, slash, subject.
    pub id: &'static str,
    /// What it is for, in one sentence.
    pub intent: &'static str,
    /// The requirements that it judges, all of the same level.
    pub requirements: &'static [&'static str],
    /// On which transports it applies.
    pub scope: Scope,
    /// How it comes to its judgement.
    pub probe: Probe,
}

/// What a verdict says of a check, whatever the check drives.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name.
    pub id: &'static str,
    /// What it is for, in one sentence.
    pub intent: &'static str,
    /// The requirements that it judges.
    pub requirements: &'static [&'static str],
    /// Their level.
    pub level: Level,
}

impl From<&Check> for About {
    fn from(check: &Check) -> Self {
        Self {
            id: check.id,
            intent: check.intent,
            requirements: check.requirements,
            level: check.level(),
        }
    }
}

impl Check {
    /// The level of its requirements.
    pub fn level(&self) -> Level {
        let rows = self.requirements.iter().filter_map(|id| catalog().get(id));
        rows.map(|row| row.level).max().unwrap_or(Level::May)
    }

    /// The page to which it belongs.
    pub fn page(&self) -> &'static str {
        self.id.split('/').next().unwrap_or(self.id)
    }
}

/// All checks in the order of the specification.
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

impl Watch {
    /// Looks for the faults.
    pub fn judge(&self, evidence: &Evidence) -> Judgement {
        let brief = self.rules == [Rule::Keyword];
        let mut told = HashSet::new();
        let mut tally = if brief {
            Tally::showing(1)
        } else {
            Tally::default()
        };
        let wanted = |list: &[&str], name: &str| list.is_empty() || list.contains(&name);
        for sighting in &evidence.sightings {
            let fault = &sighting.fault;
            if wanted(self.methods, sighting.method)
                && wanted(self.definitions, fault.definition)
                && self.rules.contains(&fault.rule)
                && fault.path.starts_with(self.path)
            {
                let part = if sighting.part == Part::Params {
                    "in"
                } else {
                    "in the result of"
                };
                let Sighting { method, place, .. } = sighting;
                if brief {
                    // What is wrong stands in the fault; the message adds nothing.
                    let what = fault.to_string();
                    if told.insert(what.clone()) {
                        tally.fail(format!("{what} ({part} {method}; {place})"));
                    }
                } else {
                    let message = &sighting.message;
                    tally.fail(format!("{fault} ({part} {method}; {place}: {message})"));
                }
            }
        }
        tally.tried = match self.definitions {
            [] => evidence.messages().count(),
            definitions => evidence.count(self.methods, definitions),
        };
        tally.judge(
            "seen and found right",
            "the target sent nothing of this kind",
        )
    }
}

/// A skip unless the server declared this capability (with this flag).
///
/// # Errors
///
/// The skip.
pub fn needs(
    session: &crate::driver::Session,
    capability: &str,
    flag: Option<&str>,
) -> Result<(), Finding> {
    if session.offers(capability, flag) {
        return Ok(());
    }
    let flag = flag.map_or(String::new(), |flag| format!(".{flag}"));
    Err(Finding::Skip(format!(
        "the server does not declare {capability}{flag}"
    )))
}

/// Judges that a server which does not declare this capability does not
/// answer this method with a result.
///
/// # Errors
///
/// A violation where it does.
async fn served_only_if_declared(
    bench: &Bench,
    capability: &str,
    method: &str,
    params: serde_json::Value,
) -> Judgement {
    let session = bench.session().await?;
    if session.offers(capability, None) {
        return Ok(format!("{capability} is declared"));
    }
    let reply = session.request(method, params).await;
    if reply.result().is_ok() {
        return Err(reply.unexpected(&format!("an error, as {capability} is not declared")));
    }
    Ok(format!("{capability} is not declared and not served"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
                        panic!("{} names `{id}`, which is no requirement", check.id)
                    })
                })
                .inspect(|row| {
                    assert!(
                        row.server_testable,
                        "{}: {} is nothing that a server shows",
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
    fn every_check_has_a_name_of_its_own_and_an_intent() {
        let mut names = HashSet::new();
        for check in all() {
            assert!(names.insert(check.id), "{} stands twice", check.id);
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
            if let Probe::Shape(watch) = &check.probe {
                watch.methods.iter().for_each(|name| {
                    assert!(methods::find(name).is_some(), "{}: {name}", check.id)
                });
                watch
                    .definitions
                    .iter()
                    .for_each(|name| assert!(known(name), "{}: {name}", check.id));
            }
        }
    }
}
