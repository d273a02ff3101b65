//! Updating the file of expectations from a report.

use anyhow::Context;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::{Expectations, surprises};
use crate::model::{Run, Status, Verdict};

const KEY: &str = "expected-failure";

/// The updated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updated {
    /// Its text.
    pub text: String,
    /// The number of new entries.
    pub added: usize,
    /// The number of entries that were removed, or narrowed to the runs in which they still apply.
    pub removed: usize,
}

/// Adds an entry for everything that fails unexpectedly and removes the entries of unexpected
/// passes. The rest of the text is unchanged, including comments.
///
/// # Errors
///
/// When the text is malformed.
pub fn updated(text: &str, runs: &[Run]) -> anyhow::Result<Updated> {
    let known = Expectations::parse(text)?;
    let mut document: DocumentMut = text.parse().context("the file is not TOML")?;
    let entries = document
        .entry(KEY)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let entries = entries
        .as_array_of_tables_mut()
        .with_context(|| format!("{KEY} is not an array of tables"))?;
    let before = entries.len();
    // From the end, so that positions remain valid.
    let mut narrowed = Vec::new();
    for (index, known) in known.entries.iter().enumerate().rev() {
        let about = |run: &Run, status: Status| {
            let mut verdicts = run.results.iter();
            verdicts.any(|verdict| verdict.status == status && known.is_about(&run.target, verdict))
        };
        if runs.iter().any(|run| about(run, Status::UnexpectedPass)) {
            let written = entries.get(index).cloned();
            entries.remove(index);
            // It still fails in other runs, for the given reason.
            let failing = runs
                .iter()
                .filter(|run| about(run, Status::ExpectedFailure));
            for run in failing {
                if let Some(mut entry) = written.clone() {
                    narrow(&mut entry, run);
                    narrowed.push(entry);
                }
            }
        }
    }
    let removed = before - entries.len();
    narrowed.into_iter().for_each(|entry| entries.push(entry));
    let kept = entries.len();
    for (verdict, failing) in surprises(runs) {
        if judged(runs, verdict) == failing.len() {
            entries.push(entry(verdict, None));
        } else {
            let each = failing.into_iter().map(|run| entry(verdict, Some(run)));
            each.for_each(|entry| entries.push(entry));
        }
    }
    let added = entries.len() - kept;
    Ok(Updated {
        text: document.to_string(),
        added,
        removed,
    })
}

/// Counts the runs in which the check was judged.
fn judged(runs: &[Run], verdict: &Verdict) -> usize {
    let judged = runs.iter().filter(|run| {
        run.results
            .iter()
            .any(|other| other.check == verdict.check && other.status != Status::Skip)
    });
    judged.count()
}

/// Restricts an entry to this target and transport.
fn narrow(entry: &mut Table, run: &Run) {
    entry["target"] = value(globset::escape(&run.target.name));
    entry["transport"] = value(run.target.transport.to_string());
}

fn entry(verdict: &Verdict, run: Option<&Run>) -> Table {
    let mut table = Table::new();
    table["check"] = value(&verdict.check);
    if let Some(run) = run {
        narrow(&mut table, run);
    }
    // Messages may differ from run to run. The status does not, and a crash deserves more attention
    // than a wrong answer.
    table["reason"] = value(format!(
        "to be explained; seen by --update-expectations ({})",
        verdict.status.name()
    ));
    table
}

#[cfg(test)]
mod tests {
    use super::super::tests::{run, violation};
    use super::*;

    #[test]
    fn failures_are_added_and_passes_removed() {
        let text = "# why we keep this file\n\n[[expected-failure]]\ncheck = 'tools/utf-8'\nreason = 'known'\n";
        let mut runs = [
            run(
                "a[1]",
                &[
                    ("ping/respond", violation()),
                    ("base/same-id", violation()),
                    ("tools/utf-8", Ok(String::new())),
                ],
            ),
            run(
                "b",
                &[
                    ("ping/respond", violation()),
                    ("base/same-id", Ok(String::new())),
                ],
            ),
        ];
        let known = Expectations::parse(text).expect("well-formed");
        runs.iter_mut().for_each(|run| known.apply(run));
        let text = updated(text, &runs).expect("it can be updated");
        assert_eq!((text.added, text.removed), (2, 1));
        let text = text.text;
        assert!(text.starts_with("# why we keep this file") || text.contains("ping/respond"));
        assert!(!text.contains("tools/utf-8"), "{text}");
        let known = Expectations::parse(&text).expect("what is written can be read");
        assert_eq!(known.entries.len(), 2, "{text}");
        let mut again = [
            run(
                "a[1]",
                &[("ping/respond", violation()), ("base/same-id", violation())],
            ),
            run(
                "b",
                &[
                    ("ping/respond", violation()),
                    ("base/same-id", Ok(String::new())),
                ],
            ),
        ];
        for run in &mut again {
            known.apply(run);
            assert_eq!(run.summary.failures(), 0, "{text}");
        }
        assert_eq!(
            updated(&text, &again).expect("again").text,
            text,
            "nothing is left to do"
        );
    }

    #[test]
    fn an_entry_that_still_applies_elsewhere_keeps_its_reason() {
        let text = "[[expected-failure]]\ncheck = 'ping/respond'\nreason = 'issue 17'\n";
        let known = Expectations::parse(text).expect("well-formed");
        let mut runs = [
            run("a", &[("ping/respond", violation())]),
            run("b", &[("ping/respond", Ok(String::new()))]),
        ];
        runs.iter_mut().for_each(|run| known.apply(run));
        let text = updated(text, &runs).expect("it can be updated").text;
        assert!(
            text.contains("issue 17") && text.contains("target = \"a\""),
            "{text}"
        );
        let known = Expectations::parse(&text).expect("well-formed");
        let mut again = [
            run("a", &[("ping/respond", violation())]),
            run("b", &[("ping/respond", Ok(String::new()))]),
        ];
        for run in &mut again {
            known.apply(run);
            assert_eq!(run.summary.failures(), 0, "{text}");
        }
    }

    #[test]
    fn an_empty_file_gets_its_first_entries() {
        let runs = [run("a", &[("ping/respond", violation())])];
        let text = updated("", &runs).expect("it can be updated").text;
        assert!(
            text.contains("seen by --update-expectations (fail)\""),
            "{text}"
        );
        assert!(!text.contains("sent that"), "{text}");
    }

    #[test]
    fn warnings_are_not_added_and_crashes_are_named() {
        let mut runs = [run(
            "a",
            &[("ping/respond", violation()), ("tools/utf-8", violation())],
        )];
        runs[0].results[0].status = Status::Warn;
        runs[0].results[1].status = Status::Crash;
        let updated = updated("", &runs).expect("it can be updated");
        assert_eq!(updated.added, 1);
        assert!(!updated.text.contains("ping/respond"), "{}", updated.text);
        assert!(updated.text.contains("(crash)"), "{}", updated.text);
    }
}
