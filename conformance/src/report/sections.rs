//! The sections of a report that list checks, the worst first.

use super::Report;
use crate::model::{Run, Status, Verdict};

/// Checks with similar statuses.
pub(super) struct Section {
    /// Its headline.
    pub(super) title: &'static str,
    /// True if it is unfolded.
    pub(super) urgent: bool,
    /// True if short reports omit it.
    pub(super) quiet: bool,
    holds: fn(Status) -> bool,
}

/// All sections in order.
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
    /// Returns its verdicts, each with its run and the run's number.
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
