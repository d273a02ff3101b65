//! Merging of repeated runs.

use std::collections::BTreeMap;

use crate::model::{Run, Verdict};

/// Merges the runs of one target. The worst verdict of each check counts, with the number of runs
/// by status if they differ.
pub(super) fn joined(runs: Vec<Run>) -> Option<Run> {
    let mut runs = runs.into_iter();
    let mut all = runs.next()?;
    let mut outcomes: Vec<Vec<Verdict>> = all.results.drain(..).map(|first| vec![first]).collect();
    for run in runs {
        all.duration += run.duration;
        if let (Some(all), Some(time)) = (&mut all.time, run.time) {
            *all += time;
        }
        for (known, verdict) in outcomes.iter_mut().zip(run.results) {
            known.push(verdict);
        }
        all.notes.extend(run.notes);
        for left_out in run.left_out {
            if !all.left_out.contains(&left_out) {
                all.left_out.push(left_out);
            }
        }
    }
    all.results = outcomes.into_iter().filter_map(worst).collect();
    all.recount();
    Some(all)
}

fn worst(verdicts: Vec<Verdict>) -> Option<Verdict> {
    let mut repetitions: BTreeMap<&'static str, usize> = BTreeMap::new();
    for verdict in &verdicts {
        *repetitions.entry(verdict.status.name()).or_default() += 1;
    }
    // The first of equally bad verdicts: the last one for max_by_key.
    let mut worst = verdicts
        .into_iter()
        .rev()
        .max_by_key(|verdict| verdict.status)?;
    if repetitions.len() > 1 {
        worst.repetitions = repetitions;
    }
    Some(worst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::judge;
    use crate::checks::{self, Finding, Judgement};
    use crate::model::Transport;
    use crate::model::{Identity, Status};
    use std::time::Duration;

    fn run(judgement: Judgement) -> Run {
        let check = checks::all().next().expect("a check");
        let identity = Identity {
            kind: "url".to_owned(),
            name: "a".to_owned(),
            variant: None,
            world: None,
            transport: Transport::Http,
        };
        let verdict = judge(check, judgement, false);
        Run::new(identity, Duration::from_secs(1), vec![verdict], Vec::new())
    }

    #[test]
    fn the_worst_verdict_counts_and_the_others_are_counted() {
        let bad = || run(Err(Finding::Violation("first".to_owned())));
        let runs = vec![run(Ok(String::new())), bad(), run(Ok(String::new()))];
        let joined = joined(runs).expect("two runs");
        assert_eq!(joined.results.len(), 1);
        assert_eq!(joined.results[0].status, Status::Fail);
        assert_eq!(joined.results[0].message, "first");
        assert_eq!(
            joined.results[0].repetitions,
            BTreeMap::from([("pass", 2), ("fail", 1)])
        );
        assert_eq!(joined.summary.of(Status::Fail), 1);
        assert_eq!(joined.duration, Duration::from_secs(3));
    }

    #[test]
    fn the_notes_of_all_runs_are_kept() {
        let noted = |note: &str| {
            let mut run = run(Ok(String::new()));
            run.notes.push(note.to_owned());
            run
        };
        let all = joined(vec![noted("a"), noted("b")]).expect("two runs");
        assert_eq!(all.notes, ["a", "b"]);
    }

    #[test]
    fn equal_outcomes_have_no_counts() {
        let runs = vec![run(Ok(String::new())), run(Ok(String::new()))];
        assert!(
            joined(runs).expect("runs").results[0]
                .repetitions
                .is_empty()
        );
        assert!(joined(Vec::new()).is_none());
    }
}
