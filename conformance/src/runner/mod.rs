//! Running checks against targets, and judging the results.

mod aftermath;
mod contact;
mod judgement;
mod queue;
mod recording;
mod repetition;
pub mod runtime;
mod secrets;
mod selection;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};

use crate::checks::{self, Check, CheckContext, Probe, component, judge};
use crate::driver::clock::Clock;
use crate::driver::pool::Health;
use crate::driver::transcript::LogRange;
use crate::expectations::Expectations;
use crate::model::duration::in_words;
use crate::model::{Finding, Identity, Judgement, LeftOut, Run, Summary, TimeSpent, Verdict};
use crate::observe::Evidence;
use crate::survey::listing::List;
use crate::targets::Target;
use secrets::Secrets;

pub(crate) use contact::first_contact;
pub(crate) use queue::{Queue, run_check};
pub use selection::Selection;

/// An observer of runs.
pub trait Watcher: Send + Sync {
    /// Called when a run of this many checks begins.
    fn begin(&self, target: &Identity, checks: usize) -> Box<dyn RunWatcher>;
}

/// An observer of one run. Dropped at its end.
pub trait RunWatcher: Send + Sync {
    /// Called when a check begins.
    fn check(&self, id: &'static str);
    /// Called when a check was judged.
    fn judged(&self, verdict: &Verdict);
    /// Called with the time that the sessions took, when all active checks were made.
    fn spent(&self, _: &TimeSpent) {}
    /// Called at the end with the counts that the report shows.
    fn concluded(&self, _: Summary) {}
    /// Called for an option that probably has an unintended effect.
    fn warn(&self, warning: &str);
}

/// A watcher that does nothing.
#[derive(Debug, Default)]
pub struct NoWatcher;

impl Watcher for NoWatcher {
    fn begin(&self, _: &Identity, _: usize) -> Box<dyn RunWatcher> {
        Box::new(Self)
    }
}

impl RunWatcher for NoWatcher {
    fn check(&self, _: &'static str) {}
    fn judged(&self, _: &Verdict) {}
    fn warn(&self, _: &str) {}
}

/// The options of a run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The selected checks.
    pub selection: Selection,
    /// The number of concurrent checks per target, each with its own sessions; `None` for the
    /// target's default.
    pub jobs: Option<usize>,
    /// The time limit of a check.
    pub check_timeout: Duration,
    /// True if a violation of a SHOULD is a failure.
    pub strict: bool,
    /// True if the run ends with the first failure.
    pub fail_fast: bool,
    /// The number of runs per target.
    pub repeat: usize,
    /// The folder for the messages of each check.
    pub transcripts: Option<PathBuf>,
    /// The known failures.
    pub expectations: Expectations,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            jobs: None,
            check_timeout: Duration::from_secs(120),
            strict: false,
            fail_fast: false,
            repeat: 1,
            transcripts: None,
            expectations: Expectations::default(),
        }
    }
}

impl RunOptions {
    /// Returns default options with this selection.
    pub fn of(selection: Selection) -> Self {
        Self {
            selection,
            ..Self::default()
        }
    }
}

/// A target of checks.
pub trait Judged: Sync {
    /// The description of the target in reports.
    fn identity(&self) -> &Identity;

    /// Makes the selected checks once.
    ///
    /// # Errors
    ///
    /// When the target cannot be started or reached or does not answer, or a transcript cannot be
    /// written.
    fn run_once(
        &self,
        options: &RunOptions,
        watcher: &dyn Watcher,
    ) -> impl Future<Output = anyhow::Result<Run>> + Send;
}

/// Runs the checks against a target, as often as the options say.
///
/// # Errors
///
/// When the target cannot be started or reached or does not answer, or a transcript cannot be
/// written.
pub async fn run(
    target: &impl Judged,
    options: &RunOptions,
    watcher: &dyn Watcher,
) -> anyhow::Result<Run> {
    let mut runs = Vec::new();
    for _ in 0..options.repeat.max(1) {
        let run = target.run_once(options, watcher).await?;
        let mut judged = run.clone();
        options.expectations.apply(&mut judged);
        runs.push(run);
        if judged.summary.failures() > 0 && options.fail_fast {
            break;
        }
    }
    // An intermittent failure is not an unexpected pass when it passes.
    let mut run = repetition::joined(runs).context("no run was made")?;
    options.expectations.apply(&mut run);
    Ok(run)
}

/// Tells a watcher the end of a run, counted as the report counts it.
fn concluded(run: Run, options: &RunOptions, watcher: &dyn RunWatcher) -> Run {
    let mut shown = run.clone();
    options.expectations.apply(&mut shown);
    watcher.concluded(shown.summary);
    run
}

/// The number of concurrent runs per processor. They mostly wait.
const RUNS_AT_ONCE: usize = 8;

/// Runs the checks against several targets. Returns the runs in the same order.
///
/// # Errors
///
/// When a target cannot be started or reached.
pub async fn run_all(
    targets: &[impl Judged],
    options: &RunOptions,
    watcher: &dyn Watcher,
) -> anyhow::Result<Vec<Run>> {
    let failed = AtomicBool::new(false);
    let runs = targets.iter().map(|target| async {
        if options.fail_fast && failed.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let run = run(target, options, watcher).await;
        let name = &target.identity().name;
        let run = run.with_context(|| format!("{name} cannot be run, so nothing was judged"))?;
        failed.fetch_or(run.summary.failures() > 0, Ordering::Relaxed);
        Ok(Some(run))
    });
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = if options.fail_fast {
        1
    } else {
        RUNS_AT_ONCE * processors
    };
    let runs = stream::iter(runs).buffered(at_once);
    runs.try_filter_map(async |run| Ok(run)).try_collect().await
}

impl Judged for Target {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn run_once(&self, options: &RunOptions, watcher: &dyn Watcher) -> anyhow::Result<Run> {
        let began = Instant::now();
        let selection = &options.selection;
        let conduct = selection.conduct().context("--skip-tool is malformed")?;
        let context = CheckContext::with_conduct(self.server.clone(), self.timing, conduct);
        let secrets = Secrets(context.tokens());
        let workers = options.jobs.unwrap_or(self.jobs).max(1);
        let shown = |error: anyhow::Error| anyhow::Error::msg(secrets.text(format!("{error:#}")));
        let contact = contact::acquaint(&context, &self.identity.name, workers).await;
        contact.map_err(shown)?;
        let transport = context.transport();
        let selected: Vec<&Check> = checks::all()
            .filter(|check| check.scope.includes(transport) && selection.includes(check))
            .collect();
        let component_checks: Vec<&component::ComponentCheck> = component::CHECKS
            .iter()
            .filter(|_| self.identity.is_component())
            .filter(|check| selection.meets(check.id, check.requirements))
            .collect();
        let count = selected.len() + component_checks.len();
        let watcher = watcher.begin(&self.identity, count);
        if !component_checks.is_empty()
            || selected
                .iter()
                .any(|check| !matches!(check.probe, Probe::Active(_)))
        {
            // Observers need messages. The checks that use the survey report its errors.
            let _ = context.survey().await;
            if let Some(why) = contact::ends_idle(&context, &context.transcript()).await {
                let _ = context.finish().await;
                return Err(shown(anyhow::anyhow!(why)));
            }
            if let Health::Gone(why) = context.health().await {
                let parts = context.transcript();
                let how = format!("and did not come back: {why}");
                let why = aftermath::loss(&parts, &how, "");
                let _ = context.finish().await;
                return Err(shown(anyhow::anyhow!(
                    "in the survey of its features {why}\n\
                     If a tool may end or block the server, pass --skip-tool; if it is only slow, \
                     --answer-timeout"
                )));
            }
            context.retire().await;
        }
        let queue = Queue::new(&self.identity, options, &selected, watcher.as_ref());
        let at_once = u32::try_from(workers).unwrap_or(u32::MAX);
        let alone = began.elapsed();
        let began_checks = Instant::now();
        let workers = (0..workers).map(|_| queue.work(context.sibling()));
        futures::future::try_join_all(workers).await?;
        if let Some(why) = queue.idle_end() {
            let why = why.to_owned();
            let _ = context.finish().await;
            return Err(shown(anyhow::anyhow!(why)));
        }
        let busy = alone + began_checks.elapsed() * at_once;
        let time = spent(context.sessions().clock(), busy);
        watcher.spent(&time);
        let left_out: Vec<LeftOut> = context
            .survey_so_far()
            .into_iter()
            .flat_map(|survey| &survey.left_out)
            .map(|left_out| secrets.left_out(left_out))
            .collect();
        if let Some(survey) = context.survey_so_far() {
            for pattern in selection.unmet_tools(&survey.tools.names(List::Tools))? {
                watcher.warn(&format!(
                    "--skip-tool {pattern}: the server lists no such tool"
                ));
            }
        }
        let logs = context.finish().await;
        queue.write_transcript("all", &logs.iter().map(LogRange::whole).collect::<Vec<_>>())?;
        let evidence = Evidence::read(&logs);
        let gone = queue.gone().map(str::to_owned);
        let mut results = queue.verdicts(|check| {
            let judgement = match (look(check, &evidence), &gone) {
                (Err(Finding::Skip(_)), Some(why)) => Err(Finding::Skip(why.clone())),
                (judgement, _) => judgement,
            };
            context.explained(check.id, secrets.judgement(judgement))
        });
        results.extend(component_checks.into_iter().map(|check| {
            let judgement = check.judge(&self.identity.name, &logs, self.server.as_ref());
            let verdict = judge(check, secrets.judgement(judgement), options.strict);
            watcher.judged(&verdict);
            verdict
        }));
        component::leave_out_repetitions(&mut results);
        let mut run = Run::new(self.identity.clone(), began.elapsed(), results, left_out);
        run.seed = Some(context.conduct().seed);
        run.notes.extend(slow_starts(&context));
        for note in &run.notes {
            watcher.warn(note);
        }
        run.time = Some(time);
        Ok(concluded(run, options, watcher.as_ref()))
    }
}

/// Describes the processes that did not start in time and were replaced, if there are any. No check
/// fails because of them, but a server that sometimes does not start is not well.
fn slow_starts(context: &CheckContext) -> Option<String> {
    let clock = context.sessions().clock();
    let (replaced, all) = (clock.replaced(), clock.sessions());
    let were = if replaced == 1 { "was" } else { "were" };
    let limit = in_words(context.timing().start);
    (replaced > 0).then(|| {
        format!("{replaced} of {all} processes did not start within {limit} and {were} replaced")
    })
}

/// Divides the time of all workers into its parts.
fn spent(clock: &Clock, busy: Duration) -> TimeSpent {
    let (starting, waiting) = (clock.starting(), clock.waiting());
    TimeSpent {
        sessions: clock.sessions(),
        starting,
        waiting,
        judging: busy.saturating_sub(starting + waiting),
    }
}

fn look(check: &Check, evidence: &Evidence) -> Judgement {
    match &check.probe {
        Probe::Observer(look) => look(evidence),
        Probe::Shape(filter) => filter.judge(evidence),
        Probe::Active(_) => Err(Finding::Broken("an active check was not made".to_owned())),
    }
}
