//! A `wasi:mcp` component, run in this process by the reference host over its
//! real transport code.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::io::{AsyncWriteExt as _, DuplexStream};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use wasi_mcp_host::component::{
    Component, Engine, EngineOptions, GuestOutput, Loss, Sandbox, Source,
};
pub use wasi_mcp_host::component::{Isolation, SandboxArguments};
use wasi_mcp_host::protocol::RULE_BROKEN;
use wasi_mcp_host::session::{Server as HostServer, ServerOptions};
use wasi_mcp_host::telemetry::{Limit, LiveCounts, Telemetry};
use wasi_mcp_host::transport::http::HttpOptions;
use wasi_mcp_host::transport::{http as host_http, stdio as host_stdio};

use super::Target;
use crate::driver::connection::{Connection, Lines, Transport};
use crate::driver::http::Endpoint;
use crate::driver::{Server, Timing};
use crate::model::Identity;

/// The capacity of each pipe in bytes.
const PIPE: usize = 1 << 16;

/// The number of lines of guests that are kept for reports.
const LINES_KEPT: usize = 10_000;

/// A compiled component.
#[derive(Clone)]
pub struct Loaded {
    name: String,
    component: Component,
    isolation: Isolation,
    sandbox: Sandbox,
}

/// Returns host options with short time limits, so that checks of timeouts do not take minutes. The
/// driver answers within milliseconds.
fn with_short_limits() -> ServerOptions {
    let mut options = ServerOptions::default();
    options.limits.ask_time = Duration::from_millis(600);
    options.limits.ask_time_maximum = Duration::from_millis(1000);
    // A session ends where a ping is unanswered for as long. On a full machine the driver may be late.
    options.limits.ping_interval = Some(Duration::from_millis(1500));
    options
}

/// The place of compiled code, once it is to be kept.
static KEPT: OnceLock<Kept> = OnceLock::new();

enum Kept {
    /// The folder of the user.
    OfUser,
    In(PathBuf),
}

/// Keeps compiled code in the cache that the commands of the host use, too: a large component takes
/// a while to compile. Has an effect before the first component is loaded.
pub fn keep_compiled_code() {
    KEPT.get_or_init(|| Kept::OfUser);
}

/// Keeps compiled code in a private folder, which is created if it is missing. Has an effect before
/// the first component is loaded.
pub fn keep_compiled_code_in(folder: impl Into<PathBuf>) {
    KEPT.get_or_init(|| Kept::In(folder.into()));
}

fn engine() -> anyhow::Result<&'static Engine> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    if let Some(engine) = ENGINE.get() {
        return Ok(engine);
    }
    let mut options = EngineOptions::default().on_compilation(|compilation| {
        if compilation.report == 1 {
            let megabytes = compilation.bytes.div_ceil(1 << 20);
            // Without standard error, the line is dropped.
            let _ = writeln!(
                io::stderr(),
                "compiling a component of {megabytes} MiB, which may take a minute"
            );
        }
    });
    options = match KEPT.get() {
        None => options,
        Some(Kept::OfUser) => options.with_user_cache(),
        Some(Kept::In(folder)) => options.with_cache(folder),
    };
    let engine = Engine::new_or_uncached(options)?;
    Ok(ENGINE.get_or_init(|| engine))
}

/// Reasons why the host answers in the place of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The instance was lost: it trapped, exited or was stopped.
    Lost,
    /// The result breaks a rule of the interface.
    RuleBroken,
}

/// Returns the reason in the message of a host's error, if it has one.
pub fn failure(message: &str) -> Option<Failure> {
    // The host's own words: a change of its texts changes no verdict.
    if message.starts_with(RULE_BROKEN) {
        Some(Failure::RuleBroken)
    } else {
        Loss::of(message).map(|_| Failure::Lost)
    }
}

/// Returns the reason that a line of a finding quotes, if it has one.
pub fn quoted_failure(line: &str) -> Option<Failure> {
    if line.contains(RULE_BROKEN) {
        Some(Failure::RuleBroken)
    } else {
        let quotes = |loss: Loss| line.contains(loss.words());
        Loss::all().any(quotes).then_some(Failure::Lost)
    }
}

/// Compiles a component.
///
/// # Errors
///
/// When the host cannot run it.
pub fn load(name: &str, bytes: &[u8]) -> anyhow::Result<Loaded> {
    let component = engine()?.load(Source::Bytes(bytes));
    let component = component.with_context(|| format!("{name} cannot be loaded"))?;
    Ok(Loaded::new(name, component))
}

impl Loaded {
    /// Takes a component that an engine of the caller's has compiled.
    pub fn new(name: &str, component: Component) -> Self {
        Self {
            name: name.to_owned(),
            component,
            isolation: Isolation::default(),
            sandbox: Sandbox::default(),
        }
    }

    /// Sets which calls share an instance of the component.
    #[must_use]
    pub fn isolated(self, isolation: Isolation) -> Self {
        Self { isolation, ..self }
    }

    /// Sets the grants of the component.
    ///
    /// # Errors
    ///
    /// When a folder cannot be granted, with the reason.
    pub fn granted(self, grants: &SandboxArguments) -> anyhow::Result<Self> {
        let sandbox = grants.sandbox();
        sandbox.check()?;
        Ok(Self { sandbox, ..self })
    }

    /// Returns the component itself.
    pub fn component(&self) -> &Component {
        &self.component
    }

    /// Creates the target for one transport.
    pub fn target(&self, transport: Transport) -> Target {
        let mut options = with_short_limits();
        options.isolation = self.isolation;
        options.sandbox = self.sandbox.clone();
        self.target_with(transport, options)
    }

    /// Creates the target for one transport, in a host with these options.
    pub fn target_with(&self, transport: Transport, options: ServerOptions) -> Target {
        let name = if options.isolation == Isolation::Call {
            format!("{} (isolated calls)", self.name)
        } else {
            self.name.clone()
        };
        let output = Output::default();
        let server: Arc<dyn Server> = match transport {
            Transport::Stdio => Arc::new(Piped {
                component: self.component.clone(),
                losses: Losses::of(&options),
                options,
            }),
            Transport::Http => Arc::new(Listening {
                losses: Losses::of(&options),
                output: output.clone(),
                host: Arc::new(HostServer::new(
                    self.component.clone(),
                    output.kept(options),
                )),
                endpoint: OnceCell::new(),
            }),
        };
        let identity = Identity {
            kind: "component".to_owned(),
            name,
            variant: Some(self.component.variant().to_string()),
            world: Some(self.component.world().to_string()),
            transport,
        };
        Target {
            identity,
            server,
            timing: Timing::NEAR,
            jobs: super::independent(),
        }
    }
}

/// The host's counts of lost instances.
struct Losses {
    counts: Arc<LiveCounts>,
    telemetry: Arc<Telemetry>,
}

impl Losses {
    fn of(options: &ServerOptions) -> Self {
        Self {
            counts: options.live_counts.clone(),
            telemetry: options.telemetry.clone(),
        }
    }

    /// Returns the number of instances that were lost, except for those that the host stopped
    /// because they continued a cancelled call, as they may.
    fn count(&self) -> u64 {
        let stopped = self.telemetry.limits.get(Limit::CancelledCallTime);
        self.counts.instances_lost().saturating_sub(stopped)
    }
}

/// The last lines of the guests of a host with several sessions, each with its time. Which session
/// wrote a line is not known.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<VecDeque<(Instant, String)>>>);

impl Output {
    /// Keeps the guests' output here.
    fn kept(&self, mut options: ServerOptions) -> ServerOptions {
        let lines = self.0.clone();
        options.sandbox.output = GuestOutput::lines(move |line| {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() >= LINES_KEPT {
                lines.pop_front();
            }
            lines.push_back((Instant::now(), line.text.to_owned()));
        });
        options
    }

    fn during(&self, from: Instant, until: Instant) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = lines.iter().filter(|(at, _)| (from..=until).contains(at));
        let lines: Vec<&str> = lines.map(|(_, text)| text.as_str()).collect();
        lines.join("\n")
    }
}

/// A server over a pair of pipes, with guest output on a third.
struct Piped {
    component: Component,
    losses: Losses,
    options: ServerOptions,
}

impl Piped {
    /// Creates a host for one session whose guest writes to this pipe.
    fn host(&self, errors: DuplexStream) -> HostServer {
        let errors = Mutex::new(errors);
        let output = GuestOutput::to(move |bytes| {
            let mut errors = errors.lock().unwrap_or_else(PoisonError::into_inner);
            // The pipe is drained continuously. Output that still does not fit is lost, as a guest
            // must not wait for the suite.
            let _ = errors.write_all(bytes).now_or_never();
        });
        let mut options = self.options.clone();
        options.sandbox.output = output;
        HostServer::new(self.component.clone(), options)
    }
}

impl Server for Piped {
    fn transport(&self) -> Transport {
        Transport::Stdio
    }

    fn remembers(&self) -> bool {
        self.options.isolation == Isolation::Session
    }

    fn instances_lost(&self) -> u64 {
        self.losses.count()
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async {
            let (ours, theirs) = tokio::io::duplex(PIPE);
            let (output, input) = tokio::io::split(ours);
            let (their_input, their_output) = tokio::io::split(theirs);
            let (errors, their_errors) = tokio::io::duplex(PIPE);
            let host = Arc::new(self.host(their_errors));
            let serving = host_stdio::serve(host, their_input, their_output);
            tokio::spawn(serving);
            Ok(Connection::Lines(Lines {
                output: Box::new(output),
                errors: Some(Box::new(errors)),
                input: Box::new(input),
                process: None,
            }))
        })
    }
}

/// A Streamable HTTP server on a loopback port.
struct Listening {
    losses: Losses,
    output: Output,
    host: Arc<HostServer>,
    endpoint: OnceCell<Endpoint>,
}

impl Server for Listening {
    fn transport(&self) -> Transport {
        Transport::Http
    }

    fn remembers(&self) -> bool {
        self.host.isolation() == Isolation::Session
    }

    fn output_during(&self, from: Instant, until: Instant) -> String {
        self.output.during(from, until)
    }

    fn instances_lost(&self) -> u64 {
        self.losses.count()
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async {
            let endpoint = self.endpoint.get_or_try_init(|| self.listen()).await?;
            Ok(Connection::Http(Box::new(endpoint.clone())))
        })
    }
}

impl Listening {
    async fn listen(&self) -> anyhow::Result<Endpoint> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no free port to listen on")?;
        let address = listener.local_addr()?;
        // The server listens until the process ends.
        let forever = futures::future::pending::<()>();
        tokio::spawn(host_http::serve(
            self.host.clone(),
            listener,
            HttpOptions::default(),
            forever,
        ));
        Endpoint::parse(&format!("http://{address}/mcp"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_by_the_words_of_the_host() {
        for loss in Loss::all() {
            let told = format!("{loss}: unreachable, while it ran a tool");
            assert_eq!(failure(&told), Some(Failure::Lost), "{told}");
        }
        let told = format!("{RULE_BROKEN}: priority is from 0 to 1");
        assert_eq!(failure(&told), Some(Failure::RuleBroken));
        assert_eq!(failure("no such resource"), None);
        // What a component says of another one is no failure of its own.
        assert_eq!(failure("upstream: the component failed"), None);
    }
}
