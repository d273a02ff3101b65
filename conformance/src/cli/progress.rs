//! Progress on stderr, where that is a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::checks::Check;
use crate::report::Verdict;
use crate::runner::{Nobody, RunWatcher, Watcher};
use crate::targets::Target;

/// A watcher that shows progress on a terminal, and else one that is silent.
pub fn watcher() -> Box<dyn Watcher> {
    if std::io::stderr().is_terminal() {
        Box::new(Bars::default())
    } else {
        Box::new(Nobody)
    }
}

#[derive(Default)]
struct Bars {
    all: MultiProgress,
}

impl Watcher for Bars {
    fn begin(&self, target: &Target, checks: usize) -> Box<dyn RunWatcher> {
        let bar = self.all.add(ProgressBar::new(checks as u64));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(format!(
            "{} over {}",
            target.identity.name, target.identity.transport
        ));
        bar.enable_steady_tick(Duration::from_millis(200));
        Box::new(Bar { bar })
    }
}

struct Bar {
    bar: ProgressBar,
}

impl RunWatcher for Bar {
    fn check(&self, check: &Check) {
        self.bar.set_message(check.id);
    }

    fn judged(&self, _: &Verdict) {
        self.bar.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
