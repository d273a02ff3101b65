//! Proof that the checks can fail, and that they do not fail for nothing: a
//! server with one fault at a time, and with one legal peculiarity at a time.

mod server;

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use wasi_mcp_conformance::driver::Timing;
use wasi_mcp_conformance::driver::connection::Transport;
use wasi_mcp_conformance::report::{Identity, Run, Status};
use wasi_mcp_conformance::runner::{Nobody, Selection, run};
use wasi_mcp_conformance::targets::Target;

use server::Peculiar;

/// A fault, the check that has to find it, and a check that makes the server
/// show it, where the survey alone does not.
struct Fault(&'static str, &'static str, Option<&'static str>);

const fn fault(name: &'static str, check: &'static str) -> Fault {
    Fault(name, check, None)
}

const fn shown_by(name: &'static str, check: &'static str, other: &'static str) -> Fault {
    Fault(name, check, Some(other))
}

const FAULTS: &[Fault] = &[
    fault("jsonrpc-missing", "base/version-member"),
    fault("id-rounded", "base/large-id"),
    fault("initialized-unheard", "lifecycle/handshake"),
    fault("initialized-unheard", "lifecycle/initialized-accepted"),
    fault("initialized-unheard", "ping/respond"),
    fault("version-fallback-old", "lifecycle/latest-version"),
    fault("older-version-unheard", "lifecycle/older-version"),
    fault("initialize-strict", "lifecycle/further-capabilities"),
    fault("asks-at-once", "lifecycle/nothing-first"),
    fault("no-capabilities", "lifecycle/result-capabilities"),
    fault(
        "hangs-without-capability",
        "lifecycle/missing-client-capability",
    ),
    fault("crlf-unheard", "stdio/line-endings"),
    fault("long-lines-unheard", "stdio/long-line"),
    fault("ping-refused", "ping/before-initialized"),
    fault("pings-all-the-time", "ping/not-excessive"),
    fault("token-fraction", "progress/token-kind"),
    fault("hangs-without-roots", "roots/unavailable"),
    fault("roots-changes-unheard", "roots/list-changed"),
    fault("hangs-on-empty-sample", "sampling/modest-answer"),
    fault("prompts-quiet", "prompts/list-changed-declared"),
    fault("resources-quiet", "resources/list-changed-declared"),
    fault("resources-undeclared", "resources/declare"),
    fault("resources-undeclared", "tools/embedded-capability"),
    fault("tools-undeclared", "tools/declare"),
    fault("completions-undeclared", "completion/declare"),
    fault("completions-undeclared", "completion/unsupported"),
    fault("template-no-scheme", "resources/template-read"),
    fault("subscribe-refused", "resources/subscribe"),
    fault("unsubscribe-refused", "resources/unsubscribe-unknown"),
    fault("read-annotations", "resources/annotations-placement"),
    fault("arguments-wanted", "tools/call-without-arguments"),
    fault("level-refused", "logging/set-level"),
    fault("cursor-refused", "pagination/four-operations"),
    fault("cursor-unstable", "pagination/stable"),
    fault("cursor-unheard", "pagination/invalid-graceful"),
    fault("id-text", "base/same-id"),
    fault("both", "base/not-both"),
    fault("neither", "base/result-or-error"),
    fault("result-array", "base/result-object"),
    fault("array", "base/emits-no-batch"),
    fault("latin-1", "base/utf-8"),
    fault("params-array", "base/emits-params-object"),
    shown_by(
        "error-code-text",
        "base/error-code-integer",
        "base/method-not-found",
    ),
    shown_by(
        "error-no-message",
        "base/error-members",
        "base/method-not-found",
    ),
    shown_by(
        "error-code-reserved",
        "base/error-code-reserved",
        "base/method-not-found",
    ),
    shown_by("error-trace", "base/error-concise", "base/method-not-found"),
    fault("answers-notifications", "base/notification-no-response"),
    fault("answers-responses", "base/unknown-response"),
    fault("answers-twice", "base/answers-once"),
    fault("batch", "base/no-batch"),
    fault("batch", "stdio/single-messages"),
    fault("parse-error-code", "base/parse-error"),
    fault("dies-on-garbage", "base/parse-error"),
    fault("dies-on-garbage", "base/survives-garbage"),
    fault("version-unchecked", "base/invalid-request"),
    fault("unknown-method-result", "base/method-not-found"),
    fault("case-insensitive", "base/method-names-exact"),
    fault("params-unchecked", "base/params-structured"),
    fault("invalid-params-code", "base/invalid-params"),
    fault("meta-refused", "base/meta-accepted"),
    fault("meta-refused", "base/meta-values"),
    fault("further-members-refused", "base/further-members"),
    fault("params-wanted", "base/optional-params"),
    fault("ask-id-null", "base/request-id-null"),
    fault("ask-id-fraction", "base/request-id"),
    fault("ask-id-reused", "base/request-id-unique"),
    fault("notification-id", "base/notification-id"),
    fault("meta-array", "base/meta-object"),
    fault("meta-reserved", "base/meta-reserved"),
    fault("meta-label", "base/meta-label"),
    fault("meta-prefix", "base/meta-prefix"),
    fault("meta-name", "base/meta-name"),
    fault("meta-characters", "base/meta-name-characters"),
    fault("serves-early", "lifecycle/before-initialize"),
    fault("initializes-again", "lifecycle/second-initialize"),
    fault("version-echoed", "lifecycle/other-version"),
    fault("version-error", "lifecycle/other-version"),
    fault("version-old", "lifecycle/same-version"),
    fault("asks-early", "lifecycle/server-waits"),
    fault("prompts-undeclared", "lifecycle/features-advertised"),
    fault("prompts-undeclared", "prompts/declare"),
    shown_by(
        "asks-undeclared",
        "lifecycle/negotiated-only",
        "lifecycle/missing-client-capability",
    ),
    shown_by(
        "asks-undeclared",
        "sampling/client-capability",
        "lifecycle/missing-client-capability",
    ),
    shown_by(
        "asks-undeclared",
        "roots/check-capability",
        "lifecycle/missing-client-capability",
    ),
    fault("capability-boolean", "lifecycle/capabilities-shape"),
    fault("no-server-info", "lifecycle/result-server-info"),
    fault("version-number", "lifecycle/implementation-shape"),
    fault("instructions-list", "lifecycle/result-shape"),
    fault("never-exits", "lifecycle/exit-at-end-of-input"),
    fault("banner", "stdio/stdout-clean"),
    fault("pretty-print", "stdio/one-line"),
    shown_by("ping-data", "ping/empty", "ping/respond"),
    fault("ping-waits", "ping/during-call"),
    fault("subscribe-data", "ping/empty-results"),
    fault("cancel-answered", "cancellation/no-response"),
    fault("cancel-goes-on", "cancellation/stop"),
    fault("cancel-unknown-answered", "cancellation/unknown-id"),
    fault("cancel-unknown-answered", "cancellation/completed-id"),
    fault("cancel-unknown-answered", "cancellation/malformed"),
    fault("cancel-loose-id", "cancellation/kind-of-id"),
    fault("cancels-strangers", "cancellation/same-direction"),
    fault("cancel-shape", "cancellation/shape"),
    fault("progress-token-string", "progress/echo-token"),
    fault("progress-constant", "progress/increases"),
    fault("progress-uninvited", "progress/only-requested"),
    fault("progress-late", "progress/in-progress"),
    fault("progress-empty", "progress/message"),
    fault("progress-string", "progress/shape"),
    fault("meta-refused", "progress/any-request"),
    fault("hangs-on-error", "sampling/error-answer"),
    fault("hangs-on-odd-sample", "sampling/odd-answer"),
    fault("sampling-no-maximum", "sampling/request-required"),
    fault("sampling-list", "sampling/message-shape"),
    fault("sampling-priority", "sampling/priorities"),
    fault("sampling-context", "sampling/include-context"),
    fault("sampling-hints", "sampling/optional-types"),
    fault("hangs-on-decline", "elicitation/three-actions"),
    fault("hangs-on-odd-form", "elicitation/validate"),
    fault("form-no-message", "elicitation/request-required"),
    fault("form-nested", "elicitation/flat"),
    fault("form-format", "elicitation/formats"),
    fault("form-keyword", "elicitation/keywords"),
    fault("form-names", "elicitation/enumerations"),
    fault("form-required", "elicitation/required-fields"),
    fault("form-password", "elicitation/not-sensitive"),
    fault("prompt-twice", "prompts/unique-names"),
    fault("prompt-broken", "prompts/get-listed"),
    fault("prompt-argument-unused", "prompts/arguments-used"),
    fault("unknown-prompt-result", "prompts/unknown"),
    fault("prompt-unchecked", "prompts/missing-arguments"),
    fault("prompt-unchecked", "prompts/validate-arguments"),
    fault("prompt-no-name", "prompts/list-shape"),
    fault("prompt-argument", "prompts/argument-shape"),
    fault("prompt-role", "prompts/get-shape"),
    fault("prompt-list", "prompts/get-shape"),
    fault("prompt-image", "prompts/image-base64"),
    fault("prompt-image-type", "prompts/image-media-type"),
    fault("prompt-audio", "prompts/audio-base64"),
    fault("prompt-audio-type", "prompts/audio-media-type"),
    fault("prompt-embedded-uri", "prompts/embedded-uri"),
    fault("prompt-embedded-body", "prompts/embedded-body"),
    fault("prompt-embedded-type", "prompts/embedded-media-type"),
    fault("prompts-undeclared", "prompts/capability"),
    fault("resource-fails-oddly", "resources/internal-error"),
    fault("resource-fails-oddly", "resources/read-listed"),
    fault("resource-twice", "resources/unique-uris"),
    fault("uri-relative", "resources/uri-valid"),
    fault("uri-scheme", "resources/custom-scheme"),
    fault("resource-no-name", "resources/list-shape"),
    fault("size-wrong", "resources/size"),
    fault("read-no-body", "resources/read-shape"),
    fault("read-both", "resources/text-xor-blob"),
    fault("read-other", "resources/read-uri"),
    fault("read-nul", "resources/text-only-if-text"),
    fault("blob-unpadded", "resources/binary-encoded"),
    fault("template-broken", "resources/template-syntax"),
    fault("template-no-name", "resources/templates-shape"),
    fault("template-media-type", "resources/template-media-type"),
    fault("unknown-resource-code", "resources/unknown"),
    fault("unknown-resource-empty", "resources/unknown"),
    fault("unknown-resource-empty", "resources/validate-uris"),
    fault("no-update", "resources/updated-on-change"),
    fault("unsubscribe-ignored", "resources/updated-on-change"),
    fault("update-uninvited", "resources/updated-only-subscribed"),
    fault("update-no-uri", "resources/updated-shape"),
    fault("audience-string", "resources/annotations-audience"),
    fault("audience-word", "resources/annotations-audience"),
    fault("priority-2", "resources/annotations-priority"),
    fault("last-modified", "resources/annotations-last-modified"),
    fault("tool-twice", "tools/unique-names"),
    fault("tool-title-number", "tools/list-shape"),
    fault("tool-schema-missing", "tools/input-schema-object"),
    fault("tool-schema-array", "tools/input-schema-object"),
    fault("tool-schema-invalid", "tools/schemas-valid"),
    fault("output-schema-array", "tools/output-schema-object"),
    fault("hint-string", "tools/annotations-shape"),
    fault("content-missing", "tools/result-content"),
    fault("is-error-string", "tools/is-error"),
    fault("structured-array", "tools/structured-object"),
    fault("structured-missing", "tools/output-schema-provided"),
    fault("structured-wrong", "tools/output-schema-conform"),
    fault("structured-no-text", "tools/structured-text"),
    fault("unknown-tool-result", "tools/unknown-tool"),
    fault("unknown-tool-result", "tools/unknown-tool-finding"),
    fault("arguments-unchecked", "tools/invalid-arguments"),
    fault("content-kind", "tools/content-kinds"),
    fault("image-data", "tools/content-base64"),
    fault("image-type", "tools/content-base64"),
    fault("link-no-name", "tools/resource-link-shape"),
    fault("link-broken", "tools/linked-resources"),
    fault("embedded-uri", "tools/embedded-uri"),
    fault("text-mangled", "tools/utf-8"),
    fault("tool-broken", "tools/listed-tools-answer"),
    fault("list-changed-undeclared", "tools/list-changed-declared"),
    fault("completion-101", "completion/at-most-100"),
    fault("completion-count", "completion/has-more"),
    fault("completion-total", "completion/shape"),
    fault("completion-ranked", "completion/ranked"),
    fault("completion-context", "completion/context"),
    fault("completion-kinds", "completion/reference-kinds"),
    fault("completion-code", "completion/unknown-prompt"),
    fault("completion-code", "completion/missing-members"),
    fault("completion-unchecked", "completion/validate"),
    fault("level-unchecked", "logging/invalid-level"),
    fault("threshold-ignored", "logging/threshold"),
    shown_by(
        "threshold-ignored",
        "logging/threshold-always",
        "logging/threshold",
    ),
    fault("logging-undeclared", "logging/declare"),
    fault("level-upper", "logging/levels"),
    fault("data-missing", "logging/shape"),
    fault("log-paths", "logging/no-internals"),
    fault("cursor-null", "pagination/next-cursor"),
    fault("cursor-endless", "pagination/terminates"),
    fault("pages-overlap", "pagination/complete"),
    fault("cursor-unchecked", "pagination/invalid-cursor"),
];

/// What a server may do, though most do not.
const LEGAL: &[&str] = &[
    "nothing peculiar",
    "crlf",
    "silent-on-garbage",
    "slow-answers",
    "pings",
    "further-capabilities",
    "further-members",
    "logs-early",
    "empty-first-page",
    "one-page",
    "no-description",
    "odd-names",
    "meta-everywhere",
    "draft-7",
    "audience-empty",
    "update-part",
    "arguments-is-error",
    "no-content",
    "progress-fraction",
    "ask-id-text",
    "form-kinds",
    "error-data",
    "escapes",
    "completion-bare",
    "fails-at-first",
];

/// Checks that this server over stdio gives nothing to judge.
const SKIPPED: &[&str] = &[
    "lifecycle/features-advertised",
    "stdio/stderr-utf-8",
    "progress/message",
    "progress/token-unique",
    "progress/token-kind",
    "roots/refetch",
    "completion/unsupported",
    "resources/internal-error",
    "cancellation/same-direction",
    "cancellation/in-progress",
    "cancellation/shape",
];

/// Checks of which no fault proves yet that they can fail.
const UNPROVEN: &[&str] = &[
    "base/invalid-utf-8",
    "lifecycle/version-mismatch",
    "stdio/newline",
    "stdio/stderr-utf-8",
    "cancellation/race",
    "cancellation/late-answer",
    "cancellation/in-progress",
    "progress/rate",
    "progress/token-unique",
    "roots/refetch",
    "prompts/hostile-arguments",
    "prompts/list-changed",
    "resources/list-changed",
    "resources/updated-capability",
    "tools/error-in-result",
    "tools/list-changed",
    "logging/all-above",
    "logging/rate",
];

/// How many servers are judged at the same time.
const AT_ONCE: usize = 8;

fn target(name: &'static str) -> Target {
    Target {
        identity: Identity {
            kind: "bench".to_owned(),
            name: name.to_owned(),
            variant: None,
            world: None,
            transport: Transport::Stdio,
        },
        server: Arc::new(Peculiar(name)),
        timing: Timing {
            answer: Duration::from_millis(1500),
            call: Duration::from_millis(300),
            quiet: Duration::from_millis(30),
            grace: Duration::from_millis(500),
        },
    }
}

async fn judge(name: &'static str, filters: Vec<String>) -> Run {
    let selection = Selection {
        filters,
        destructive: false,
    };
    run(&target(name), &selection, &Nobody)
        .await
        .unwrap_or_else(|error| panic!("{name}: {error:#}"))
}

/// What is wrong with the judgement of a fault, if anything.
async fn missed(Fault(name, check, other): &Fault) -> Option<String> {
    let filters = std::iter::once(*check)
        .chain(*other)
        .map(str::to_owned)
        .collect();
    let run = judge(name, filters).await;
    let verdict = run.results.iter().find(|verdict| verdict.check == *check)?;
    let caught = matches!(verdict.status, Status::Fail | Status::Warn)
        && !verdict.message.starts_with("could not be judged");
    (!caught).then(|| {
        format!(
            "{name}: {check} says {:?}: {} {:?}",
            verdict.status, verdict.message, verdict.reason
        )
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_found_by_its_check() {
    let missed: Vec<String> = stream::iter(FAULTS)
        .map(missed)
        .buffer_unordered(AT_ONCE)
        .filter_map(async |missed| missed)
        .collect()
        .await;
    assert!(
        missed.is_empty(),
        "{} of {} faults are missed:\n{}",
        missed.len(),
        FAULTS.len(),
        missed.join("\n")
    );
}

#[test]
fn every_fault_names_a_check() {
    for Fault(name, check, other) in FAULTS {
        for id in std::iter::once(check).chain(other) {
            assert!(
                wasi_mcp_conformance::checks::all().any(|check| check.id == *id),
                "{name} names {id}, which is no check"
            );
        }
    }
}

#[test]
fn checks_without_a_fault_are_known() {
    let proven = |id: &str| FAULTS.iter().any(|Fault(_, check, _)| *check == id);
    let unproven: Vec<&str> = wasi_mcp_conformance::checks::all()
        .filter(|check| check.page() != "http")
        .map(|check| check.id)
        .filter(|id| !proven(id))
        .collect();
    assert_eq!(unproven, UNPROVEN);
}

async fn complaints(name: &'static str) -> Vec<String> {
    let run = judge(name, Vec::new()).await;
    let unjust = run
        .results
        .iter()
        .filter(|verdict| matches!(verdict.status, Status::Fail | Status::Warn));
    unjust
        .map(|verdict| {
            format!(
                "{name}: {} says {:?}: {}",
                verdict.check, verdict.status, verdict.message
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_legal_is_complained_about() {
    let complaints: Vec<Vec<String>> = stream::iter(LEGAL)
        .map(|name| complaints(name))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let complaints = complaints.concat();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_shows_everything_is_judged_in_everything() {
    let run = judge("nothing peculiar", Vec::new()).await;
    let skipped: Vec<&str> = run
        .results
        .iter()
        .filter(|verdict| verdict.status == Status::Skip)
        .map(|verdict| verdict.check.as_str())
        .collect();
    let unexpected: Vec<&&str> = skipped
        .iter()
        .filter(|check| !SKIPPED.contains(check))
        .collect();
    assert!(
        unexpected.is_empty(),
        "skipped for no good reason: {unexpected:?}"
    );
    assert_eq!(
        run.left_out
            .iter()
            .map(|left_out| left_out.what.as_str())
            .collect::<Vec<_>>(),
        ["tool wait", "tool destroy"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_answers_an_error_was_not_exercised() {
    let run = judge("tool-broken", vec!["tools/unique-names".to_owned()]).await;
    let broken = run
        .left_out
        .iter()
        .find(|left_out| left_out.what == "tool touch")
        .expect("it is named");
    assert_eq!(broken.why, "answered with error -32603: it broke");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn destructive_tools_are_called_when_asked_to() {
    let selection = Selection {
        filters: vec!["tools/unique-names".to_owned()],
        destructive: true,
    };
    let run = run(&target("nothing peculiar"), &selection, &Nobody)
        .await
        .expect("it runs");
    assert!(
        !run.left_out
            .iter()
            .any(|left_out| left_out.what == "tool destroy")
    );
}
