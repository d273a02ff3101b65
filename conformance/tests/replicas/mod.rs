//! Replicas of a component on wasmtime: each HTTP request gets an instance of its own, and all of
//! them share a key-value store.

mod client;
mod store;

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wasi_mcp_compose::{Composition, Part, Sessions, Target, TargetOptions, target_with};
use wasi_mcp_embedded_guests::find;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::{WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpView, p2, p3};

pub use client::{Client, Reply};
pub use store::{Failure, Store};

/// The bytes that a replica may log.
const LOG: usize = 1 << 20;

/// The state of one instance.
pub struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    store: Store,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: Default::default(),
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// The entry point of a component, by its variant.
enum Entry {
    Preview2(p2::bindings::ProxyPre<State>),
    Preview3(p3::bindings::ServicePre<State>),
}

/// Makes instances.
struct Instances {
    entry: Entry,
    store: Store,
    environment: Vec<(String, String)>,
    log: MemoryOutputPipe,
    made: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
}

type Response = hyper::Response<WasiBody>;

impl Instances {
    fn state(&self) -> wasmtime::Store<State> {
        self.made.fetch_add(1, Ordering::Relaxed);
        let state = State {
            wasi: WasiCtxBuilder::new()
                .stderr(self.log.clone())
                .envs(&self.environment)
                .build(),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            store: self.store.clone(),
        };
        wasmtime::Store::new(&ENGINE, state)
    }

    /// Answers a request with a new instance, which lives until the answer was read.
    async fn answer(self: Arc<Self>, request: hyper::Request<Incoming>) -> Response {
        let (answered, answer) = oneshot::channel();
        tokio::spawn(async move {
            let ended = match &self.entry {
                Entry::Preview2(entry) => self.preview2(entry, request, answered).await,
                Entry::Preview3(entry) => self.preview3(entry, request, answered).await,
            };
            if let Err(error) = ended {
                self.lost.fetch_add(1, Ordering::Relaxed);
                eprintln!("an instance was lost: {error:?}");
            }
        });
        answer.await.unwrap_or_else(|_| {
            let body = Full::new(Bytes::from("no answer")).map_err(|never| match never {});
            let mut response = hyper::Response::new(body.boxed_unsync());
            *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    }

    async fn preview2(
        &self,
        entry: &p2::bindings::ProxyPre<State>,
        request: hyper::Request<Incoming>,
        answered: oneshot::Sender<Response>,
    ) -> wasmtime::Result<()> {
        let mut store = self.state();
        let mut http = store.data_mut().http();
        let request = http.new_incoming_request(Scheme::Http, request)?;
        let answer = http.new_response_outparam_from_callback(move |response| {
            if let Ok(response) = response {
                // The client may be gone.
                let _ = answered.send(response);
            }
        })?;
        let instance = entry.instantiate_async(&mut store).await?;
        let handler = instance.wasi_http_incoming_handler();
        handler.call_handle(&mut store, request, answer).await
    }

    async fn preview3(
        &self,
        entry: &p3::bindings::ServicePre<State>,
        request: hyper::Request<Incoming>,
        answered: oneshot::Sender<Response>,
    ) -> wasmtime::Result<()> {
        let mut store = self.state();
        let instance = entry.instantiate_async(&mut store).await?;
        let hooks = store.data_mut().http().hooks;
        let (request, _) = p3::Request::from_http(hooks, request);
        store
            .run_concurrent(async |store| {
                let response = instance.handle(store, request).await??;
                let response =
                    store.with(|store| response.into_http(store, std::future::ready(Ok(()))))?;
                let (end, ended) = oneshot::channel();
                let body = |body| Read { body, _end: end }.boxed_unsync();
                // The client may be gone.
                let _ = answered.send(response.map(body));
                let _: Result<(), _> = ended.await;
                wasmtime::error::Ok(())
            })
            .await?
    }
}

/// A body that tells when it is dropped.
struct Read {
    body: WasiBody,
    _end: oneshot::Sender<()>,
}

impl Body for Read {
    type Data = Bytes;
    type Error = wasmtime_wasi_http::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Any number of replicas at one address.
pub struct Replicas {
    pub address: SocketAddr,
    pub store: Store,
    log: MemoryOutputPipe,
    made: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    Engine::new(&config).expect("an engine")
});

/// Returns the component of a guest with sessions, and perhaps authorization, which is compiled once.
fn component(guest: &str, authorization: bool) -> Component {
    type Compiled = HashMap<(String, bool), Component>;
    static COMPILED: LazyLock<Mutex<Compiled>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().expect("it compiles");
    let compile = || {
        let bytes = find(guest).unwrap_or_else(|| panic!("{guest}")).bytes;
        let composition = Composition {
            parts: vec![Part::new("a", bytes.to_vec())],
            ..Composition::default()
        };
        let composed = composition.compose().expect("it composes");
        let mut options = TargetOptions::new(Target::Http);
        options.sessions = Sessions::KeyValue;
        options.authorization = authorization;
        let served = target_with(&composed, options);
        Component::new(&ENGINE, served.expect("it is linked")).expect("it compiles")
    };
    let key = (guest.to_owned(), authorization);
    let component = compiled.entry(key).or_insert_with(compile);
    component.clone()
}

fn entry(guest: &str, authorization: bool) -> wasmtime::Result<Entry> {
    let mut linker = Linker::new(&ENGINE);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    p2::add_only_http_to_linker_async(&mut linker)?;
    p3::add_to_linker(&mut linker)?;
    store::link(&mut linker)?;
    let pre = linker.instantiate_pre(&component(guest, authorization))?;
    Ok(if guest.ends_with("-0.2") {
        Entry::Preview2(p2::bindings::ProxyPre::new(pre)?)
    } else {
        Entry::Preview3(p3::bindings::ServicePre::new(pre)?)
    })
}

impl Replicas {
    /// Serves a guest.
    pub async fn serve(guest: &str) -> Self {
        Self::serve_with(guest, &[]).await
    }

    /// Serves a guest with these variables in its environment.
    pub async fn serve_with(guest: &str, environment: &[(&str, &str)]) -> Self {
        Self::serve_entry(guest, false, environment).await
    }

    /// Serves a guest that requires tokens, with these variables in its environment.
    pub async fn serve_protected(guest: &str, environment: &[(&str, &str)]) -> Self {
        Self::serve_entry(guest, true, environment).await
    }

    async fn serve_entry(guest: &str, authorization: bool, environment: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let replicas = Self {
            address: listener.local_addr().expect("an address"),
            store: Store::default(),
            log: MemoryOutputPipe::new(LOG),
            made: Arc::default(),
            lost: Arc::default(),
        };
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let instances = Arc::new(Instances {
            entry: entry(guest, authorization).expect("it is linked"),
            store: replicas.store.clone(),
            environment: environment.iter().map(owned).collect(),
            log: replicas.log.clone(),
            made: Arc::clone(&replicas.made),
            lost: Arc::clone(&replicas.lost),
        });
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let instances = Arc::clone(&instances);
                let service = service_fn(move |request| {
                    let instances = Arc::clone(&instances);
                    async move { Ok::<_, Infallible>(instances.answer(request).await) }
                });
                // The client may disconnect at any time.
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(client), service));
            }
        });
        replicas
    }

    /// Returns the URL of the endpoint.
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// Returns everything that the instances have logged.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&self.log.contents()).into_owned()
    }

    /// Returns the number of instances that were made.
    pub fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }

    /// Fails if an instance has trapped.
    pub fn assert_none_lost(&self) {
        assert_eq!(self.lost.load(Ordering::Relaxed), 0, "{}", self.log());
    }
}
