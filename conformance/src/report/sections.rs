//! The parts of a report that list checks: what went wrong first.

use super::Report;
use crate::model::{Run, Status, Verdict};

/// Checks that came out alike.
pub(super) struct Section {
    /// Its headline.
    pub(super) title: &'static str,
    /// Whether a reader should see it without asking.
    pub(super) urgent: bool,
    /// Whether a short report leaves it out.
    pub(super) quiet: bool,
    holds: fn(Status) -> bool,
}

/// All of them, in order.
pub(super) const SECTIONS: [Section; 5] = [
    Section {
        title: "Failures",
        urgent: true,
        quiet: false,
        holds: Status::is_failure,
    },
    Section {
        title: "Warnings",
        urgent: true,
        quiet: false,
        holds: |status| status == Status::Warn,
    },
    Section {
        title: "Expected failures",
        urgent: false,
        quiet: false,
        holds: |status| status == Status::ExpectedFailure,
    },
    Section {
        title: "Skipped",
        urgent: false,
        quiet: false,
        holds: |status| status == Status::Skip,
    },
    Section {
        title: "Passed",
        urgent: false,
        quiet: true,
        holds: |status| status == Status::Pass,
    },
];

impl Section {
    /// Its outcomes, each with its run and the run's number.
    pub(super) fn of<'a>(&self, report: &'a Report) -> Vec<(usize, &'a Run, &'a Verdict)> {
        let mut members = Vec::new();
        for (number, run) in report.runs.iter().enumerate() {
            let results = run.results.iter();
            let results = results.filter(|verdict| (self.holds)(verdict.status));
            members.extend(results.map(|verdict| (number, run, verdict)));
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::{SECTIONS, Status};

    #[test]
    fn every_outcome_is_in_one_section() {
        for status in Status::ALL {
            let sections = SECTIONS.iter();
            let count = sections.filter(|section| (section.holds)(status)).count();
            assert_eq!(count, 1, "{}", status.name());
        }
    }
}
