//! The embedded test components, judged over the reference host.

#[path = "support/compiled.rs"]
mod compiled;

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use sha2::{Digest, Sha256};
use wasi_mcp_conformance::checks::{self, CheckContext, Probe, memory};
use wasi_mcp_conformance::cli::guests;
use wasi_mcp_conformance::model::{Run, Status, Transport, Verdict};
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, run};
use wasi_mcp_conformance::runtime::components;
use wasi_mcp_conformance::targets::component::{self, Loaded};
use wasi_mcp_conformance::wire::methods::METHODS;
use wasi_mcp_embedded_guests::{ALL, Guest, find};
use wasi_mcp_host::component::Isolation;
#[cfg(target_arch = "x86_64")]
use wasi_mcp_host::component::{Engine, EngineOptions, Source};

fn guest(name: &str) -> &'static Guest {
    find(name).unwrap_or_else(|| panic!("{name} is not embedded"))
}

/// Judges a guest strictly, and lists the verdicts that are not allowed.
async fn judged(
    name: &str,
    transport: Transport,
    isolation: Isolation,
    may_be: impl Fn(&Verdict) -> bool,
) -> Run {
    compiled::keep();
    let loaded = component::load(name, guest(name).bytes).expect("it loads");
    judged_as_loaded(name, loaded.isolated(isolation), transport, may_be).await
}

/// As [`judged`], whatever its code.
async fn judged_as_loaded(
    name: &str,
    loaded: Loaded,
    transport: Transport,
    may_be: impl Fn(&Verdict) -> bool,
) -> Run {
    let target = loaded.target(transport);
    let options = RunOptions {
        strict: true,
        ..RunOptions::default()
    };
    let run = run(&target, &options, &NoWatcher).await.expect("it runs");
    let complaints: Vec<String> = run
        .results
        .iter()
        .filter(|verdict| !may_be(verdict))
        .map(|verdict| {
            let reason = verdict.reason.as_deref().unwrap_or_default();
            format!(
                "{} {:?}: {}{reason}",
                verdict.check, verdict.status, verdict.message
            )
        })
        .collect();
    assert!(
        complaints.is_empty(),
        "{name} over {transport}:\n{}",
        complaints.join("\n")
    );
    run
}

/// Reference guests show everything except authorization.
async fn passes_in_everything(name: &str, transport: Transport) {
    judged(name, transport, Isolation::Session, is_complete(transport)).await;
}

/// Passed, or is about authorization, which these hosts do not ask for.
fn is_complete(transport: Transport) -> impl Fn(&Verdict) -> bool {
    move |verdict| {
        let may_skip = transport == Transport::Http && is_of_authorization(verdict);
        verdict.status == Status::Pass || verdict.status == Status::Skip && may_skip
    }
}

/// The minimal guests have few features and no violations.
async fn passes(name: &str, transport: Transport) {
    let run = judged(name, transport, Isolation::Session, is_right).await;
    let passed = run.summary.of(Status::Pass);
    assert!(
        passed > 80,
        "{name} over {transport}: only {passed} checks passed"
    );
}

/// With an instance for each call there are no violations. Only checks that need memory between
/// calls, or a declaration that the host does not make then, are skipped.
async fn passes_apart(name: &str, transport: Transport) {
    let run = judged(name, transport, Isolation::Call, |verdict| {
        let needs_memory = verdict.reason.as_deref() == Some(memory::REASON);
        verdict.status == Status::Pass
            || verdict.status == Status::Skip && (needs_memory || is_of_authorization(verdict))
    })
    .await;
    let passed = run.summary.of(Status::Pass);
    assert!(
        passed > 200,
        "{name} over {transport}: only {passed} checks passed"
    );
}

/// Baseline code answers as optimised code does.
#[cfg(target_arch = "x86_64")]
async fn passes_with_baseline_code(name: &str, transport: Transport) {
    let engine = Engine::new(EngineOptions::default()).expect("an engine");
    let component = engine.load_baseline(Source::Bytes(guest(name).bytes));
    let loaded = Loaded::new(name, component.expect("it loads"));
    judged_as_loaded(name, loaded, transport, is_complete(transport)).await;
}

/// The embedded components are served without authorization.
fn is_of_authorization(verdict: &Verdict) -> bool {
    verdict.check.starts_with("authorization/") || verdict.check == "http/authenticated"
}

fn is_right(verdict: &Verdict) -> bool {
    matches!(verdict.status, Status::Pass | Status::Skip)
}

macro_rules! judged {
    ($judge:ident: $($test:ident: $name:literal over $transport:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            $judge($name, Transport::$transport).await;
        }
    )*};
}

judged! { passes_in_everything:
    reference_backend_03_stdio: "reference-backend-0.3" over Stdio;
    reference_backend_03_http: "reference-backend-0.3" over Http;
    reference_backend_02_stdio: "reference-backend-0.2" over Stdio;
    reference_backend_02_http: "reference-backend-0.2" over Http;
    reference_service_03_stdio: "reference-service-0.3" over Stdio;
    reference_service_03_http: "reference-service-0.3" over Http;
    reference_service_02_stdio: "reference-service-0.2" over Stdio;
    reference_service_02_http: "reference-service-0.2" over Http;
    composed_03_stdio: "composed-0.3" over Stdio;
    composed_03_http: "composed-0.3" over Http;
    composed_02_stdio: "composed-0.2" over Stdio;
    composed_02_http: "composed-0.2" over Http;
}

#[cfg(target_arch = "x86_64")]
judged! { passes_with_baseline_code:
    baseline_backend_03_stdio: "reference-backend-0.3" over Stdio;
    baseline_backend_02_http: "reference-backend-0.2" over Http;
    baseline_service_03_http: "reference-service-0.3" over Http;
    baseline_service_02_stdio: "reference-service-0.2" over Stdio;
}

judged! { passes:
    hello_03_stdio: "hello-0.3" over Stdio;
    hello_02_http: "hello-0.2" over Http;
}

judged! { passes_apart:
    apart_backend_03_stdio: "reference-backend-0.3" over Stdio;
    apart_backend_03_http: "reference-backend-0.3" over Http;
    apart_backend_02_http: "reference-backend-0.2" over Http;
    apart_service_03_http: "reference-service-0.3" over Http;
    apart_service_02_stdio: "reference-service-0.2" over Stdio;
    apart_composed_03_stdio: "composed-0.3" over Stdio;
}

/// Every method and notification of the revision crosses the wire at least once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_exercised_on_the_reference_guest() {
    let name = "reference-backend-0.3";
    compiled::keep();
    let target = component::load(name, guest(name).bytes)
        .expect("it loads")
        .target(Transport::Stdio);
    let context = CheckContext::new(target.server.clone(), target.timing, false);
    for check in checks::all().filter(|check| check.scope.includes(Transport::Stdio)) {
        if let Probe::Active(run) = &check.probe {
            // Other tests judge the results.
            let _ = run(&context).await;
            context.retire().await;
        }
    }
    let mut seen = BTreeSet::new();
    for log in context.finish().await {
        seen.extend(
            log.since(0)
                .iter()
                .filter_map(|entry| entry.method().map(str::to_owned)),
        );
    }
    let missing: Vec<&str> = METHODS
        .iter()
        .map(|method| method.name)
        .filter(|name| !seen.contains(*name))
        .collect();
    assert!(missing.is_empty(), "never on the wire: {missing:?}");
}

#[test]
fn guests_are_written_with_their_digests() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("guests");
    let written = guests::write_all(&out).expect("they are written");
    let probes = components::all().count();
    // These two modes are embedded guests as they are.
    let embedded = [components::DEFAULT, components::MINIMAL];
    let further = components::all().filter(|(_, mode)| !embedded.contains(&mode.name));
    let files = ALL.len() + further.count();
    assert_eq!(written.len(), files + probes + 1);
    assert!(written.iter().all(|path| path.is_file()));
    let manifest = fs::read(out.join("manifest.json")).expect("there is a manifest");
    let manifest: Value = serde_json::from_slice(&manifest).expect("it is JSON");
    let components = manifest["components"].as_array().expect("components");
    assert_eq!(components.len(), files);
    let with_data = components
        .iter()
        .filter(|component| component["data"].is_string());
    assert_eq!(with_data.count(), probes);
    for component in components {
        let bytes =
            fs::read(out.join(component["file"].as_str().expect("a file"))).expect("it is there");
        let digest: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(component["sha256"], digest);
        if let Some(data) = component["data"].as_str() {
            let data = fs::read(out.join(data)).expect("there is a data file");
            let data: Value = serde_json::from_slice(&data).expect("it is JSON");
            assert_eq!(data["component"], component["file"]);
            assert!(
                data["checks"]
                    .as_array()
                    .is_some_and(|checks| !checks.is_empty()),
                "{data}: no check needs it"
            );
        }
    }
    for name in [
        "reference-backend-0.2",
        "reference-service-0.3",
        "hello-0.2",
    ] {
        assert!(
            components.iter().any(|component| component["name"] == name),
            "{name} is missing"
        );
    }
}

#[test]
fn a_file_that_is_not_a_component_is_rejected_with_a_reason() {
    compiled::keep();
    let error = component::load("module", b"\0asm\x01\0\0\0")
        .err()
        .expect("a core module is not a component");
    assert!(
        format!("{error:#}").contains("module cannot be loaded"),
        "{error:#}"
    );
}
