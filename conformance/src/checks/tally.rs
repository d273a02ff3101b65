//! Counting of cases and their failures within a check.

use crate::model::{Finding, Judgement};

/// The number of failures that a message shows in full.
const SHOWN: usize = 3;

/// The cases and the failures of a check.
#[derive(Clone, Debug)]
pub struct Tally {
    /// The number of cases.
    pub tried: usize,
    failures: Vec<String>,
    /// True if one of the failures is the loss of the server.
    crashed: bool,
    warnings: Vec<String>,
    remarks: Vec<String>,
    unjudged: Vec<String>,
    trouble: Option<Finding>,
    shown: usize,
}

impl Default for Tally {
    fn default() -> Self {
        Self::showing(SHOWN)
    }
}

impl Tally {
    /// Creates a tally whose message shows this many failures in full.
    pub fn showing(shown: usize) -> Self {
        Self {
            tried: 0,
            failures: Vec::new(),
            crashed: false,
            warnings: Vec::new(),
            remarks: Vec::new(),
            unjudged: Vec::new(),
            trouble: None,
            shown,
        }
    }

    /// Notes a failure.
    pub fn fail(&mut self, what: String) {
        self.failures.push(what);
    }

    /// Notes something that cannot be judged, with the reason. It does not count as a case.
    pub fn leave(&mut self, why: String) {
        self.unjudged.push(why);
    }

    /// Counts a case, and notes a failure unless it holds.
    pub fn expect(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        self.tried += 1;
        if !holds {
            self.failures.push(otherwise());
        }
    }

    /// Counts a case with its finding. A skip does not count.
    pub fn note<T>(&mut self, outcome: Result<T, Finding>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.tried += 1;
                return Some(value);
            }
            Err(Finding::Violation(what)) => {
                self.tried += 1;
                self.failures.push(what);
            }
            Err(Finding::Crash(what)) => {
                self.tried += 1;
                self.crashed = true;
                self.failures.push(what);
            }
            Err(Finding::Remark(what)) => {
                self.tried += 1;
                self.remarks.push(what);
            }
            Err(Finding::Warning(what)) => {
                self.tried += 1;
                self.warnings.push(what);
            }
            Err(Finding::Skip(_)) => {}
            Err(broken @ Finding::Broken(_)) => self.trouble = Some(broken),
        }
        None
    }

    /// Returns the judgement: the count, the failures, or a skip when nothing was tried. What could
    /// not be judged is named in a success, and is the reason of a skip.
    pub fn judge(self, counted: &str, nothing: &str) -> Judgement {
        if let Some(trouble) = self.trouble {
            return Err(trouble);
        }
        if !self.failures.is_empty() {
            let failures = summary(&self.failures, self.shown);
            return Err(match self.crashed {
                true => Finding::Crash(failures),
                false => Finding::Violation(failures),
            });
        }
        if !self.warnings.is_empty() {
            let all = [self.warnings, self.remarks].concat();
            return Err(Finding::Warning(summary(&all, self.shown)));
        }
        if !self.remarks.is_empty() {
            return Err(Finding::Remark(summary(&self.remarks, self.shown)));
        }
        let unjudged = summary(&self.unjudged, self.shown);
        match (self.tried, self.unjudged.is_empty()) {
            (0, true) => Err(Finding::Skip(nothing.to_owned())),
            (0, false) => Err(Finding::Skip(unjudged)),
            (tried, true) => Ok(format!("{tried} {counted}")),
            (tried, false) => Ok(format!("{tried} {counted}; not judged:\n{unjudged}")),
        }
    }
}

fn summary(messages: &[String], shown: usize) -> String {
    let mut text = messages
        .iter()
        .take(shown)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    if messages.len() > shown {
        text.push_str(&format!("\nand {} more", messages.len() - shown));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_outweighs_a_warning_and_no_case_is_a_skip() {
        assert!(
            matches!(Tally::default().judge("", "why"), Err(Finding::Skip(why)) if why == "why")
        );
        let mut tally = Tally::default();
        tally.leave("a reason".to_owned());
        assert_eq!(
            tally.clone().judge("", "why"),
            Err(Finding::Skip("a reason".to_owned()))
        );
        tally.expect(true, String::new);
        let judged = tally.judge("seen", "why");
        assert_eq!(judged, Ok("1 seen; not judged:\na reason".to_owned()));
        let mut tally = Tally::default();
        tally.note::<()>(Err(Finding::Remark("r".to_owned())));
        assert_eq!(
            tally.clone().judge("", ""),
            Err(Finding::Remark("r".to_owned()))
        );
        tally.note::<()>(Err(Finding::Warning("w".to_owned())));
        assert_eq!(
            tally.clone().judge("", ""),
            Err(Finding::Warning("w\nr".to_owned()))
        );
        (0..5).for_each(|number| tally.fail(number.to_string()));
        assert_eq!(
            tally.judge("", ""),
            Err(Finding::Violation("0\n1\n2\nand 2 more".to_owned()))
        );
        let mut tally = Tally::default();
        tally.fail("a".to_owned());
        tally.note::<()>(Err(Finding::Crash("b".to_owned())));
        assert_eq!(tally.judge("", ""), Err(Finding::Crash("a\nb".to_owned())));
    }
}
