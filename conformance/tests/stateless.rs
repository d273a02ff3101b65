//! Two hosts that keep no sessions behind one proxy that alternates between them: any of them
//! answers any request.

mod outcome;

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use wasi_mcp_conformance::driver::Timing;
use wasi_mcp_conformance::model::Run;
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, run};
use wasi_mcp_conformance::targets::url;
use wasi_mcp_embedded_guests::find;
use wasi_mcp_host::component::{Component, Engine, EngineOptions, Source};
use wasi_mcp_host::session::{Server, ServerOptions};
use wasi_mcp_host::transport::http::{self, HttpOptions};

use outcome::{NEED_SESSIONS, skipped_as_permitted};

/// Serves a component without sessions.
async fn replica(component: Component) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = Arc::new(Server::new(component, ServerOptions::default()));
    let mut options = HttpOptions::default();
    options.stateless = true;
    tokio::spawn(http::serve(
        server,
        listener,
        options,
        std::future::pending(),
    ));
    address
}

/// A proxy that sends each request to the next replica.
struct Proxy {
    address: SocketAddr,
    /// The number of requests that each replica got.
    passed: Arc<[AtomicUsize; 2]>,
}

impl Proxy {
    async fn start(replicas: [SocketAddr; 2]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let passed = Arc::<[AtomicUsize; 2]>::default();
        let counts = Arc::clone(&passed);
        tokio::spawn(async move {
            let mut next = 0;
            while let Ok((client, _)) = listener.accept().await {
                counts[next].fetch_add(1, Ordering::Relaxed);
                // The client may disconnect at any time.
                tokio::spawn(pass(client, replicas[next]));
                next = (next + 1) % replicas.len();
            }
        });
        Self { address, passed }
    }
}

/// Passes one request on, and its answer back. The request is told to be the last of its
/// connection, so that the next one goes elsewhere.
async fn pass(mut client: TcpStream, replica: SocketAddr) -> io::Result<()> {
    let mut begun = Vec::new();
    let line = loop {
        if let Some(end) = begun.iter().position(|byte| *byte == b'\n') {
            break end + 1;
        }
        if client.read_buf(&mut begun).await? == 0 {
            return Ok(());
        }
    };
    let mut server = TcpStream::connect(replica).await?;
    server.write_all(&begun[..line]).await?;
    server.write_all(b"Connection: close\r\n").await?;
    server.write_all(&begun[line..]).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

async fn judged(name: &str) -> Run {
    let engine = Engine::new(EngineOptions::default()).expect("an engine");
    let guest = find(name).expect("it is embedded");
    let component = engine.load(Source::Bytes(guest.bytes)).expect("it loads");
    let replicas = [replica(component.clone()).await, replica(component).await];
    let proxy = Proxy::start(replicas).await;
    let address = format!("http://{}/mcp", proxy.address);
    let mut target = url::target(&address, &[], None).expect("a target");
    // The servers run in this process.
    target.timing = Timing {
        peer_timeout: None,
        ..Timing::NEAR
    };
    target.jobs = 4;
    let options = RunOptions {
        strict: true,
        ..RunOptions::default()
    };
    let run = run(&target, &options, &NoWatcher).await.expect("it runs");
    for passed in &*proxy.passed {
        let passed = passed.load(Ordering::Relaxed);
        assert!(passed > 300, "one replica got only {passed} requests");
    }
    run
}

async fn passes_without_sessions(name: &str) {
    let run = judged(name).await;
    let skipped = skipped_as_permitted(name, &run, NEED_SESSIONS);
    let expected: BTreeSet<&str> = NEED_SESSIONS.iter().copied().collect();
    assert_eq!(skipped, expected, "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_passes_behind_an_alternating_proxy() {
    passes_without_sessions("reference-backend-0.3").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_passes_behind_an_alternating_proxy() {
    passes_without_sessions("reference-service-0.2").await;
}
