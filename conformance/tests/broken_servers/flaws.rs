//! Servers whose messages strict parsers refuse. The suite continues to read.

use super::lasting;
use super::stage::Transport::{Http, Stdio};
use super::stage::{Case, Transport, outcomes};

/// The observers of messages that could stumble over a flaw, and checks that need the message.
const CHECKS: &[&str] = &[
    "base/utf-8",
    "base/version-member",
    "base/result-or-error",
    "base/emits-no-batch",
    "base/answers-once",
    "stdio/stdout-clean",
    "stdio/one-line",
    "stdio/newline",
    "http/content-type",
    "http/one-object",
    "lifecycle/nothing-first",
    "tools/unique-names",
    "tools/input-schema-object",
];

fn case(transport: Transport, faults: &'static str) -> Case {
    Case {
        checks: CHECKS,
        ..lasting(transport, faults)
    }
}

#[test]
fn one_flaw_gives_one_finding() {
    insta::assert_snapshot!(outcomes(&[
        case(Stdio, "writes@mark"),
        case(Stdio, "writes@utf-16-le"),
        case(Stdio, "writes@utf-16-le-mark crlf"),
        case(Stdio, "writes@utf-16-be"),
        case(Http, "writes@mark"),
        case(Stdio, "description@surrogate"),
        case(Http, "description@surrogate"),
        case(Stdio, "description@nul"),
        case(Http, "description@escape"),
        case(Stdio, "description@latin-1"),
        case(Http, "description@nan"),
        case(Stdio, "description@twice"),
        case(Stdio, "stray@blank"),
        case(Stdio, "stray@log"),
        case(Stdio, "stray@prompt"),
        case(Stdio, "stray@ansi"),
        case(Stdio, "stray@json"),
        case(Stdio, "pretty"),
    ]));
}

#[test]
fn what_is_legal_gives_no_finding() {
    insta::assert_snapshot!(outcomes(&[
        case(Stdio, "crlf"),
        case(Stdio, "description@escaped-nul"),
        case(Http, "description@number"),
        case(Stdio, "description@deep"),
    ]));
}
