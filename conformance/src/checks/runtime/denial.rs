//! Requests to the client that the operator denies to a component.

use serde_json::json;

use super::asking::asked;
use super::{RuntimeCheck, compare, compare_one};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::ask;
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::client_role::Asked;
use crate::runtime::{Base, Setting};

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[runtime_check!(
    "runtime-denial/method-not-found",
    "Serves a component to which a request to the client is denied, and treats its client as one without the capability.",
    ["wit.asks.denied"],
    Base::BACKENDS,
    method_not_found
)];

/// The step of the tool `ask` that makes this request.
fn step(asked: Asked) -> &'static str {
    match asked {
        Asked::Sampling => "create-message",
        Asked::Elicitation => "elicit",
        Asked::Roots => "list-roots",
    }
}

async fn method_not_found(stand: &Stand) -> Judgement {
    let deniable = Asked::ALL.map(|asked| (asked, Setting::Denying(asked)));
    let deniable = deniable.into_iter().filter(|(_, it)| stand.knows(*it));
    let mut tally = Tally::default();
    let mut denied = 0;
    for (kind, setting) in deniable {
        denied += 1;
        let session = stand.session_with(setting).await?;
        let from = session.log().len();
        let seen = ask(&session, "ask").await?;
        let expected = Asked::ALL.map(|other| {
            let right = if other == kind {
                "method-not-found"
            } else {
                "ok"
            };
            (step(other), right)
        });
        compare(&mut tally, "ask", &seen, &expected);
        tally.expect(!asked(&session, from).contains(&kind.method()), || {
            format!("{} was denied, and yet the client was asked", kind.method())
        });
        let seen = ask(&session, "describe").await?;
        let done = format!("{} was denied", kind.method());
        for other in Asked::ALL {
            let right = json!(other != kind);
            compare_one(&mut tally, &done, &seen, other.capability(), &right);
        }
    }
    if denied == 0 {
        return Err(Finding::Skip(
            "the adapter does not say how the runtime denies requests to the client (deny)"
                .to_owned(),
        ));
    }
    tally.judge("denials looked like a client without the capability", "")
}
