//! Running the checks of a runtime and judging what they say.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::{FutureExt, StreamExt, stream};

use super::{Base, Runtime, Stand, requirements};
use crate::checks::Finding;
use crate::checks::runtime::{self, RuntimeCheck};
use crate::driver::connection::Transport;
use crate::duration::in_words;
use crate::report::{Clause, Identity, Run, Status, Verdict};
use crate::requirements::Level;
use crate::runner::{RunOptions, Selection};
use crate::transcript;

/// How many messages of its sessions a violation shows.
const WIRE: usize = 40;
/// How many checks of one component are made at the same time.
const JOBS: usize = 4;

/// The builds and transports with which this runtime is judged.
pub fn targets(runtime: &dyn Runtime) -> Vec<(Base, Transport)> {
    let transports = [Transport::Stdio, Transport::Http];
    let all = Base::ALL
        .into_iter()
        .flat_map(|base| transports.map(|transport| (base, transport)));
    all.filter(|(base, transport)| runtime.supports(*base, *transport))
        .collect()
}

/// Whether any check of a runtime is selected.
pub fn applies(selection: &Selection) -> bool {
    runtime::all().any(|check| selection.meets(check.id, check.requirements))
}

/// Judges a runtime with one build of the probes.
pub async fn judge(
    runtime: &Arc<dyn Runtime>,
    base: Base,
    transport: Transport,
    options: &RunOptions,
) -> Run {
    let stand = Stand::new(runtime.clone(), base, transport);
    let selection = &options.selection;
    let selected = runtime::all().filter(|check| {
        check.bases.contains(&base)
            && check.scope.includes(transport)
            && selection.meets(check.id, check.requirements)
    });
    let began = Instant::now();
    let verdicts = stream::iter(selected)
        .map(|check| judge_one(&stand, check, options))
        .buffered(options.jobs.unwrap_or(JOBS));
    let results: Vec<Verdict> = verdicts.collect().await;
    stand.finish().await;
    let identity = Identity {
        kind: "runtime".to_owned(),
        name: format!("{} with {}", runtime.name(), base.name()),
        variant: Some(base.variant().to_owned()),
        world: Some(base.world().to_owned()),
        transport,
    };
    let mut run = Run::new(identity, began.elapsed(), results, Vec::new());
    options.expectations.apply(&mut run);
    run
}

/// Makes one check on a stand of its own.
pub async fn judge_one(stand: &Stand, check: &RuntimeCheck, options: &RunOptions) -> Verdict {
    let stand = stand.sibling();
    let began = Instant::now();
    let made = AssertUnwindSafe((check.run)(&stand)).catch_unwind();
    let (judgement, instead) = match tokio::time::timeout(options.check_timeout, made).await {
        Ok(Ok(judgement)) => (judgement, None),
        Ok(Err(_)) => (
            Err(Finding::Broken("the check itself panicked".to_owned())),
            None,
        ),
        Err(_) => {
            let limit = in_words(options.check_timeout);
            let message = format!("the check was not over after {limit} (--check-timeout)");
            (Err(Finding::Violation(message)), Some(Status::Timeout))
        }
    };
    let level = check.level();
    let less = if options.strict {
        Status::Fail
    } else {
        Status::Warn
    };
    let (status, message, reason) = match judgement {
        Ok(message) => (Status::Pass, message, None),
        Err(Finding::Violation(message)) if level == Level::Must => (Status::Fail, message, None),
        Err(Finding::Violation(message) | Finding::Warning(message)) => (less, message, None),
        Err(Finding::Skip(reason)) => (Status::Skip, String::new(), Some(reason)),
        Err(Finding::Broken(message)) => (Status::HarnessError, message, None),
    };
    let status = instead.unwrap_or(status);
    let parts = stand.transcript();
    stand.retire().await;
    let (clauses, wire) = if status.is_violation() {
        (
            clauses(check),
            transcript::excerpt(&transcript::lines(&parts), WIRE),
        )
    } else {
        (Vec::new(), Vec::new())
    };
    Verdict {
        check: check.id.to_owned(),
        intent: check.intent.to_owned(),
        requirements: check
            .requirements
            .iter()
            .map(|id| (*id).to_owned())
            .collect(),
        level,
        status,
        message,
        reason,
        duration: began.elapsed(),
        repetitions: BTreeMap::new(),
        clauses,
        wire,
    }
}

fn clauses(check: &RuntimeCheck) -> Vec<Clause> {
    let rows = check
        .requirements
        .iter()
        .filter_map(|id| requirements::get(id));
    rows.map(|row| Clause {
        requirement: row.id.to_owned(),
        text: row.requirement.to_owned(),
        link: row.link(),
    })
    .collect()
}
