//! The outcome of a run whose server cannot be judged by all checks.

use std::collections::BTreeSet;

use wasi_mcp_conformance::model::{Run, Status};

/// The checks that the reference guest passes in sessions and that need one: memory between
/// requests, a request to the client, or a message that belongs to no request.
pub const NEED_SESSIONS: &[&str] = &[
    // Session ids, and what was sent before.
    "lifecycle/before-initialize",
    "http/session-id",
    "http/session-id-varies",
    "http/session-id-long",
    "http/session-missing",
    "http/session-terminated",
    "http/delete",
    "http/session-id-at-initialize",
    // Listening streams and resumption.
    "http/resume-replay",
    "http/resume",
    "http/resume-cursor",
    "http/disconnect",
    "http/no-response-on-get",
    "http/event-id-unique",
    // Requests to the client, and their cancellation.
    "base/request-id",
    "base/request-id-null",
    "base/request-id-unique",
    "lifecycle/missing-client-capability",
    "lifecycle/request-timeout",
    "lifecycle/timeout-cancelled",
    "lifecycle/timeout-maximum",
    "lifecycle/after-timeout",
    "ping/periodic",
    "ping/timeout",
    "cancellation/late-answer",
    // Cancellations, which name a request of the session.
    "cancellation/stop",
    "cancellation/same-direction",
    "cancellation/in-progress",
    "cancellation/shape",
    "progress/fractions",
    "progress/token-unique",
    "progress/token-kind",
    "roots/unavailable",
    "roots/check-capability",
    "roots/cache",
    "roots/refetch",
    "roots/boundaries",
    "roots/validate-paths",
    "sampling/error-answer",
    "sampling/odd-answer",
    "sampling/modest-answer",
    "sampling/client-capability",
    "sampling/request-required",
    "sampling/message-shape",
    "sampling/priorities",
    "sampling/include-context",
    "sampling/optional-types",
    "elicitation/three-actions",
    "elicitation/validate",
    "elicitation/not-sensitive",
    "elicitation/request-required",
    "elicitation/flat",
    "elicitation/field-types",
    "elicitation/formats",
    "elicitation/keywords",
    "elicitation/enumerations",
    "elicitation/required-fields",
    // Changes of lists, and subscriptions.
    "prompts/list-changed",
    "prompts/list-changed-declared",
    "resources/subscribe",
    "resources/unsubscribe-unknown",
    "resources/updated-on-change",
    "resources/list-changed",
    "resources/updated-only-subscribed",
    "resources/updated-capability",
    "resources/list-changed-declared",
    "resources/updated-shape",
    "tools/list-changed",
    "tools/list-changed-declared",
    // The level of log messages.
    "logging/threshold",
    "logging/threshold-always",
];

/// Fails unless every check has passed or is skipped as permitted; those of authorization always may
/// be. Returns the skipped checks.
pub fn skipped_as_permitted<'a>(name: &str, run: &'a Run, permitted: &[&str]) -> BTreeSet<&'a str> {
    let failed: Vec<String> = run
        .results
        .iter()
        .filter(|verdict| !matches!(verdict.status, Status::Pass | Status::Skip))
        .map(|verdict| {
            format!(
                "{} {:?}: {}",
                verdict.check, verdict.status, verdict.message
            )
        })
        .collect();
    assert!(failed.is_empty(), "{name}:\n{}", failed.join("\n"));
    let is_of_authorization =
        |check: &str| check.starts_with("authorization/") || check == "http/authenticated";
    let skipped: BTreeSet<&str> = run
        .results
        .iter()
        .filter(|verdict| verdict.status == Status::Skip)
        .map(|verdict| verdict.check.as_str())
        .filter(|check| !is_of_authorization(check))
        .collect();
    let permitted: BTreeSet<&str> = permitted.iter().copied().collect();
    let unexpected: Vec<String> = run
        .results
        .iter()
        .filter(|verdict| skipped.contains(verdict.check.as_str()))
        .filter(|verdict| !permitted.contains(verdict.check.as_str()))
        .map(|verdict| format!("{}: {:?}", verdict.check, verdict.reason))
        .collect();
    assert!(unexpected.is_empty(), "{name}:\n{}", unexpected.join("\n"));
    skipped
}
