//! A check: its name, its requirements, and its probe.

use std::collections::HashSet;

use futures::future::BoxFuture;

use super::context::CheckContext;
use super::tally::Tally;
use crate::model::requirements::catalog;
use crate::model::{Judgement, Level, Transport};
use crate::observe::{Evidence, Part, Sighting};
use crate::wire::shapes::Rule;

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
    Active(for<'a> fn(&'a CheckContext) -> BoxFuture<'a, Judgement>),
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
