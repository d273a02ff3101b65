//! A check: its name, its requirements, and its probe.

use std::collections::HashSet;

use futures::future::BoxFuture;

use super::context::CheckContext;
use super::tally::Tally;
use crate::model::requirements::catalog;
use crate::model::{Judgement, Level, Transport};
use crate::observe::{Evidence, LocatedFault, Payload};
use crate::wire::shapes::Rule;

/// The transports over which a check applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All transports.
    Everywhere,
    /// Only stdio.
    Stdio,
    /// Only Streamable HTTP.
    Http,
}

impl Scope {
    /// Returns true if it includes a transport.
    pub fn includes(self, transport: Transport) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Stdio => transport == Transport::Stdio,
            Self::Http => transport == Transport::Http,
        }
    }
}

/// The faults in the shape of messages that a check looks for.
#[derive(Debug)]
pub struct ShapeFilter {
    /// The methods; all if none is named.
    pub methods: &'static [&'static str],
    /// The definitions; all if none is named.
    pub definitions: &'static [&'static str],
    /// The rules.
    pub rules: &'static [Rule],
    /// A prefix of the path of a fault.
    pub path: &'static str,
}

/// The procedure of a check.
pub enum Probe {
    /// Drives the server.
    Active(for<'a> fn(&'a CheckContext) -> BoxFuture<'a, Judgement>),
    /// Examines the evidence of all sessions.
    Observer(fn(&Evidence) -> Judgement),
    /// Searches for faults in the shape of messages.
    Shape(ShapeFilter),
}

/// A check.
pub struct Check {
    /// Its name: page, slash, subject.
    pub id: &'static str,
    /// Its purpose in one sentence.
    pub intent: &'static str,
    /// The judged requirements, all of the same level.
    pub requirements: &'static [&'static str],
    /// The transports over which it applies.
    pub scope: Scope,
    /// Its procedure.
    pub probe: Probe,
}

/// The part of a verdict that describes the check, whatever the check drives.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name.
    pub id: &'static str,
    /// Its purpose in one sentence.
    pub intent: &'static str,
    /// The judged requirements.
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
    /// Returns the level of its requirements.
    pub fn level(&self) -> Level {
        let rows = self.requirements.iter().filter_map(|id| catalog().get(id));
        rows.map(|row| row.level).max().unwrap_or(Level::May)
    }

    /// Returns the page to which it belongs.
    pub fn page(&self) -> &'static str {
        self.id.split('/').next().unwrap_or(self.id)
    }
}

impl ShapeFilter {
    /// Searches for the faults.
    pub fn judge(&self, evidence: &Evidence) -> Judgement {
        let brief = self.rules == [Rule::Keyword];
        let mut told = HashSet::new();
        let mut tally = if brief {
            Tally::showing(1)
        } else {
            Tally::default()
        };
        let wanted = |list: &[&str], name: &str| list.is_empty() || list.contains(&name);
        for located in &evidence.faults {
            let fault = &located.fault;
            if wanted(self.methods, located.method)
                && wanted(self.definitions, fault.definition)
                && self.rules.contains(&fault.rule)
                && fault.path.starts_with(self.path)
            {
                let part = if located.part == Payload::Params {
                    "in"
                } else {
                    "in the result of"
                };
                let LocatedFault { method, place, .. } = located;
                if brief {
                    // The fault says everything; the message adds nothing.
                    let what = fault.to_string();
                    if told.insert(what.clone()) {
                        tally.fail(format!("{what} ({part} {method}; {place})"));
                    }
                } else {
                    let message = &located.message;
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
