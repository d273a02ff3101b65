//! Tests of an unhealthy host.

use tokio::runtime::Handle;

use super::*;
use wasi_mcp_host::component::{Engine, EngineOptions, Source};
use wasi_mcp_host::session::{Server, ServerOptions};

fn admin_service(guest: &str, runtime: Handle) -> AdminService {
    let serving = Liveness::default();
    serving.watch(runtime);
    let guest = wasi_mcp_embedded_guests::find(guest).unwrap();
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let component = engine.load(Source::Bytes(guest.bytes)).unwrap();
    let server = Arc::new(Server::new(component, ServerOptions::default()));
    AdminService {
        admission: Admission::new([127, 0, 0, 1].into(), &HttpOptions::default()),
        admin: Arc::new(Admin {
            served: ServerHandle::from(server),
            serving,
            stopping: CancellationToken::new(),
        }),
        readiness: Readiness::default(),
    }
}

async fn status(service: &AdminService, path: &str) -> StatusCode {
    let request = Request::get(path).header("host", "localhost:9090");
    service.answer(&request.body(()).unwrap()).await.status()
}

#[tokio::test]
async fn a_page_of_a_browser_is_told_nothing() {
    let service = admin_service("hello-0.3", Handle::current());
    for (headers, expected) in [
        (&[("host", "rebound.example")][..], 403),
        (
            &[("host", "localhost"), ("origin", "https://page.example")],
            403,
        ),
        (&[("host", "127.0.0.1:9090")], 200),
        (&[], 200),
    ] {
        let mut request = Request::get("/metrics");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = service.answer(&request.body(()).unwrap()).await;
        assert_eq!(answer.status(), expected, "{headers:?}");
    }
}

#[tokio::test]
async fn threads_that_do_not_turn_are_unhealthy() {
    // A runtime that is never driven.
    let stuck = std::thread::spawn(|| {
        let builder = &mut tokio::runtime::Builder::new_current_thread();
        builder.build().unwrap()
    });
    let stuck = stuck.join().unwrap();
    let service = admin_service("hello-0.3", stuck.handle().clone());
    assert_eq!(status(&service, "/healthz").await, 503);
    let service = admin_service("hello-0.3", Handle::current());
    assert_eq!(status(&service, "/healthz").await, 200);
    stuck.shutdown_background();
}

#[tokio::test]
async fn a_host_that_stops_is_not_ready() {
    let service = admin_service("hello-0.2", Handle::current());
    assert_eq!(status(&service, "/readyz").await, 200);
    service.admin.stopping.cancel();
    assert_eq!(status(&service, "/readyz").await, 503);
    assert_eq!(status(&service, "/healthz").await, 200, "it serves on");
}

#[tokio::test]
async fn being_ready_is_found_out_once_in_a_while_and_is_in_no_figures() {
    let service = admin_service("hello-0.3", Handle::current());
    for _ in 0..3 {
        assert_eq!(status(&service, "/readyz").await, 200);
    }
    let server = service.admin.served.current();
    assert_eq!(server.telemetry().sessions_begun.get(), 0);
    let found = service.readiness.found_at().await;
    assert_eq!(status(&service, "/readyz").await, 200);
    let again = service.readiness.found_at().await;
    assert_eq!(found, again, "not found out again so soon");

    let another = Arc::new(Server::clone(&server));
    service.admin.served.replace(another);
    assert_eq!(status(&service, "/readyz").await, 200);
    let anew = service.readiness.found_at().await;
    assert_ne!(found, anew, "another component is another matter");
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    let service = admin_service("hello-0.2", Handle::current());
    assert_eq!(status(&service, "/").await, 404);
    let request = Request::post("/metrics").header("host", "[::1]");
    let request = request.body(()).unwrap();
    assert_eq!(service.answer(&request).await.status(), 405);
}

#[tokio::test]
async fn a_client_that_sends_nothing_more_is_answered() {
    use std::io::Write as _;
    use tokio::io::AsyncReadExt as _;

    let service = admin_service("hello-0.3", Handle::current());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(serve(listener, Arc::clone(&service.admin)));
    for path in ["/healthz", "/readyz", "/metrics"] {
        for _ in 0..20 {
            // The request and its end arrive together: the service has no turn before the test waits.
            let mut client = std::net::TcpStream::connect(address).unwrap();
            write!(client, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            client.shutdown(std::net::Shutdown::Write).unwrap();
            client.set_nonblocking(true).unwrap();
            let mut client = tokio::net::TcpStream::from_std(client).unwrap();
            let mut answer = String::new();
            let read = client.read_to_string(&mut answer);
            timeout(Duration::from_secs(30), read)
                .await
                .unwrap()
                .unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer:?}");
        }
    }
    serving.abort();
}
