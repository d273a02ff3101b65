//! Tests of a session with an instance and its threads.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wasi_mcp_embedded_guests::{Guest, Variant, World, hello, reference};
use wasi_mcp_protocol::{Framing, Outcome, Outgoing, Route, Schemas, SeenTool, StreamId};

use super::{Outlet, Receipt, Server, ServerOptions, Session, StreamedResponse};
use crate::component::{DirectoryGrant, Engine, EngineOptions, Source};
use crate::telemetry::Limit;
use crate::work_pool::WorkPool;
use wasi_mcp_types::types::Principal;

/// A time within which even the slowest machine finishes a step.
const LONG: Duration = Duration::from_secs(120);

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}"#;

/// Returns a server of a guest with the tool `hello`.
fn server(variant: Variant) -> Server {
    serving(hello(variant).expect("a guest of each variant"))
}

fn serving(guest: &'static Guest) -> Server {
    let engine = Engine::new(EngineOptions::default()).expect("an engine");
    let component = engine.load(Source::Bytes(guest.bytes));
    let component = component.expect("a component that can be served");
    Server::new(component, ServerOptions::default())
}

struct Sent(UnboundedSender<String>);

impl Outlet for Sent {
    fn send(&self, _: Route, message: Outgoing) {
        let text = String::from_utf8(message.text).expect("a message is UTF-8");
        // The test may have ended.
        let _ = self.0.send(text);
    }

    fn send_streamed(&self, _: StreamId, _: StreamedResponse) {
        unreachable!("no resource is streamed");
    }

    fn unread_bytes(&self) -> usize {
        0
    }

    fn end(&self, stream: StreamId) {
        let _ = self.0.send(format!("end of {}", stream.0));
    }
}

/// A session of a guest with the tool `hello`, and a pool of one thread.
struct Client {
    session: Session,
    sent: UnboundedReceiver<String>,
    pool: WorkPool,
}

impl Client {
    async fn connect(variant: Variant) -> Self {
        Self::connect_to(server(variant)).await
    }

    async fn connect_to(mut server: Server) -> Self {
        let pool = WorkPool::new(1);
        server.work_pool = pool.clone();
        let (sender, sent) = unbounded_channel();
        let session = Arc::new(server).open(Framing::Stdio, Arc::new(Sent(sender)));
        let mut client = Self {
            session,
            sent,
            pool,
        };
        assert_eq!(client.receive(0, INITIALIZE), Receipt::Pending);
        assert!(client.next().await.contains("serverInfo"));
        let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        assert_eq!(client.receive(1, initialized), Receipt::Accepted);
        client
    }

    fn receive(&self, stream: u64, message: &str) -> Receipt {
        self.session.receive(StreamId(stream), message.as_bytes())
    }

    async fn next(&mut self) -> String {
        let next = tokio::time::timeout(LONG, self.sent.recv()).await;
        next.expect("a message in time").expect("a message")
    }

    /// Returns the response to a request, and skips other messages.
    async fn response(&mut self, id: u32) -> String {
        let start = format!(r#"{{"jsonrpc":"2.0","id":{id},"#);
        loop {
            let next = self.next().await;
            if next.starts_with(&start) {
                return next;
            }
        }
    }

    /// Keeps the only thread for large messages busy until the sender is dropped.
    async fn occupy_pool(&self) -> Sender<()> {
        let (release, released) = channel();
        let (began, begun) = tokio::sync::oneshot::channel();
        let pool = self.pool.clone();
        tokio::spawn(async move {
            pool.run(move || {
                let _ = began.send(());
                let _ = released.recv();
            })
            .await
        });
        begun.await.expect("the thread begins");
        release
    }
}

/// Returns a call of `hello`. Its arguments take long to validate if the name is long.
fn call(id: u32, name: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"hello","arguments":{{"name":"{name}"}}}}}}"#
    )
}

fn large_name() -> String {
    "x".repeat(2 << 20)
}

const PING: &str = r#"{"jsonrpc":"2.0","id":"ping","method":"ping"}"#;

/// The validating thread is blocked, as by a validation that never ends.
#[tokio::test]
async fn a_slow_validation_delays_nothing_but_its_own_call() {
    for variant in [Variant::Wasi03, Variant::Wasi02] {
        let mut client = Client::connect(variant).await;
        let release = client.occupy_pool().await;
        assert_eq!(client.receive(2, &call(1, &large_name())), Receipt::Pending);
        assert_eq!(client.receive(3, &call(2, &large_name())), Receipt::Pending);

        let Receipt::Answered(pong) = client.receive(4, PING) else {
            panic!("a ping is answered at once");
        };
        assert_eq!(pong, br#"{"jsonrpc":"2.0","id":"ping","result":{}}"#);
        assert_eq!(client.receive(5, &call(3, "another")), Receipt::Pending);
        assert!(client.next().await.contains("another"));
        let Receipt::Answered(refused) = client.receive(6, &call(1, "again")) else {
            panic!("the id is in flight");
        };
        assert!(String::from_utf8_lossy(&refused).contains("is in flight"));
        assert_eq!(client.session.in_flight(), 2);

        let cancelled =
            r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#;
        assert_eq!(client.receive(7, cancelled), Receipt::Accepted);
        assert_eq!(client.next().await, "end of 3");

        drop(release);
        let answer = client.next().await;
        assert!(
            answer.starts_with(r#"{"jsonrpc":"2.0","id":1,"result""#),
            "{answer:.80}"
        );
        assert_eq!(
            client.session.in_flight(),
            0,
            "the cancelled call is not made"
        );
    }
}

#[tokio::test]
async fn large_arguments_that_do_not_match_are_refused_with_the_same_text() {
    let mut client = Client::connect(Variant::Wasi03).await;
    let refusal = |text: &str| {
        let answer: serde_json::Value = serde_json::from_str(text).expect("JSON");
        (
            answer["error"]["code"].clone(),
            answer["error"]["data"].clone(),
        )
    };
    let call = |filler: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"hello","arguments":{{"name":7,"filler":"{filler}"}}}}}}"#
        )
    };
    let Receipt::Answered(small) = client.receive(2, &call("")) else {
        panic!("small arguments are validated at once");
    };
    assert_eq!(client.receive(3, &call(&large_name())), Receipt::Pending);
    let large = client.next().await;
    let small = String::from_utf8(small).expect("UTF-8");
    assert_eq!(refusal(&small), refusal(&large));
    assert_eq!(refusal(&small).0, -32602);
}

/// The thread that writes the large result is blocked; the session and its instance continue.
#[tokio::test]
async fn a_large_result_delays_no_other() {
    for variant in [Variant::Wasi03, Variant::Wasi02] {
        let mut client = Client::connect(variant).await;
        // Validated first, then blocked.
        assert_eq!(client.receive(2, &call(1, &large_name())), Receipt::Pending);
        let large = client.next().await;
        assert!(large.len() > 2 << 20);
        // Few enough bytes to validate at once, and too many to write at once.
        let quick = "y".repeat(66 << 10);
        let release = client.occupy_pool().await;
        assert_eq!(client.receive(3, &call(2, &quick)), Receipt::Pending);
        for number in 3..20 {
            assert_eq!(client.receive(4, &call(number, "small")), Receipt::Pending);
            assert!(client.next().await.contains("small"), "{number}");
        }
        assert_eq!(client.session.in_flight(), 1);
        drop(release);
        assert!(client.next().await.contains(&quick));
    }
}

/// The schema of a service's tool takes long to compile, and the compiling thread is blocked.
#[tokio::test]
async fn a_slow_schema_of_a_service_delays_nothing_but_the_calls_of_its_tool() {
    let pattern = "^[a-z]{5000}$";
    let slow = format!(
        r#"{{"type":"object","properties":{{"text":{{"type":"string"}},"x":{{"type":"string","pattern":"{pattern}"}}}}}}"#
    );
    let echo = |id: u32, text: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"echo","arguments":{{"text":"{text}"}}}}}}"#
        )
    };
    for variant in [Variant::Wasi03, Variant::Wasi02] {
        let guest = reference(variant, World::Service).expect("a guest of each variant");
        let mut client = Client::connect_to(serving(guest)).await;
        let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
        assert_eq!(client.receive(2, list), Receipt::Pending);
        client.response(1).await;
        let release = client.occupy_pool().await;
        // A list that ends while the thread is blocked: the schemas in it are the newest.
        assert_eq!(client.receive(3, &echo(2, &large_name())), Receipt::Pending);
        let core = &client.session.0.core;
        core.locked(|state| {
            let key = state.calls.keys().into_iter().max();
            let key = key.expect("a call is in flight");
            let tool = SeenTool::new("echo", &slow, None, &Schemas::default());
            let json = br#"{"tools":[]}"#.to_vec();
            let tools = vec![tool.expect("it keeps to the rules")];
            state.finish(key, Outcome::ToolList { json, tools });
        });
        client.response(2).await;

        assert_eq!(client.receive(4, &echo(3, "slow")), Receipt::Pending);
        let Receipt::Answered(pong) = client.receive(5, PING) else {
            panic!("a ping is answered at once");
        };
        assert_eq!(pong, br#"{"jsonrpc":"2.0","id":"ping","result":{}}"#);
        let other = r#"{"jsonrpc":"2.0","id":4,"method":"prompts/list"}"#;
        assert_eq!(client.receive(6, other), Receipt::Pending);
        client.response(4).await;
        assert_eq!(client.session.in_flight(), 1, "the schema is not compiled");
        drop(release);
        let answer = client.response(3).await;
        assert!(answer.contains("result"), "{answer}");
    }
}

/// The guest has returned in time; the thread that writes its result is blocked for longer than a
/// request may take.
#[tokio::test]
async fn a_result_that_waits_for_a_thread_does_not_time_out() {
    let mut client = Client::connect(Variant::Wasi03).await;
    let release = client.occupy_pool().await;
    let quick = "y".repeat(66 << 10);
    assert_eq!(client.receive(2, &call(1, &quick)), Receipt::Pending);
    let core = Arc::clone(&client.session.0.core);
    let returned = async {
        while core.lock().calls.returning_bytes() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, returned)
        .await
        .expect("a result");
    let much_later = std::time::Instant::now() + 2 * core.server.limits.request_time;
    core.locked(|state| state.protocol.handle_timeout(much_later));
    assert_eq!(client.session.in_flight(), 1);
    drop(release);
    let answer = client.next().await;
    assert!(answer.contains(&quick), "{answer:.200}");
}

/// Results that no thread has written yet take memory: beyond the limit they are refused at once.
#[tokio::test]
async fn results_in_preparation_are_limited_like_unread_output() {
    for variant in [Variant::Wasi03, Variant::Wasi02] {
        let mut server = server(variant);
        server.limits.unread_bytes = 100 << 10;
        let mut client = Client::connect_to(server).await;
        let release = client.occupy_pool().await;
        let large = "y".repeat(66 << 10);
        assert_eq!(client.receive(2, &call(1, &large)), Receipt::Pending);
        assert_eq!(client.receive(3, &call(2, &large)), Receipt::Pending);
        let refused = client.next().await;
        assert!(
            refused.contains(r#""id":2"#) && refused.contains("error"),
            "{refused}"
        );
        let telemetry = Arc::clone(&client.session.0.core.server.telemetry);
        assert_eq!(telemetry.limits.get(Limit::UnreadBytes), 1);
        drop(release);
        let written = client.next().await;
        assert!(written.contains(r#""id":1"#) && written.contains(&large));
        // A result that is prepared alone reaches no limit.
        let larger = "y".repeat(110 << 10);
        assert_eq!(client.receive(4, &call(3, &larger)), Receipt::Pending);
        assert!(client.next().await.contains(&larger));
        assert_eq!(telemetry.limits.get(Limit::UnreadBytes), 1);
    }
}

/// A session that is closed while other threads work for it.
#[tokio::test]
async fn a_closed_session_forgets_what_other_threads_do_for_it() {
    let mut client = Client::connect(Variant::Wasi03).await;
    let release = client.occupy_pool().await;
    assert_eq!(client.receive(2, &call(1, &large_name())), Receipt::Pending);
    let core = Arc::downgrade(&client.session.0.core);
    client.session.close(crate::telemetry::SessionEnd::Client);
    assert_eq!(client.next().await, "end of 2");
    drop(release);
    let Client { session, .. } = client;
    drop(session);
    let gone = async {
        while core.strong_count() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, gone)
        .await
        .expect("nothing is left of it");
}

/// Each session has the sandbox that the embedder chose for it: here, one whose folder is missing
/// for one of two users.
#[tokio::test]
async fn the_embedder_chooses_the_sandbox_of_each_session() {
    let chosen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&chosen);
    let server = server(Variant::Wasi03).with_session_sandbox(move |session| {
        let user = session.principal.and_then(|it| it.subject.clone());
        seen.lock().unwrap().push((session.number, user.clone()));
        let mut sandbox = (**session.sandbox).clone();
        if user.as_deref() == Some("mallory") {
            sandbox.directories.push(DirectoryGrant {
                host: "/nowhere/at/all".into(),
                guest: "/data".to_owned(),
                read_only: true,
            });
        }
        Arc::new(sandbox)
    });
    let server = Arc::new(server);
    let mut expected = Vec::new();
    for (user, answer) in [
        ("alice", "serverInfo"),
        ("mallory", "sandbox cannot be set up"),
    ] {
        let (sender, mut sent) = unbounded_channel();
        let session = server.open(Framing::Stdio, Arc::new(Sent(sender)));
        let principal = Principal {
            issuer: "https://issuer.example".to_owned(),
            subject: Some(user.to_owned()),
            client_id: None,
            scopes: Vec::new(),
            claims: Vec::new(),
        };
        let principal = Some(Arc::new(principal));
        let receipt = session.receive_from(principal, StreamId(0), INITIALIZE.as_bytes());
        assert_eq!(receipt, Receipt::Pending);
        let next = tokio::time::timeout(LONG, sent.recv()).await;
        let next = next.expect("a message in time").expect("a message");
        assert!(next.contains(answer), "{user}: {next}");
        expected.push((session.number(), Some(user.to_owned())));
    }
    assert_eq!(*chosen.lock().unwrap(), expected);
}
