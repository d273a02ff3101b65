//! Servers that are slow to start, as on a busy machine, are judged as quick ones.

use super::stage::Transport::Stdio;
use super::stage::{Case, outcomes};

/// A case whose requests before `initialize` are given up before the server has started.
fn impatient(faults: &'static str) -> Case {
    Case {
        transport: Stdio,
        faults,
        checks: &["lifecycle/before-initialize"],
        options: &["--answer-timeout", "1", "--start-timeout", "120"],
    }
}

#[test]
fn results_before_initialize_are_found_however_late() {
    insta::assert_snapshot!(outcomes(&[
        impatient("starts-after@6"),
        impatient("starts-after@6 eager"),
    ]));
}

#[test]
fn a_server_may_end_as_slowly_as_it_starts() {
    insta::assert_snapshot!(outcomes(&[Case {
        checks: &["lifecycle/exit-at-end-of-input"],
        options: &["--answer-timeout", "120", "--start-timeout", "120"],
        ..impatient("starts-after@3 ends-after@7")
    }]));
}
