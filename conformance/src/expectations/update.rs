//! Bringing the file up to date with a report.

use anyhow::Context;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::{Expectations, surprises};
use crate::report::{Run, Status, Verdict};

const KEY: &str = "expected-failure";

/// The file's text with an entry for everything that fails unexpectedly, and
/// without the entries of what passes unexpectedly. The rest of the text stays
/// as it is, with its comments.
///
/// # Errors
///
/// When the text is malformed.
pub fn updated(text: &str, runs: &[Run]) -> anyhow::Result<String> {
    let known = Expectations::parse(text)?;
    let mut document: DocumentMut = text.parse().context("the file is no TOML")?;
    let entries = document
        .entry(KEY)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let entries = entries
        .as_array_of_tables_mut()
        .with_context(|| format!("{KEY} is no array of tables"))?;
    // From the end, so that positions stay what they are.
    let mut narrowed = Vec::new();
    for (index, known) in known.entries.iter().enumerate().rev() {
        let about = |run: &Run, status: Status| {
            let mut verdicts = run.results.iter();
            verdicts.any(|verdict| verdict.status == status && known.is_about(&run.target, verdict))
        };
        if runs.iter().any(|run| about(run, Status::UnexpectedPass)) {
            let written = entries.get(index).cloned();
            entries.remove(index);
            // Elsewhere it still fails, for the reason that was given.
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
    narrowed.into_iter().for_each(|entry| entries.push(entry));
    for (verdict, failing) in surprises(runs) {
        if judged(runs, verdict) == failing.len() {
            entries.push(entry(verdict, None));
        } else {
            let each = failing.into_iter().map(|run| entry(verdict, Some(run)));
            each.for_each(|entry| entries.push(entry));
        }
    }
    Ok(document.to_string())
}

/// In how many runs the check came to a judgement.
fn judged(runs: &[Run], verdict: &Verdict) -> usize {
    let judged = runs.iter().filter(|run| {
        run.results
            .iter()
            .any(|other| other.check == verdict.check && other.status != Status::Skip)
    });
    judged.count()
}

/// Makes an entry one of this target and transport alone.
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
    let seen = verdict.message.lines().next().unwrap_or_default();
    table["reason"] = value(format!(
        "to be explained; seen by --update-expectations: {seen}"
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
            updated(&text, &again).expect("again"),
            text,
            "nothing is left to do"
        );
    }

    #[test]
    fn what_still_fails_elsewhere_keeps_its_reason() {
        let text = "[[expected-failure]]\ncheck = 'ping/respond'\nreason = 'issue 17'\n";
        let known = Expectations::parse(text).expect("well-formed");
        let mut runs = [
            run("a", &[("ping/respond", violation())]),
            run("b", &[("ping/respond", Ok(String::new()))]),
        ];
        runs.iter_mut().for_each(|run| known.apply(run));
        let text = updated(text, &runs).expect("it can be updated");
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
    fn an_empty_file_is_a_beginning() {
        let runs = [run("a", &[("ping/respond", violation())])];
        let text = updated("", &runs).expect("it can be updated");
        assert!(
            text.contains("seen by --update-expectations: sent that; got this"),
            "{text}"
        );
        assert!(!text.contains("and more"));
    }
}
