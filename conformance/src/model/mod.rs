//! The terms that all layers share: requirements, findings, verdicts and runs.

pub mod duration;
pub mod finding;
pub mod requirements;
pub mod run;
pub mod transport;
pub mod verdict;
pub mod visible;

pub use finding::{Finding, Judgement};
pub use requirements::Level;
pub use run::{DEFAULT_SEED, Identity, LeftOut, Run, TimeSpent};
pub use transport::Transport;
pub use verdict::{Clause, Line, Status, Summary, Verdict};
