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

    /// Prepares what a check needs, before its time counts.
    fn prepare(&self, check: &Self::Check) -> impl Future<Output = ()> + Send {
        let _ = check;
        std::future::ready(())
    }

    /// The messages since the last check.
    fn transcript(&self) -> Vec<LogRange>;

    /// Finds out whether the server was lost in the last check.
    fn health(&self) -> impl Future<Output = Health> + Send {
        std::future::ready(Health::Well)
    }

    /// Returns the messages of which the server presumably died in these parts, in a form that is
    /// equal for all checks that send them; `None` if that is uncertain, or checks have servers of
    /// different kinds.
    fn cause(&self, parts: &[LogRange]) -> Option<String> {
        let _ = parts;
        None
    }

    /// Finds out whether the server ends by itself in a session in which nothing happens, after it
    /// ended in one of these parts. Returns a description.
    fn ends_idle(&self, parts: &[LogRange]) -> impl Future<Output = Option<String>> + Send {
        let _ = parts;
        std::future::ready(None)
    }

    /// Lets processes of the server take longer to start, after one that did not start in time, or no
    /// longer.
    fn be_patient(&self, patient: bool) {
        let _ = patient;
    }

    /// Starts closing the sessions of the last check.
    fn retire(&self) -> impl Future<Output = ()> + Send;

    /// Starts closing all sessions of this worker.
    fn dismiss(&self) -> impl Future<Output = ()> + Send;
}
