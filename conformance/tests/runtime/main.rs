//! Runtimes, judged with the probes: the reference host in this process and as
//! a program, and hosts with one fault at a time.

mod altered;
#[path = "../support/compiled.rs"]
mod compiled;
mod edits;
mod launched;
mod program;

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures::{StreamExt, stream};
use wasi_mcp_conformance::checks::Scope;
use wasi_mcp_conformance::checks::runtime::stand::Stand;
use wasi_mcp_conformance::checks::runtime::{RuntimeCheck, all};
use wasi_mcp_conformance::driver::Timing;
use wasi_mcp_conformance::driver::connection::{Server, Transport};
use wasi_mcp_conformance::expectations::Expectations;
use wasi_mcp_conformance::model::{Run, Status};
use wasi_mcp_conformance::runner::runtime::{Trial, judge_one};
use wasi_mcp_conformance::runner::{self, NoWatcher as Nobody, RunOptions};
use wasi_mcp_conformance::runtime::in_process::ReferenceHost;
use wasi_mcp_conformance::runtime::proof::{Fault, faults};
use wasi_mcp_conformance::runtime::{Base, Component, Limits, Runtime, Setting};

use altered::Altered;

/// The number of faults that are played at the same time.
const AT_ONCE: usize = 24;

/// Fails unless every check passed, but for those that may be skipped.
fn expect_clean(run: &Run, skipped: &[&str]) {
    let wrong: Vec<String> = run
        .results
        .iter()
        .filter(|verdict| match verdict.status {
            Status::Pass | Status::ExpectedFailure => false,
            Status::Skip => !skipped.contains(&verdict.check.as_str()),
            _ => true,
        })
        .map(|verdict| {
            let reason = verdict.reason.as_deref().unwrap_or_default();
            format!(
                "{}: {:?}: {}{reason}",
                verdict.check, verdict.status, verdict.message
            )
        })
        .collect();
    let (name, transport) = (&run.target.name, run.target.transport);
    assert!(
        wrong.is_empty(),
        "{name} over {transport}:\n{}",
        wrong.join("\n")
    );
}

/// Returns the known failures of the reference host, which its adapter names.
fn known() -> Expectations {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = folder.join("runtimes/wasi-mcp.expected.toml");
    Expectations::read(&file).expect("it is well-formed")
}

async fn reference_host_is_clean(base: Base, transport: Transport) {
    compiled::keep();
    let runtime: Arc<dyn Runtime> = Arc::new(ReferenceHost::default());
    let options = RunOptions {
        expectations: known(),
        ..RunOptions::default()
    };
    let trial = Trial::new(runtime, base, transport);
    let run = runner::run(&trial, &options, &Nobody)
        .await
        .expect("it can be run");
    expect_clean(&run, &[]);
    assert!(
        run.results.len() >= 7,
        "only {} checks were made",
        run.results.len()
    );
}

macro_rules! clean {
    ($($test:ident: $base:ident over $transport:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            reference_host_is_clean(Base::$base, Transport::$transport).await;
        }
    )*};
}

clean! {
    concurrent_stdio: Concurrent over Stdio;
    concurrent_http: Concurrent over Http;
    blocking_stdio: Blocking over Stdio;
    blocking_http: Blocking over Http;
    preview2_stdio: Preview2 over Stdio;
    preview2_http: Preview2 over Http;
    service_stdio: Service over Stdio;
    service_http: Service over Http;
}

/// Permitted differences from the reference host.
const LEGAL: &[&str] = &[
    "blanks-between-tokens",
    // Notifications of lists may come without need.
    "out twice notifications/tools/list_changed",
];

/// The reference host, which refuses components that were not prepared: to compile one takes longer
/// on a full machine than a check may.
#[derive(Default)]
struct Unprepared {
    inner: ReferenceHost,
    prepared: Mutex<HashSet<String>>,
}

impl Runtime for Unprepared {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn supports(&self, base: Base, transport: Transport) -> bool {
        self.inner.supports(base, transport)
    }

    fn knows(&self, setting: Setting) -> bool {
        self.inner.knows(setting)
    }

    fn prepare(&self, component: &Component) {
        self.prepared.lock().unwrap().insert(component.name.clone());
    }

    fn serve(
        &self,
        component: &Component,
        transport: Transport,
        setting: Setting,
    ) -> anyhow::Result<Arc<dyn Server>> {
        let name = &component.name;
        let is_prepared = self.prepared.lock().unwrap().contains(name);
        anyhow::ensure!(is_prepared, "{name} was not prepared");
        self.inner.serve(component, transport, setting)
    }

    fn timing(&self) -> Timing {
        self.inner.timing()
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_components_of_a_check_are_prepared_before_its_time_counts() {
    compiled::keep();
    let several = check("runtime-lifecycle/claim-without-export");
    let stand = Stand::new(
        Arc::new(Unprepared::default()),
        Base::Preview2,
        Transport::Stdio,
    );
    let verdict = judge_one(&stand, several, &RunOptions::default()).await;
    assert_eq!(verdict.status, Status::Pass, "{verdict:?}");
}

/// A host that differs as the interface permits passes every check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn legal_variations_pass() {
    for name in LEGAL {
        let runtime: Arc<dyn Runtime> = Arc::new(Altered::new(name).patient());
        let trial = Trial::new(runtime, Base::Concurrent, Transport::Stdio);
        let run = runner::run(&trial, &RunOptions::default(), &Nobody).await;
        expect_clean(&run.expect("it can be run"), &[]);
    }
}

fn check(id: &str) -> &'static RuntimeCheck {
    all()
        .find(|check| check.id == id)
        .unwrap_or_else(|| panic!("there is no check {id}"))
}

/// Describes a wrong judgement of a fault; `None` if it is right.
async fn missed(fault: &Fault) -> Option<String> {
    let check = check(fault.check);
    let transport = match check.scope {
        Scope::Http => Transport::Http,
        Scope::Everywhere | Scope::Stdio => Transport::Stdio,
    };
    let base = check.bases[0];
    let stand = Stand::new(Arc::new(Altered::new(fault.name)), base, transport);
    let verdict = judge_one(&stand, check, &RunOptions::default()).await;
    (!verdict.status.is_violation()).then(|| {
        format!(
            "{}: {} says {:?}: {} {:?}",
            fault.name, check.id, verdict.status, verdict.message, verdict.reason
        )
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_runtime_is_found_by_its_check() {
    let missed: Vec<String> = stream::iter(faults())
        .map(missed)
        .buffer_unordered(AT_ONCE)
        .filter_map(async |missed| missed)
        .collect()
        .await;
    assert!(missed.is_empty(), "missed:\n{}", missed.join("\n"));
}

#[test]
fn every_check_of_a_runtime_is_proven() {
    let unproven: Vec<&str> = all()
        .map(|check| check.id)
        .filter(|id| !faults().iter().any(|fault| fault.check == *id))
        .collect();
    assert!(unproven.is_empty(), "without a fault: {unproven:?}");
    for fault in faults() {
        let check = check(fault.check);
        for row in fault.rows() {
            assert!(
                check.requirements.contains(&row),
                "{} violates {row}, which {} does not judge",
                fault.name,
                check.id
            );
        }
    }
    for check in all() {
        let unproven = check.requirements.iter().filter(|row| {
            let mut faults = faults().iter().filter(|fault| fault.check == check.id);
            !faults.any(|fault| fault.rows().any(|it| it == **row))
        });
        let unproven: Vec<_> = unproven.collect();
        assert!(
            unproven.is_empty(),
            "no fault shows that {} sees a violation of {unproven:?}",
            check.id
        );
    }
}
