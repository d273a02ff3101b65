//! Running the checks against a target and judging what they say.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use anyhow::Context;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use crate::bench::Bench;
use crate::checks::{self, Check, Finding, Judgement, Probe};
use crate::discover::survey::LeftOut;
use crate::driver::connection::Transport;
use crate::driver::{Body, ClientRole, Reply, Session};
use crate::duration::in_words;
use crate::observe::Evidence;
use crate::report::{Run, Status, Verdict};
use crate::requirements::Level;
use crate::targets::Target;

/// How long one check may take.
const CHECK_LIMIT: Duration = Duration::from_secs(120);

/// Who is told that runs begin.
pub trait Watcher: Send + Sync {
    /// A run begins; so many checks will be judged.
    fn begin(&self, target: &Target, checks: usize) -> Box<dyn RunWatcher>;
}

/// Who is told how a run goes on. Dropped when it is over.
pub trait RunWatcher: Send + Sync {
    /// A check begins.
    fn check(&self, check: &Check);
    /// A check was judged.
    fn judged(&self, verdict: &Verdict);
}

/// A watcher that looks away.
#[derive(Debug, Default)]
pub struct Nobody;

impl Watcher for Nobody {
    fn begin(&self, _: &Target, _: usize) -> Box<dyn RunWatcher> {
        Box::new(Self)
    }
}

impl RunWatcher for Nobody {
    fn check(&self, _: &Check) {}
    fn judged(&self, _: &Verdict) {}
}

/// Which checks are made.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Parts of names; all checks, where none is given.
    pub filters: Vec<String>,
    /// Whether tools that are annotated as destructive are called.
    pub destructive: bool,
}

impl Selection {
    /// The filters that no check meets.
    pub fn unmet(&self) -> Vec<&str> {
        let meets = |filter: &str| {
            let one = Self {
                filters: vec![filter.to_owned()],
                destructive: self.destructive,
            };
            checks::all().any(|check| one.includes(check))
        };
        let filters = self.filters.iter().map(String::as_str);
        filters.filter(|filter| !meets(filter)).collect()
    }

    /// Whether any check that applies over this transport is made.
    pub fn applies_over(&self, transport: Transport) -> bool {
        checks::all().any(|check| check.scope.includes(transport) && self.includes(check))
    }

    fn includes(&self, check: &Check) -> bool {
        let hit = |filter: &String| {
            check.id.contains(filter.as_str())
                || check
                    .requirements
                    .iter()
                    .any(|id| id.contains(filter.as_str()))
        };
        self.filters.is_empty() || self.filters.iter().any(hit)
    }
}

/// Runs the checks against a target.
///
/// # Errors
///
/// When the target cannot be started or reached, or says nothing at all.
pub async fn run(
    target: &Target,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> anyhow::Result<Run> {
    let bench = Bench::new(target.server.clone(), target.timing, selection.destructive);
    first_contact(&bench).await?;
    let transport = bench.transport();
    let selected: Vec<&Check> = checks::all()
        .filter(|check| check.scope.includes(transport) && selection.includes(check))
        .collect();
    let watcher = watcher.begin(target, selected.len());
    if selected
        .iter()
        .any(|check| !matches!(check.probe, Probe::Active(_)))
    {
        // Observers need something to look at; what went wrong with it, the
        // checks that use it say.
        let _ = bench.survey().await;
    }
    let mut verdicts: Vec<Option<Verdict>> = Vec::new();
    for check in &selected {
        let verdict = match &check.probe {
            Probe::Active(run) => {
                watcher.check(check);
                let judgement = guarded(run(&bench)).await;
                bench.retire().await;
                Some(judge(check, judgement))
            }
            Probe::Observer(_) | Probe::Shape(_) => None,
        };
        verdict.iter().for_each(|verdict| watcher.judged(verdict));
        verdicts.push(verdict);
    }
    let left_out: Vec<LeftOut> = bench
        .survey_so_far()
        .map(|survey| survey.left_out.clone())
        .unwrap_or_default();
    let evidence = Evidence::read(&bench.finish().await);
    let observed = selected.iter().zip(verdicts).map(|(check, verdict)| {
        verdict.unwrap_or_else(|| {
            let verdict = judge(check, observe(check, &evidence));
            watcher.judged(&verdict);
            verdict
        })
    });
    let results = observed.collect();
    Ok(Run::new(target.identity.clone(), results, left_out))
}

/// How many runs go on at the same time: they mostly wait.
const RUNS_AT_ONCE: usize = 4;

/// Runs the checks against several targets; the runs are given in their order.
///
/// # Errors
///
/// When a target cannot be started or reached.
pub async fn run_all(
    targets: &[Target],
    selection: &Selection,
    watcher: &dyn Watcher,
) -> anyhow::Result<Vec<Run>> {
    let runs = targets.iter().map(|target| async move {
        let run = run(target, selection, watcher).await;
        run.with_context(|| format!("{} could not be run", target.identity.name))
    });
    stream::iter(runs)
        .buffered(RUNS_AT_ONCE)
        .try_collect()
        .await
}

/// Makes sure that there is an MCP server to talk to, so that a wrong command
/// or address is not reported as a hundred failures.
async fn first_contact(bench: &Bench) -> anyhow::Result<()> {
    let (session, reply) = greet(bench, ClientRole::complete()).await?;
    if !is_settled(&reply) {
        let lasting = matches!(reply.body, Body::Error(_) | Body::Refused(_));
        // It may be that only what this client offers was not to its taste.
        if !(lasting && is_settled(&greet(bench, ClientRole::bare()).await?.1)) {
            session.close_now().await;
            anyhow::bail!(why_not(&session, &reply));
        }
    }
    bench.retire().await;
    Ok(())
}

async fn greet(bench: &Bench, role: ClientRole) -> anyhow::Result<(Session, Reply)> {
    let session = match bench.connect(role).await {
        Ok(session) => session,
        Err(finding) => anyhow::bail!("{finding}"),
    };
    let reply = session.initialize(crate::requirements::REVISION).await;
    Ok((session, reply))
}

/// Whether a server answered that can be judged: it gave a result, or took
/// the request and answered over HTTP in a way that the checks look at.
fn is_settled(reply: &Reply) -> bool {
    match &reply.body {
        Body::Result(_) => true,
        Body::Refused(_) => reply
            .status
            .is_some_and(|status| (200..300).contains(&status)),
        Body::Error(_) | Body::Closed(_) | Body::Silence(_) => false,
    }
}

fn why_not(session: &Session, reply: &Reply) -> String {
    let log = session.log();
    let echoes = log
        .since(0)
        .iter()
        .any(|entry| entry.from_server() && entry.is("initialize"));
    let mut reason = if echoes {
        "it sent initialize back, as no MCP server does".to_owned()
    } else {
        format!(
            "no session could be initialized: initialize got {}",
            reply.came()
        )
    };
    let stderr = String::from_utf8_lossy(&log.read().stderr).into_owned();
    if !stderr.is_empty() {
        reason.push_str(&format!("\nIt wrote to stderr:\n{}", stderr.trim_end()));
    }
    reason
}

/// A check that panics or takes too long must not take the run with it.
async fn guarded(check: impl Future<Output = Judgement>) -> Judgement {
    match tokio::time::timeout(CHECK_LIMIT, AssertUnwindSafe(check).catch_unwind()).await {
        Ok(Ok(judgement)) => judgement,
        Ok(Err(_)) => Err(Finding::Broken("the check itself panicked".to_owned())),
        Err(_) => Err(Finding::Violation(format!(
            "the check was not over after {}",
            in_words(CHECK_LIMIT)
        ))),
    }
}

fn observe(check: &Check, evidence: &Evidence) -> Judgement {
    match &check.probe {
        Probe::Observer(look) => look(evidence),
        Probe::Shape(watch) => watch.judge(evidence),
        Probe::Active(_) => Err(Finding::Broken("an active check was not run".to_owned())),
    }
}

/// Turns what a check says into a verdict: a violation of a MUST is a
/// failure, of anything less a warning.
pub fn judge(check: &Check, judgement: Judgement) -> Verdict {
    let level = check.level();
    let (status, message, reason) = match judgement {
        Ok(message) => (Status::Pass, message, None),
        Err(Finding::Violation(message)) if level == Level::Must => (Status::Fail, message, None),
        Err(Finding::Violation(message) | Finding::Warning(message)) => {
            (Status::Warn, message, None)
        }
        Err(Finding::Skip(reason)) => (Status::Skip, String::new(), Some(reason)),
        Err(Finding::Broken(message)) => (
            Status::Fail,
            format!("could not be judged: {message}"),
            None,
        ),
    };
    Verdict {
        check: check.id.to_owned(),
        requirements: check
            .requirements
            .iter()
            .map(|id| (*id).to_owned())
            .collect(),
        level,
        status,
        message,
        reason,
    }
}
