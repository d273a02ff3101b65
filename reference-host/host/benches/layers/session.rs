//! A session with an instance behind it: everything but the transport.

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wasi_mcp_embedded_guests::{Variant, hello};
use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::protocol::{Framing, Outgoing, Route, StreamId};
use wasi_mcp_host::session::{Outlet, Receipt, Server, ServerOptions, Session, StreamedResponse};
use wasi_mcp_host::telemetry::SessionEnd;

use super::{CALL, INITIALIZE, INITIALIZED};

/// Calls that wait for each other.
const IN_FLIGHT: u64 = 64;

/// New sessions and calls, with a guest of each variant.
pub fn all(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    for variant in [Variant::Wasi03, Variant::Wasi02] {
        let mut group = criterion.benchmark_group(format!("session, {variant} guest"));
        let server = server(variant);
        group.bench_function("open, start an instance, close", |bencher| {
            bencher.iter_custom(|times| open_and_close(&runtime, &server, times));
        });
        let mut client = runtime.block_on(Client::open(&server));
        group.bench_function("call", |bencher| {
            bencher.iter_custom(|times| client.calls(&runtime, times, 1));
        });
        group.bench_function("call, 64 in flight", |bencher| {
            bencher.iter_custom(|times| client.calls(&runtime, times, IN_FLIGHT));
        });
        group.finish();
    }
}

fn server(variant: Variant) -> Arc<Server> {
    let guest = hello(variant).expect("a guest of each variant");
    let engine = Engine::new(EngineOptions::default()).expect("an engine");
    let component = engine.load(Source::Bytes(guest.bytes));
    let component = component.expect("a component that can be served");
    Arc::new(Server::new(component, ServerOptions::default()))
}

/// Forwards the messages of the session.
struct Answers(UnboundedSender<Vec<u8>>);

impl Outlet for Answers {
    fn send(&self, _: Route, message: Outgoing) {
        // Nobody listens once the client is gone.
        let _ = self.0.send(message.text);
    }

    fn send_streamed(&self, _stream: StreamId, _response: StreamedResponse) {
        unreachable!("no resource is streamed");
    }

    fn unread_bytes(&self) -> usize {
        0
    }

    fn end(&self, _: StreamId) {}
}

struct Client {
    session: Session,
    answers: UnboundedReceiver<Vec<u8>>,
    /// Calls with an id each.
    calls: Vec<String>,
}

impl Client {
    async fn open(server: &Arc<Server>) -> Self {
        let (sender, answers) = unbounded_channel();
        let session = server.open(Framing::Stdio, Arc::new(Answers(sender)));
        let call = |id| CALL.replacen("\"id\":1,", &format!("\"id\":{},", id + 1), 1);
        let mut client = Self {
            session,
            answers,
            calls: (0..IN_FLIGHT).map(call).collect(),
        };
        client.send(INITIALIZE);
        client.answered("serverInfo").await;
        let receipt = client.session.receive(StreamId(0), INITIALIZED.as_bytes());
        assert_eq!(receipt, Receipt::Accepted);
        client
    }

    fn send(&self, message: &str) {
        let receipt = self.session.receive(StreamId(0), message.as_bytes());
        assert_eq!(receipt, Receipt::Pending, "it goes to the guest");
    }

    /// Waits for an answer that has this in it.
    async fn answered(&mut self, mark: &str) {
        let answer = self.answers.recv().await.expect("an answer");
        let is_right = memchr::memmem::find(&answer, mark.as_bytes()).is_some();
        assert!(is_right, "{}", String::from_utf8_lossy(&answer));
    }

    fn calls(&mut self, runtime: &Runtime, times: u64, in_flight: u64) -> Duration {
        runtime.block_on(async {
            let begun = Instant::now();
            let mut left = times;
            while left > 0 {
                let batch = left.min(in_flight);
                for call in &self.calls[..batch as usize] {
                    self.send(call);
                }
                for _ in 0..batch {
                    self.answered("Hello, abc").await;
                }
                left -= batch;
            }
            begun.elapsed()
        })
    }
}

fn open_and_close(runtime: &Runtime, server: &Arc<Server>, times: u64) -> Duration {
    runtime.block_on(async {
        let begun = Instant::now();
        for _ in 0..times {
            Client::open(server).await.session.close(SessionEnd::Client);
        }
        begun.elapsed()
    })
}
