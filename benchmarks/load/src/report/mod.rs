//! What is shown.

pub mod machine;
pub mod page;
pub mod plot;
pub mod text;

use serde::Serialize;

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
    /// Where and how it was measured.
    pub machine: Machine,
    /// What is aimed at, and how far it is met.
    pub targets: Vec<Target>,
    /// Candidates beside each other.
    pub comparisons: Vec<Comparison>,
    /// Starts of processes.
    pub starts: Vec<Start>,
    /// What idle sessions cost.
    pub idle: Vec<Idle>,
    /// As many sessions as there must be room for.
    pub capacity: Vec<Capacity>,
    /// Streamed resources.
    pub streams: Vec<Streamed>,
    /// How cost grows.
    pub growth: Vec<Growth>,
}

impl Report {
    /// Nothing is measured yet.
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            targets: Vec::new(),
            comparisons: Vec::new(),
            starts: Vec::new(),
            idle: Vec::new(),
            capacity: Vec::new(),
            streams: Vec::new(),
            growth: Vec::new(),
        }
    }
}
