//! Running the checks of a runtime.

use std::sync::Arc;
use std::time::Instant;

use crate::checks::CheckContext;
use crate::checks::CheckEnvironment as _;
use crate::checks::Finding;
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::{self, RuntimeCheck};
use crate::driver::connection::Transport;
use crate::driver::transcript::LogRange;
use crate::model::{Identity, Run, Verdict};
use crate::runner::{
    Judged, Queue, RunOptions, Selection, Watcher, concluded, first_contact, run_check,
};
use crate::runtime::components::DEFAULT;
use crate::runtime::{Base, Component, Runtime, Setting};

/// The number of checks of one component that run at the same time.
const JOBS: usize = 4;

/// A runtime that is judged with one build of the probes over one transport.
pub struct Trial {
    runtime: Arc<dyn Runtime>,
    base: Base,
    identity: Identity,
}

impl Trial {
    /// A trial of this runtime.
    pub fn new(runtime: Arc<dyn Runtime>, base: Base, transport: Transport) -> Self {
        let identity = Identity {
            kind: "runtime".to_owned(),
            name: format!("{} with {}", runtime.name(), base.name()),
            variant: Some(base.variant().to_owned()),
            world: Some(base.world().to_owned()),
            transport,
        };
        Self {
            runtime,
            base,
            identity,
        }
    }

    /// The trials with all builds over all transports that the runtime supports.
    pub fn all(runtime: &Arc<dyn Runtime>) -> Vec<Self> {
        let transports = [Transport::Stdio, Transport::Http];
        let all = Base::ALL
            .into_iter()
            .flat_map(|base| transports.map(|transport| (base, transport)));
        all.filter(|(base, transport)| runtime.supports(*base, *transport))
            .map(|(base, transport)| Self::new(runtime.clone(), base, transport))
            .collect()
    }

    /// Makes sure that the runtime runs this build of the probes, so that a
    /// wrong command is not reported as a hundred failures.
    ///
    /// # Errors
    ///
    /// When no session with a probe can be initialized, and why.
    pub async fn first_contact(&self) -> anyhow::Result<()> {
        let probe = Component::new(self.base, DEFAULT)?;
        let server = self
            .runtime
            .serve(&probe, self.identity.transport, Setting::Open)?;
        let bench = CheckContext::new(server, self.runtime.timing(), true);
        let contact = first_contact(&bench, &self.identity.name).await;
        contact.map_err(|error| {
            let text = format!("{error:#}");
            let ready = "increase seconds.ready in the adapter";
            anyhow::Error::msg(text.replace("pass --start-timeout", ready))
        })
    }

    fn selected(&self, selection: &Selection) -> Vec<&'static RuntimeCheck> {
        let selected = runtime::all().filter(|check| {
            check.bases.contains(&self.base)
                && check.scope.includes(self.identity.transport)
                && selection.meets(check.id, check.requirements)
        });
        selected.collect()
    }

    /// Returns whether any check of this trial is selected.
    pub fn applies(&self, selection: &Selection) -> bool {
        !self.selected(selection).is_empty()
    }
}

impl Judged for Trial {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn run_once(&self, options: &RunOptions, watcher: &dyn Watcher) -> anyhow::Result<Run> {
        let began = Instant::now();
        let stand = Stand::new(self.runtime.clone(), self.base, self.identity.transport);
        let selected = self.selected(&options.selection);
        let watcher = watcher.begin(&self.identity, selected.len());
        let queue = Queue::new(&self.identity, options, &selected, watcher.as_ref());
        let lanes = options.jobs.unwrap_or(JOBS).max(1);
        let lanes = (0..lanes).map(|_| queue.work(stand.sibling()));
        futures::future::try_join_all(lanes).await?;
        let logs = stand.finish().await;
        queue.write_transcript("all", &logs.iter().map(LogRange::whole).collect::<Vec<_>>())?;
        let results = queue.verdicts(|_| Err(Finding::Broken("the check was not made".to_owned())));
        let identity = self.identity.clone();
        let run = Run::new(identity, began.elapsed(), results, Vec::new());
        Ok(concluded(run, options, watcher.as_ref()))
    }
}

/// Makes one check on a stand of its own.
pub async fn judge_one(stand: &Stand, check: &RuntimeCheck, options: &RunOptions) -> Verdict {
    let stand = stand.sibling();
    stand.prepare(check).await;
    let (verdict, _) = run_check(&stand, check.into(), (check.run)(&stand), options).await;
    stand.retire().await;
    verdict
}
