//! The protocol below a service: what a service imports from a host, and the conversations with
//! clients over standard input and output, and over HTTP.
//!
//! | module | contents |
//! |---|---|
//! | `exchange` | a conversation, without I/O |
//! | `web` | the checks of an HTTP request, and answers |
//! | `blocking` | input and output in WASI 0.2 |
//! | `concurrent` | input and output in WASI 0.3 |
//! | `guard` | the tokens of HTTP requests; `unguarded` where there are none |
//! | `fetch_blocking`, `fetch_concurrent` | the keys of an issuer, in each variant |
//! | `kept` | sessions over HTTP in a key-value store; `unkept` where there are none |

/// Writes a line to standard error. If nobody can read it, nothing else changes.
macro_rules! report {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}

#[macro_use]
#[path = "../../../edge/bindings.rs"]
mod bindings;
#[macro_use]
#[path = "../../bindings.rs"]
mod target;

#[cfg(all(feature = "sessions", feature = "authorization"))]
target_bindings!("wasi-mcp:target/substrate-sessions-authorization");
#[cfg(all(feature = "sessions", not(feature = "authorization")))]
target_bindings!("wasi-mcp:target/substrate-sessions");
#[cfg(all(feature = "authorization", not(feature = "sessions")))]
target_bindings!("wasi-mcp:target/substrate-authorization");
#[cfg(all(
    feature = "http",
    not(any(feature = "authorization", feature = "sessions"))
))]
target_bindings!("wasi-mcp:target/substrate");
#[cfg(not(feature = "http"))]
target_bindings!("wasi-mcp:target/substrate-cli");

#[cfg(feature = "p2")]
mod blocking;
#[cfg(feature = "p3")]
mod concurrent;
mod exchange;
#[cfg(feature = "authorization")]
#[cfg_attr(feature = "p2", path = "fetch_blocking.rs")]
#[cfg_attr(feature = "p3", path = "fetch_concurrent.rs")]
mod fetch;
#[cfg(feature = "http")]
#[cfg_attr(not(feature = "authorization"), path = "unguarded.rs")]
mod guard;
#[cfg_attr(not(feature = "sessions"), path = "unkept.rs")]
mod kept;
mod settings;
#[cfg(feature = "http")]
mod web;

#[cfg(feature = "p2")]
use blocking as edge;
#[cfg(feature = "p3")]
use concurrent as edge;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use exchange::{Exchange, Next, Request, Returned};
use exports::wasi::mcp::context::{self, RequestContext, RequestContextBorrow};
use exports::wasi::mcp::{identity, logging, notifications, runtime};
use exports::wasi_mcp::target::control;
use wasi_mcp_protocol::{Call, Changed, Limits, LogText, Return};
use wasi_mcp_types::capabilities::{Client, Server};
use wasi_mcp_types::content::*;
use wasi_mcp_types::types::{Error, ErrorCode, LogLevel, Principal};

/// A request's context: a handle of the service.
struct Handle {
    exchange: Rc<Exchange>,
    request: Rc<Request>,
}

/// The conversations of this instance.
#[derive(Default)]
struct Exchanges {
    issued: u64,
    open: HashMap<u64, edge::Open>,
    /// The one over standard input and output.
    stdio: Option<Rc<Exchange>>,
}

thread_local! {
    static EXCHANGES: RefCell<Exchanges> = RefCell::default();
}

fn open(exchange: edge::Open) -> u64 {
    EXCHANGES.with_borrow_mut(|exchanges| {
        exchanges.issued += 1;
        exchanges.open.insert(exchanges.issued, exchange);
        exchanges.issued
    })
}

fn exchange(number: u64) -> Option<edge::Open> {
    EXCHANGES.with_borrow(|exchanges| exchanges.open.get(&number).cloned())
}

fn close(number: u64) {
    let closed = EXCHANGES.with_borrow_mut(|exchanges| exchanges.open.remove(&number));
    drop(closed);
}

/// Returns the conversation of what concerns no request.
fn stdio() -> Option<Rc<Exchange>> {
    EXCHANGES.with_borrow(|exchanges| exchanges.stdio.clone())
}

/// Returns the conversations that take messages about resources: the one over standard input and
/// output, and one for each session with a request in flight. A message goes on one stream of a
/// session.
fn listening() -> Vec<Rc<Exchange>> {
    EXCHANGES.with_borrow(|exchanges| {
        let mut requests: Vec<_> = exchanges.open.iter().collect();
        requests.sort_unstable_by_key(|(number, _)| **number);
        let mut sessions = HashSet::new();
        let requests = requests
            .into_iter()
            .map(|(_, open)| &open.exchange)
            .filter(|exchange| exchange.is_in_flight())
            .filter(|exchange| exchange.session_id().is_some_and(|id| sessions.insert(id)));
        exchanges.stdio.iter().chain(requests).cloned().collect()
    })
}

struct Substrate;

impl context::GuestRequestContext for Handle {
    fn get_id(&self) -> Option<String> {
        self.request.id.clone()
    }
    fn get_meta(&self) -> Option<String> {
        self.request.meta.clone()
    }
    fn get_progress_token(&self) -> Option<String> {
        self.request.progress_token.clone()
    }
    fn get_client(&self) -> Client {
        self.exchange.client()
    }
    fn clone(&self) -> RequestContext {
        RequestContext::new(Self {
            exchange: Rc::clone(&self.exchange),
            request: Rc::clone(&self.request),
        })
    }
    fn report_progress(&self, progress: Progress) -> Result<(), Error> {
        edge::glance(&self.exchange);
        let reported = self.exchange.report_progress(&self.request, progress);
        edge::flush(&self.exchange);
        reported
    }
    fn is_cancelled(&self) -> bool {
        edge::glance(&self.exchange);
        self.exchange.is_cancelled(&self.request)
    }
}

impl notifications::Guest for Substrate {
    fn tools_changed() {
        change(Changed::TOOLS);
    }
    fn resources_changed() {
        change(Changed::RESOURCES);
    }
    fn prompts_changed() {
        change(Changed::PROMPTS);
    }
    fn resource_updated(subscribed: String, uri: Option<String>) {
        for exchange in listening() {
            exchange.resource_updated(&subscribed, uri.as_deref());
            edge::flush(&exchange);
        }
    }
}

fn change(changed: Changed) {
    if let Some(exchange) = stdio() {
        exchange.lists_changed(changed);
        edge::flush(&exchange);
    }
}

impl logging::Guest for Substrate {
    fn log(
        context: Option<RequestContextBorrow<'_>>,
        level: LogLevel,
        logger: Option<String>,
        data: String,
    ) -> Result<(), Error> {
        let handle = context.as_ref().map(|context| context.get::<Handle>());
        let exchange = match handle {
            Some(handle) => Some(Rc::clone(&handle.exchange)),
            None => stdio(),
        };
        let Some(exchange) = exchange else {
            // Without a session, it belongs to nobody: this is the log of the server itself.
            let level = wasi_mcp_protocol::LogLevel::from(level);
            let text = LogText::check(logger.as_deref(), &data, &Limits::default(), || {})?;
            if level >= wasi_mcp_protocol::LogLevel::DEFAULT {
                report!("{}", text.line(level));
            }
            return Ok(());
        };
        edge::glance(&exchange);
        let request = handle.map(|handle| &*handle.request);
        let logged = exchange.log(request, level, logger.as_deref(), &data);
        edge::flush(&exchange);
        logged
    }
}

impl identity::Guest for Substrate {
    fn get_principal(context: RequestContextBorrow<'_>) -> Option<Principal> {
        context.get::<Handle>().exchange.principal()
    }
}

/// The answer to a service that registers: it owns its lists.
fn is_service<T>() -> Result<T, Error> {
    Err(Error::new(
        ErrorCode::InvalidState,
        "a service answers the list methods itself",
    ))
}

impl runtime::Guest for Substrate {
    fn register_server(_: Server) -> Result<(), Error> {
        is_service()
    }
    fn register_tools(_: Vec<Tool>) -> Result<(), Error> {
        is_service()
    }
    fn unregister_tools(_: Vec<String>) -> Result<(), Error> {
        is_service()
    }
    fn register_resources(_: Vec<Resource>) -> Result<(), Error> {
        is_service()
    }
    fn unregister_resources(_: Vec<String>) -> Result<(), Error> {
        is_service()
    }
    fn register_resource_templates(_: Vec<ResourceTemplate>) -> Result<(), Error> {
        is_service()
    }
    fn unregister_resource_templates(_: Vec<String>) -> Result<(), Error> {
        is_service()
    }
    fn register_prompts(_: Vec<Prompt>) -> Result<(), Error> {
        is_service()
    }
    fn unregister_prompts(_: Vec<String>) -> Result<(), Error> {
        is_service()
    }
    fn serve() -> Result<(), Error> {
        is_service()
    }
}

/// Turns a call to make into an invocation, with a context of its own.
fn invocation(exchange: &Rc<Exchange>, next: Next) -> control::Invocation {
    let Next { number, call } = next;
    let Some((request, call)) = call else {
        return control::Invocation {
            number,
            context: None,
            call: control::Call::GetServer,
        };
    };
    let context = RequestContext::new(Handle {
        exchange: Rc::clone(exchange),
        request,
    });
    let call = match call {
        Call::ListTools(cursor) => control::Call::ListTools(cursor),
        Call::ListResources(cursor) => control::Call::ListResources(cursor),
        Call::ListResourceTemplates(cursor) => control::Call::ListResourceTemplates(cursor),
        Call::ListPrompts(cursor) => control::Call::ListPrompts(cursor),
        Call::CallTool(params) => control::Call::CallTool(params),
        Call::ReadResource(params) => control::Call::ReadResource(params),
        Call::Subscribe(uri) => control::Call::Subscribe(uri),
        Call::Unsubscribe(uri) => control::Call::Unsubscribe(uri),
        Call::GetPrompt(params) => control::Call::GetPrompt(params),
        Call::Complete(params) => control::Call::Complete(params),
        Call::Initialized => control::Call::Initialized,
        Call::RootsChanged => control::Call::RootsChanged,
    };
    control::Invocation {
        number,
        context: Some(context),
        call,
    }
}

impl From<control::Returned> for Returned {
    fn from(returned: control::Returned) -> Self {
        Self::Other(match returned {
            control::Returned::Server(server) => return Self::Server(server),
            control::Returned::Tools(page) => Return::ListTools(page),
            control::Returned::Resources(page) => Return::ListResources(page),
            control::Returned::ResourceTemplates(page) => Return::ListResourceTemplates(page),
            control::Returned::Prompts(page) => Return::ListPrompts(page),
            control::Returned::ToolResult(result) => Return::CallTool(result),
            control::Returned::Contents(result) => Return::ReadResource(result),
            control::Returned::Prompt(result) => Return::GetPrompt(result),
            control::Returned::Completion(result) => Return::Complete(result),
            control::Returned::Empty => Return::Empty,
        })
    }
}

/// Handles the end of a call.
fn finished(of: u64, number: u64, returned: Result<control::Returned, Error>) {
    // A call may outlive its conversation, and nobody waits for it then.
    if let Some(open) = exchange(of) {
        open.exchange.finished(number, returned.map(Returned::from));
        edge::flush(&open.exchange);
    }
}

export!(Substrate);
