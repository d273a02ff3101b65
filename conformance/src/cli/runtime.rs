//! `run --runtime FILE`: judging another runtime.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};

use super::options::{CommonOptions, Transports};
use super::{judge, run_options};
use crate::expectations::Expectations;
use crate::runner::Judged;
use crate::runner::runtime::Trial;
use crate::runtime::Runtime;
use crate::runtime::adapter::Adapter;
use crate::targets::guests;

/// Judges the runtime that this adapter starts.
pub(super) fn run(
    adapter: &Path,
    transports: Transports,
    options: &CommonOptions,
) -> anyhow::Result<u8> {
    // A runtime is judged with the embedded probes.
    guests::all()?;
    let adapter = Adapter::read(adapter)?;
    let mut run_options = run_options(options)?;
    if options.expectations.is_none()
        && let Some(path) = adapter.expectations()
    {
        run_options.expectations = Expectations::read(path)?;
    }
    let runtime: Arc<dyn Runtime> = Arc::new(adapter);
    let mut trials = Trial::all(&runtime);
    trials.retain(|trial| transports.all().contains(&trial.identity().transport));
    ensure!(
        !trials.is_empty(),
        "the adapter supports none of the suite's components over this transport"
    );
    trials.retain(|trial| trial.applies(&run_options.selection));
    if trials.is_empty() {
        bail!(
            "no check of a runtime that meets --filter applies over this transport: \
             the names of all of them begin with runtime-"
        );
    }
    first_contact(&trials)?;
    judge(&trials, &run_options, options)
}

/// Fails unless the runtime runs one of the probes. Checks report the errors of individual ones.
fn first_contact(trials: &[Trial]) -> anyhow::Result<()> {
    let executor = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let met = executor.block_on(async {
        let mut first = Ok(());
        for trial in trials {
            let met = trial.first_contact().await;
            if met.is_ok() {
                return met;
            }
            let met = met.with_context(|| format!("{} cannot be run", trial.identity().title()));
            first = first.and(met);
        }
        first
    });
    executor.shutdown_background();
    met
}
