//! Each fault, at each moment at which it makes a difference.

use super::stage::Transport::{Http, Stdio};
use super::stage::{Case, described, outcomes, suite};
use super::{brief, hanging, lasting};

#[test]
fn absent() {
    for (target, reason) in [
        (
            ["--command", "no-such-program-conformance"],
            "cannot be started",
        ),
        (
            ["--url", "http://127.0.0.1:9/mcp"],
            "Is the server running, and is this its address?",
        ),
    ] {
        let case = brief(Stdio, "");
        let output = suite(
            target,
            &Case {
                checks: &["ping/respond"],
                ..case
            },
        );
        let mut output = output;
        let text = described(&output.output().expect("the suite starts"), &[]);
        assert!(
            text.starts_with("exit 2\n") && text.contains(reason),
            "{text}"
        );
        assert!(text.contains("nothing was judged"), "{text}");
    }
}

#[test]
fn no_mcp() {
    insta::assert_snapshot!(outcomes(&[
        brief(Http, "answers@html"),
        brief(Http, "answers@json"),
        brief(Http, "answers@ok"),
        brief(Http, "answers@static"),
        brief(Http, "answers@empty"),
        brief(Http, "answers@stream"),
        brief(Http, "answers@202"),
        brief(Http, "answers@redirect"),
        brief(Http, "answers@401"),
        brief(Http, "answers@403"),
        brief(Http, "answers@404"),
        brief(Http, "answers@503"),
        brief(Http, "id"),
        brief(Stdio, "echoes"),
        brief(Stdio, "exits"),
        brief(Stdio, "exits prints"),
    ]));
}

#[test]
fn no_mcp_and_silent() {
    // The time for initialize has to pass.
    const OPTIONS: &[&str] = &["--start-timeout", "20"];
    let case = |faults| Case {
        options: OPTIONS,
        ..brief(Stdio, faults)
    };
    insta::assert_snapshot!(outcomes(&[case("id"), case("chats")]));
}

#[test]
fn other_revision() {
    let revisions = [
        "revision@2025-11-25",
        "revision@2024-11-05",
        "revision@error",
        "revision@refused",
    ];
    let cases = revisions.map(|faults| [brief(Http, faults), brief(Stdio, faults)]);
    insta::assert_snapshot!(outcomes(&cases.concat()));
}

#[test]
fn one_session_only() {
    insta::assert_snapshot!(outcomes(&[
        brief(Http, "alone"),
        brief(Http, "most@2"),
        brief(Stdio, "alone"),
    ]));
}

#[test]
fn at_first_contact() {
    insta::assert_snapshot!(outcomes(&[
        brief(Http, "dies@contact"),
        brief(Http, "fails@contact"),
        brief(Http, "restarts@contact"),
        brief(Http, "trips@contact"),
        hanging(Http, "hangs@contact"),
        brief(Stdio, "dies@contact"),
        brief(Stdio, "restarts@contact"),
        hanging(Stdio, "hangs@contact"),
    ]));
}

#[test]
fn some_time_after_initialized() {
    insta::assert_snapshot!(outcomes(&[lasting(Stdio, "fades@0.5")]));
}

#[test]
fn at_one_of_its_starts() {
    insta::assert_snapshot!(outcomes(&[Case {
        checks: &["base/same-id", "base/parse-error"],
        ..lasting(Stdio, "stumbles@3")
    }]));
}

#[test]
fn slow_starts() {
    let case = |options| Case {
        options,
        ..lasting(Stdio, "starts-after@5")
    };
    insta::assert_snapshot!(outcomes(&[
        case(&["--start-timeout", "2"]),
        case(&["--start-timeout", "100", "--answer-timeout", "10"]),
    ]));
}

#[test]
fn in_the_survey() {
    insta::assert_snapshot!(outcomes(&[
        brief(Http, "dies@survey"),
        brief(Http, "fails@survey"),
        lasting(Http, "restarts@survey"),
        lasting(Http, "trips@survey"),
        hanging(Http, "hangs@survey"),
        brief(Stdio, "dies@survey"),
        lasting(Stdio, "restarts@survey"),
        hanging(Stdio, "hangs@survey"),
    ]));
}

#[test]
fn in_the_middle_of_a_check() {
    insta::assert_snapshot!(outcomes(&[
        brief(Http, "dies@check"),
        brief(Http, "fails@check"),
        lasting(Http, "restarts@check"),
        lasting(Http, "trips@check"),
        hanging(Http, "hangs@check"),
        brief(Stdio, "dies@check"),
        lasting(Stdio, "restarts@check"),
        hanging(Stdio, "hangs@check"),
    ]));
}

#[test]
fn sessions_that_end_early() {
    insta::assert_snapshot!(outcomes(&[
        lasting(Http, "forgets@survey"),
        lasting(Http, "forgets@check"),
        lasting(Http, "forgets@end"),
        lasting(Http, "keeps-forgetting@check"),
        lasting(Http, "replaced@check"),
        brief(Http, "turns-away@check"),
        brief(Http, "turns-away@survey"),
    ]));
}

#[test]
fn sessions_that_end_early_beside_other_checks() {
    // The same, whichever worker meets it.
    let outcome = outcomes(&[Case {
        options: &[
            "--answer-timeout",
            "120",
            "--start-timeout",
            "120",
            "--jobs",
            "2",
        ],
        ..lasting(Http, "forgets@check")
    }]);
    assert!(outcome.contains("exit 0"), "{outcome}");
    assert!(
        !outcome.contains("fail") && !outcome.contains("error "),
        "{outcome}"
    );
}

#[test]
fn answers_that_only_begin() {
    insta::assert_snapshot!(outcomes(&[
        hanging(Http, "heads@contact"),
        hanging(Http, "heads@survey"),
        hanging(Http, "heads@check"),
        hanging(Http, "heads@end"),
    ]));
}

#[test]
fn in_the_last_check() {
    insta::assert_snapshot!(outcomes(&[
        brief(Http, "dies@end"),
        brief(Http, "fails@end"),
        lasting(Http, "restarts@end"),
        lasting(Http, "trips@end"),
        hanging(Http, "hangs@end"),
        brief(Stdio, "dies@end"),
        lasting(Stdio, "restarts@end"),
        hanging(Stdio, "hangs@end"),
    ]));
}
