//! `run --runtime FILE`: judging another runtime.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use futures::{StreamExt, stream};

use super::options::{CommonOptions, Transports};
use super::{conclude, run_options};
use crate::expectations::Expectations;
use crate::report::{Report, Run};
use crate::runner::RunOptions;
use crate::runtime::adapter::Adapter;
use crate::runtime::{self, Runtime};

/// How many builds of the probes are run at the same time.
const RUNS_AT_ONCE: usize = 2;

/// Judges the runtime that this adapter starts.
pub(super) fn run(
    adapter: &Path,
    transports: Transports,
    options: &CommonOptions,
) -> anyhow::Result<u8> {
    let adapter = Adapter::read(adapter)?;
    let mut run_options = run_options(options)?;
    if options.expectations.is_none()
        && let Some(path) = adapter.expectations()
    {
        run_options.expectations = Expectations::read(path)?;
    }
    if !runtime::applies(&run_options.selection) {
        bail!("no check of a runtime meets --filter: the names of all of them begin with runtime-");
    }
    let runtime: Arc<dyn Runtime> = Arc::new(adapter);
    let engine = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let runs = engine.block_on(judged(&runtime, transports, &run_options));
    if runs.is_empty() {
        bail!("the adapter supports none of the suite's components over this transport");
    }
    // The files of the components go with the runtime.
    drop(runtime);
    engine.shutdown_background();
    conclude(&Report::new(runs), options)
}

async fn judged(
    runtime: &Arc<dyn Runtime>,
    transports: Transports,
    options: &RunOptions,
) -> Vec<Run> {
    let targets = runtime::targets(runtime.as_ref())
        .into_iter()
        .filter(|(_, transport)| transports.all().contains(transport));
    let runs = stream::iter(targets)
        .map(|(base, transport)| runtime::judge(runtime, base, transport, options));
    runs.buffered(RUNS_AT_ONCE).collect().await
}
