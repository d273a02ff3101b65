//! The context of a check of a runtime: sessions with the probes, in the modes
//! that it asks for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use http::header::AUTHORIZATION;
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use super::RuntimeCheck;
use crate::checks::{CheckContext, CheckEnvironment};
use crate::checks::{Finding, Judgement};
use crate::driver::connection::Transport;
use crate::driver::log::Log;
use crate::driver::session::with_token;
use crate::driver::transcript::LogRange;
use crate::driver::{ClientRole, Reply, Session};
use crate::runtime::components::{Base, Component, DEFAULT, modes_of};
use crate::runtime::{Limits, Runtime, Setting, issuer};

/// The number of lines of a runtime's output that a finding shows.
const SAID: usize = 10;

/// The servers, each begun when it is first needed.
type Benches = HashMap<(&'static str, Setting), Arc<OnceCell<CheckContext>>>;

/// A runtime, the build of the probes that it runs, and the servers so far.
pub struct Stand {
    runtime: Arc<dyn Runtime>,
    base: Base,
    transport: Transport,
    benches: Arc<Mutex<Benches>>,
    used: Mutex<Vec<Arc<CheckContext>>>,
}

impl Stand {
    /// A stand for this build in this runtime.
    pub fn new(runtime: Arc<dyn Runtime>, base: Base, transport: Transport) -> Self {
        Self {
            runtime,
            base,
            transport,
            benches: Arc::default(),
            used: Mutex::default(),
        }
    }

    /// Another stand for the same servers, for another check.
    pub(crate) fn sibling(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            base: self.base,
            transport: self.transport,
            benches: self.benches.clone(),
            used: Mutex::default(),
        }
    }

    /// The build of the probes.
    pub fn base(&self) -> Base {
        self.base
    }

    /// Returns the times after which the runtime gives up.
    pub fn limits(&self) -> Limits {
        self.runtime.limits()
    }

    /// A time of the runtime that the check has to wait for, and a while more.
    ///
    /// # Errors
    ///
    /// A skip, where it is not known.
    pub fn known(
        &self,
        limit: Option<std::time::Duration>,
        name: &str,
    ) -> Result<std::time::Duration, Finding> {
        let patience = self.runtime.timing().answer;
        limit.map(|limit| limit + patience).ok_or_else(|| {
            Finding::Skip(format!(
                "the adapter does not say when the runtime gives up (seconds.{name})"
            ))
        })
    }

    /// Returns whether the suite knows the runtime's options for this setting.
    pub fn knows(&self, setting: Setting) -> bool {
        self.runtime.knows(setting)
    }

    /// A connection with a component in this mode, on which nothing was said yet.
    ///
    /// # Errors
    ///
    /// When the runtime cannot be made to run it.
    pub async fn connect(&self, mode: &'static str, role: ClientRole) -> Result<Session, Finding> {
        self.bench(mode, Setting::Open).await?.connect(role).await
    }

    /// A bench of this check alone.
    async fn bench(
        &self,
        mode: &'static str,
        setting: Setting,
    ) -> Result<Arc<CheckContext>, Finding> {
        let place = {
            let mut benches = self.benches.lock().unwrap_or_else(PoisonError::into_inner);
            benches.entry((mode, setting)).or_default().clone()
        };
        // Only checks with the same component wait for it.
        let bench = place
            .get_or_try_init(|| async {
                let (runtime, base, transport) = (self.runtime.clone(), self.base, self.transport);
                // The runtime may compile the component, which must not delay the answers of others.
                let serve = tokio::task::spawn_blocking(move || {
                    let component = Component::new(base, mode)?;
                    runtime.serve(&component, transport, setting)
                });
                let server = serve
                    .await
                    .map_err(anyhow::Error::from)
                    .flatten()
                    .map_err(|error| Finding::Broken(format!("{error:#}")))?;
                Ok::<_, Finding>(CheckContext::new(server, self.runtime.timing(), true))
            })
            .await?
            .sibling();
        let bench = Arc::new(bench);
        self.used().push(bench.clone());
        Ok(bench)
    }

    /// A session with the component as it was built, in a runtime with this setting, and a client
    /// that offers everything.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn session_with(&self, setting: Setting) -> Result<Session, Finding> {
        self.open(DEFAULT, setting, ClientRole::complete()).await
    }

    /// A session with the component as it was built, in a runtime that uses each instance for one
    /// call.
    ///
    /// # Errors
    ///
    /// When there is none. A skip, where the suite does not know the runtime's options for it.
    pub async fn session_per_call(&self, role: ClientRole) -> Result<Session, Finding> {
        if !self.knows(Setting::PerCall) {
            return Err(Finding::Skip(
                "the adapter does not say how the runtime uses each instance for one call only \
                 (per-call)"
                    .to_owned(),
            ));
        }
        self.open(DEFAULT, Setting::PerCall, role).await
    }

    async fn open(
        &self,
        mode: &'static str,
        setting: Setting,
        role: ClientRole,
    ) -> Result<Session, Finding> {
        let bench = self.bench(mode, setting).await?;
        let session = bench.connect(role).await?;
        let opened = session.handshake().await;
        opened.map_err(|finding| explained(finding, &session, &bench))?;
        Ok(session)
    }

    /// A session with the component as it was built, before `notifications/initialized`.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn introduced(&self) -> Result<Session, Finding> {
        let bench = self.bench(DEFAULT, Setting::Open).await?;
        let session = bench.connect(ClientRole::complete()).await?;
        let opened = session.introduce().await;
        opened.map_err(|finding| explained(finding, &session, &bench))?;
        Ok(session)
    }

    /// Adds the runtime's output to the finding about a session whose `initialize` a check has sent
    /// itself.
    pub async fn explained(
        &self,
        mode: &'static str,
        session: &Session,
        finding: Finding,
    ) -> Finding {
        match self.bench(mode, Setting::Open).await {
            Ok(bench) => explained(finding, session, &bench),
            Err(_) => finding,
        }
    }

    /// A session with the component in a protected runtime, for a token with these claims, and the
    /// URL for which tokens are issued.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn protected_session(&self, claims: &Value) -> Result<(Session, String), Finding> {
        let bench = self.bench(DEFAULT, Setting::Protected).await?;
        let mut audience = String::new();
        let mut header = Err(anyhow::anyhow!("no endpoint"));
        let session = bench
            .connect_through(|endpoint| {
                audience = endpoint.uri().to_string();
                header = issuer::authorization(&audience, claims);
                let value = header.as_ref().ok().cloned();
                endpoint.with_header(AUTHORIZATION, value)
            })
            .await?;
        header.map_err(|error| Finding::Broken(format!("no token can be issued: {error:#}")))?;
        let opened = session.handshake().await;
        opened.map_err(|finding| explained(finding, &session, &bench))?;
        Ok((session, audience))
    }

    /// A session with a component in this mode.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn session_in(
        &self,
        mode: &'static str,
        role: ClientRole,
    ) -> Result<Session, Finding> {
        self.open(mode, Setting::Open, role).await
    }

    /// A session with the component as it was built, and a client that offers everything.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn session(&self) -> Result<Session, Finding> {
        self.session_in(DEFAULT, ClientRole::complete()).await
    }

    fn used(&self) -> std::sync::MutexGuard<'_, Vec<Arc<CheckContext>>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all sessions of all stands for these servers; gives what was said in them.
    pub(crate) async fn finish(&self) -> Vec<Arc<Log>> {
        self.retire().await;
        let mut logs = Vec::new();
        let benches =
            std::mem::take(&mut *self.benches.lock().unwrap_or_else(PoisonError::into_inner));
        for bench in benches.values().filter_map(|place| place.get()) {
            logs.extend(bench.finish().await);
        }
        logs
    }
}

impl CheckEnvironment for Stand {
    type Check = RuntimeCheck;

    fn make<'a>(&'a self, check: &RuntimeCheck) -> Option<BoxFuture<'a, Judgement>> {
        Some((check.run)(self))
    }

    async fn prepare(&self, check: &RuntimeCheck) {
        let (id, base) = (check.id, self.base);
        let runtime = self.runtime.clone();
        let prepare = tokio::task::spawn_blocking(move || {
            for mode in std::iter::once(DEFAULT).chain(modes_of(id, base)) {
                // What fails here fails in the check.
                if let Ok(component) = Component::new(base, mode) {
                    runtime.prepare(&component);
                }
            }
        });
        let _ = prepare.await;
    }

    fn transcript(&self) -> Vec<LogRange> {
        let used = self.used();
        used.iter().flat_map(|bench| bench.transcript()).collect()
    }

    async fn retire(&self) {
        let used = std::mem::take(&mut *self.used());
        for bench in used {
            bench.retire().await;
        }
    }

    async fn dismiss(&self) {
        self.retire().await;
    }
}

/// Judges a session that could not be opened: an error as the answer is the runtime's violation,
/// anything else says nothing of it. Adds the runtime's output.
fn explained(finding: Finding, session: &Session, bench: &CheckContext) -> Finding {
    let answered = session
        .log()
        .since(0)
        .iter()
        .any(|entry| entry.from_server() && entry.is_response());
    let finding = match finding {
        Finding::Broken(text) if answered => Finding::Violation(text),
        finding => finding,
    };
    // The judgement of a session that the runtime ended shows its output anyway.
    if session.log().read().closed.is_some() {
        return finding;
    }
    let stderr = String::from_utf8_lossy(&session.log().read().stderr).into_owned();
    let said = format!("{}{}", stderr, bench.output());
    let lines: Vec<&str> = said.trim_end().lines().collect();
    let last = lines[lines.len().saturating_sub(SAID)..].join("\n");
    let with = |text: String| {
        let text = text.replace("(--start-timeout)", "(seconds.ready of the adapter)");
        if last.is_empty() || text.ends_with(&last) {
            text
        } else {
            format!("{text}\nThe runtime's last lines:\n{last}")
        }
    };
    match finding {
        Finding::Violation(text) => Finding::Violation(with(text)),
        Finding::Broken(text) => Finding::Broken(with(text)),
        other => other,
    }
}

/// The parameters of a call.
pub fn call(tool: &str, arguments: Value) -> Value {
    json!({"name": tool, "arguments": arguments})
}

/// Calls a tool.
pub async fn invoke(session: &Session, tool: &str, arguments: Value) -> Reply {
    session.request("tools/call", call(tool, arguments)).await
}

/// Calls a tool with a progress token.
pub async fn invoke_with_token(session: &Session, tool: &str, token: Value) -> Reply {
    let params = with_token(call(tool, json!({})), token);
    session.request("tools/call", params).await
}

/// Returns the structured content of a tool of the probes.
///
/// # Errors
///
/// A violation when the call does not give any.
pub fn told(reply: &Reply) -> Result<&Map<String, Value>, Finding> {
    let content = reply.result()?.get("structuredContent");
    content.and_then(Value::as_object).ok_or_else(|| {
        reply.unexpected("a result with structured content, in which a probe tells what it saw")
    })
}

/// Calls a tool without arguments and gives what it tells.
///
/// # Errors
///
/// A violation when it tells nothing.
pub async fn ask(session: &Session, tool: &str) -> Result<Map<String, Value>, Finding> {
    told(&invoke(session, tool, json!({})).await).cloned()
}
