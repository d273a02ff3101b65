//! The report.

pub mod languages;
pub mod machine;
pub mod page;
pub mod plot;
pub mod text;

use serde::Serialize;

use crate::languages::Languages;
use crate::parts::growth::Growth;
use crate::parts::sessions::{Capacity, Idle};
use crate::parts::start::Start;
use crate::parts::streams::Streamed;
use crate::rounds::Comparison;
use crate::targets::Target;
use machine::Machine;

/// All figures of one run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The environment and the method.
    pub machine: Machine,
    /// The targets, and their results.
    pub targets: Vec<Target>,
    /// Comparisons of candidates.
    pub comparisons: Vec<Comparison>,
    /// Starts of processes.
    pub starts: Vec<Start>,
    /// The cost of idle sessions.
    pub idle: Vec<Idle>,
    /// Trials with as many sessions as must fit.
    pub capacity: Vec<Capacity>,
    /// Streamed resources.
    pub streams: Vec<Streamed>,
    /// Servers with one tool, one for each library.
    pub languages: Option<Languages>,
    /// Growth of cost.
    pub growth: Vec<Growth>,
}

impl Report {
    /// Creates an empty report.
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            targets: Vec::new(),
            comparisons: Vec::new(),
            starts: Vec::new(),
            idle: Vec::new(),
            capacity: Vec::new(),
            streams: Vec::new(),
            languages: None,
            growth: Vec::new(),
        }
    }
}
