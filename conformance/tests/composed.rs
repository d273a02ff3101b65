//! Compositions of the embedded test components, judged over the reference host: what the suite
//! finds in a component, it finds in a composition, too.

#[path = "support/compiled.rs"]
mod compiled;

use std::collections::BTreeSet;

use wasi_mcp_compose::{Composition, Middleware, Part};
use wasi_mcp_conformance::model::{Status, Transport, Verdict};
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, run};
use wasi_mcp_conformance::targets::component;
use wasi_mcp_embedded_guests::find;

/// The checks that are skipped, though the reference guest alone passes them.
const SKIPPED: &[&str] = &[];

fn guest(name: &str) -> Vec<u8> {
    let guest = find(name).unwrap_or_else(|| panic!("{name} is not embedded"));
    guest.bytes.to_vec()
}

/// Composes guests of one variant.
fn composed(names: &[&str]) -> Composition {
    let part = |name: &&str| {
        let short = name.split('-').next().unwrap_or_default();
        Part::new(short, guest(name))
    };
    Composition {
        parts: names.iter().map(part).collect(),
        ..Composition::default()
    }
}

fn of_authorization(verdict: &Verdict) -> bool {
    verdict.check.starts_with("authorization/") || verdict.check == "http/authenticated"
}

/// Judges a composition strictly: every check passes but for those that are skipped.
async fn passes(composition: &Composition, transport: Transport) {
    let bytes = composition.compose().expect("it composes");
    compiled::keep();
    let target = component::load("composition", &bytes)
        .expect("it loads")
        .target(transport);
    let options = RunOptions {
        strict: true,
        ..RunOptions::default()
    };
    let run = run(&target, &options, &NoWatcher).await.expect("it runs");
    let is_expected = |verdict: &&Verdict| {
        transport == Transport::Http && verdict.status == Status::Skip && of_authorization(verdict)
    };
    let (skipped, failed): (Vec<&Verdict>, Vec<&Verdict>) = run
        .results
        .iter()
        .filter(|verdict| verdict.status != Status::Pass && !is_expected(verdict))
        .partition(|verdict| verdict.status == Status::Skip);
    let text = |verdict: &&Verdict| {
        let reason = verdict.reason.as_deref().unwrap_or_default();
        format!(
            "{} {:?}: {}{reason}",
            verdict.check, verdict.status, verdict.message
        )
    };
    let failed: Vec<String> = failed.iter().map(text).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let names: BTreeSet<&str> = skipped
        .iter()
        .map(|verdict| verdict.check.as_str())
        .collect();
    let expected: BTreeSet<&str> = SKIPPED.iter().copied().collect();
    let skipped: Vec<String> = skipped.iter().map(text).collect();
    assert_eq!(names, expected, "{}", skipped.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_parts_of_0_3_pass_over_stdio() {
    let names = ["reference-backend-0.3", "hello-0.3", "streams-0.3"];
    passes(&composed(&names), Transport::Stdio).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prefixed_parts_of_0_3_pass_over_http() {
    let names = ["hello-0.3", "reference-service-0.3", "streams-0.3"];
    let prefixed = Composition {
        prefix: true,
        name: Some("whole".to_owned()),
        ..composed(&names)
    };
    passes(&prefixed, Transport::Http).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_of_0_2_pass_over_http() {
    let names = ["hello-0.2", "reference-backend-0.2"];
    passes(&composed(&names), Transport::Http).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_of_0_2_pass_behind_middleware_over_stdio() {
    let mut marked = composed(&["reference-backend-0.2", "hello-0.2"]);
    marked.middleware.push(Middleware {
        name: "middleware".to_owned(),
        component: guest("middleware-0.2"),
    });
    passes(&marked, Transport::Stdio).await;
}
