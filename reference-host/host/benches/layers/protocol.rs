//! The state machine of a session, and the schemas that it checks with.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use criterion::Criterion;
use wasi_mcp_host::protocol::{
    Catalog, Framing, Limits, Offer, Offered, Reception, Schema, Session, StreamId, ToolEntry,
    ToolResult,
};

use super::{ARGUMENTS, CALL, INITIALIZE, INITIALIZED, SCHEMA};

/// Compiling a schema, and checking arguments with it.
pub fn schema(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("schema");
    group.bench_function("compile", |bencher| {
        bencher.iter(|| Schema::compile(black_box(SCHEMA)));
    });
    let schema = Schema::compile(SCHEMA).expect("a schema");
    group.bench_function("validate", |bencher| {
        bencher.iter(|| schema.validate(black_box(ARGUMENTS)));
    });
    group.finish();
}

/// A request and its response, without the component.
pub fn session(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("protocol");
    let now = Instant::now();
    let mut session = Session::new(Framing::Stdio, Limits::default(), 7);
    let Reception::Initialize(invocation) =
        session.receive(now, StreamId(0), INITIALIZE.as_bytes())
    else {
        panic!("no session");
    };
    let key = invocation.key;
    assert!(session.started(now, key, offer()));
    let _ = session.receive(now, StreamId(0), INITIALIZED.as_bytes());
    while session.poll_effect().is_some() {}

    let result = br#"{"content":[{"type":"text","text":"Hello"}]}"#;
    group.bench_function("receive and finish a call", |bencher| {
        bencher.iter(|| {
            let received = session.receive(now, StreamId(1), black_box(CALL.as_bytes()));
            let Reception::Invoke(invocation) = received else {
                panic!("no call");
            };
            let key = invocation.key;
            let check = &invocation.check;
            check.run(&invocation.params).expect("arguments that match");
            let outcome = ToolResult::checked(check, result.to_vec(), None, false);
            session.finish(now, key, outcome);
            session.poll_effect().expect("a response")
        });
    });
    group.finish();
}

fn offer() -> Offer {
    let mut catalog = Catalog::new(10);
    let tool = ToolEntry {
        name: "hello".to_owned(),
        json: format!(r#"{{"name":"hello","inputSchema":{SCHEMA}}}"#),
        input_schema: SCHEMA.to_owned(),
        output_schema: None,
    };
    catalog.add_tools(vec![tool]).expect("a tool");
    Offer {
        info: r#"{"name":"layers","version":"0"}"#.to_owned(),
        capabilities: r#"{"tools":{}}"#.to_owned(),
        instructions: None,
        offered: Offered {
            tools: true,
            ..Offered::default()
        },
        catalog: Some(Arc::new(catalog)),
    }
}
