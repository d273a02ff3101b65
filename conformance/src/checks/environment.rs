//! The environment in which the runner makes checks, whatever they drive.

use futures::future::BoxFuture;

use crate::driver::pool::Health;
use crate::driver::transcript::LogRange;
use crate::model::Judgement;

/// Sessions for the checks of one worker of the runner.
pub(crate) trait CheckEnvironment: Sync {
    /// The kind of check made here.
    type Check: Sync + 'static;

    /// Makes a check; `None` for a check that drives nothing.
    fn make<'a>(&'a self, check: &Self::Check) -> Option<BoxFuture<'a, Judgement>>;

    /// The messages since the last check.
    fn transcript(&self) -> Vec<LogRange>;

    /// Finds out whether the server was lost in the last check.
    fn health(&self) -> impl Future<Output = Health> + Send {
        std::future::ready(Health::Well)
    }

    /// Starts closing the sessions of the last check.
    fn retire(&self) -> impl Future<Output = ()> + Send;

    /// Starts closing all sessions of this worker.
    fn dismiss(&self) -> impl Future<Output = ()> + Send;
}
