//! Progress on stderr: bars on a terminal, otherwise a line for each run.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::tell;
use crate::model::duration::in_words;
use crate::model::visible::visible;
use crate::model::{Identity, Summary, TimeSpent, Verdict};
use crate::report::human::counts;
use crate::runner::{NoWatcher, RunWatcher, Watcher};

/// Returns a watcher that shows progress unless `quiet`.
pub fn watcher(quiet: bool) -> Box<dyn Watcher> {
    if quiet {
        Box::new(NoWatcher)
    } else if std::io::stderr().is_terminal() {
        Box::new(Bars::default())
    } else {
        Box::new(Lines)
    }
}

/// A progress bar for each run.
#[derive(Default)]
struct Bars {
    all: MultiProgress,
}

impl Watcher for Bars {
    fn begin(&self, target: &Identity, checks: usize) -> Box<dyn RunWatcher> {
        let bar = self.all.add(ProgressBar::new(checks as u64));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(format!("{} over {}", target.name, target.transport));
        bar.enable_steady_tick(Duration::from_millis(200));
        Box::new(Bar { bar })
    }
}

struct Bar {
    bar: ProgressBar,
}

impl RunWatcher for Bar {
    fn check(&self, id: &'static str) {
        self.bar.set_message(id);
    }

    fn judged(&self, _: &Verdict) {
        self.bar.inc(1);
    }

    fn warn(&self, warning: &str) {
        self.bar
            .suspend(|| tell(&format!("warning: {}", visible(warning))));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A line for each completed run, for logs.
struct Lines;

impl Watcher for Lines {
    fn begin(&self, target: &Identity, _: usize) -> Box<dyn RunWatcher> {
        Box::new(LineOf {
            title: target.title(),
            began: Instant::now(),
            spent: OnceLock::new(),
        })
    }
}

struct LineOf {
    title: String,
    began: Instant,
    spent: OnceLock<TimeSpent>,
}

impl RunWatcher for LineOf {
    fn check(&self, _: &'static str) {}

    fn judged(&self, _: &Verdict) {}

    fn spent(&self, time: &TimeSpent) {
        // A run has one end.
        let _ = self.spent.set(*time);
    }

    fn concluded(&self, summary: Summary) {
        let spent = self.spent.get();
        let spent = spent.map_or(String::new(), |time| format!(" ({time})"));
        tell(&format!(
            "judged {}: {} in {}{spent}",
            visible(&self.title),
            counts(summary),
            in_words(self.began.elapsed())
        ));
    }

    fn warn(&self, warning: &str) {
        tell(&format!("warning: {}", visible(warning)));
    }
}
