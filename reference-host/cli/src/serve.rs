//! `wasi-mcp serve`

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use wasi_mcp_host::component::Sandbox;
use wasi_mcp_host::session::{NewSession, Server, ServerHandle};
use wasi_mcp_host::transport::http::{HttpOptions, Liveness};
use wasi_mcp_host::transport::{http, stdio};

use super::admin::{self, Admin};
use super::arguments::{Listen, ServeArguments};
use super::control::Control;
use super::load::{self, Loader, Selection};
use super::logging::Log;
use super::optimizing::Optimizer;
use super::output::visible;
use super::reload::{FileWatch, Reload, Starts};
use super::trial::hinted;

/// The messages of the command beside its log.
pub(super) struct Audience {
    /// Called with the URL once it is known.
    pub(super) on_listening: Box<dyn FnOnce(&str)>,
    /// Suggests a fix for a component that does not start.
    pub(super) hint: Hint,
    /// True if a changed component that does not start may do so a little later: what it depends on may
    /// be late.
    pub(super) retries_starts: bool,
}

/// Returns a suggested fix for an error, if there is one.
pub(super) type Hint = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

pub(super) fn run(arguments: Box<ServeArguments>, log: &Log) -> Result<ExitCode> {
    let operator = Audience {
        on_listening: Box::new(|_| {}),
        hint: Arc::new(|_| None),
        retries_starts: true,
    };
    run_with(arguments, log, operator)
}

/// Serves, and reports to the audience.
pub(super) fn run_with(
    mut arguments: Box<ServeArguments>,
    log: &Log,
    audience: Audience,
) -> Result<ExitCode> {
    let Audience {
        on_listening,
        hint,
        retries_starts,
    } = audience;
    arguments.check().map_err(anyhow::Error::msg)?;
    let is_http = arguments.http.is_some();
    if is_http {
        // Before the engine is created, which gives components a share.
        raise_limit_of_open_files();
    }
    let selection = Selection {
        first: arguments.component.take(),
        further: std::mem::take(&mut arguments.further),
        options: std::mem::take(&mut arguments.composition),
    };
    let loader = Loader::selecting(
        selection,
        &arguments.loading,
        arguments.operation.source_lines,
        log,
    )?;
    // Before it is loaded, since it may change at any time.
    let watch = match (arguments.operation.watch, loader.file()) {
        (false, _) => None,
        (true, Some(file)) => Some(FileWatch::new(file)),
        (true, None) => {
            bail!("--watch watches one file: send SIGHUP to load references and profiles again")
        }
    };
    let (server, optimization) = load::serve(
        &loader,
        &arguments.sandbox,
        arguments.server_options(),
        log.guest_output(false),
    )?;
    let served = ServerHandle::from(server);
    load::warn_of_stalls(&served.current());
    // A reader of our log line may send a signal at once.
    let control = Control::new(is_http)?;
    // Over HTTP this runtime accepts connections, and others serve them.
    let runtime = load::single_threaded()?;
    let liveness = Liveness::default();
    liveness.watch(runtime.handle().clone());
    if let Some(address) = &arguments.operation.admin {
        serve_admin(address, &control, &liveness, &served, log)?;
    }
    let optimizer = Optimizer::new(served.clone(), is_http);
    if let Some(optimization) = optimization {
        optimizer.begin(served.current(), optimization);
    }
    if is_http {
        let starts = Starts {
            hint: Arc::clone(&hint),
            are_retried: retries_starts,
        };
        let reload = Reload::new(loader, served.clone(), optimizer, starts, &control.signals);
        control.spawn(reload.run(watch));
    }
    let stop = control.signals.stop.clone();
    let beside = control.handle();
    control.start(log)?;
    match arguments.http.clone() {
        None => {
            let server = served.current();
            let stopped = stop.cancelled_owned();
            let ended = runtime.block_on(async {
                // Both must be created within the runtime.
                let (input, output) = (stdio::input(), stdio::output());
                stdio::serve_until(server, input, output, stopped).await
            });
            // A thread that reads standard input cannot be stopped: do not wait for it.
            runtime.shutdown_background();
            ended.context("standard input or output failed")?;
        }
        Some(address) => {
            let mut options = arguments.http_options();
            options.liveness = liveness;
            let ended = runtime.block_on(async {
                let prepared =
                    prepare(served.clone(), &address, options, log, on_listening).await?;
                beside.spawn(probe(served, hint));
                let ended = prepared.serve(stop.cancelled_owned()).await;
                ended.context("serving failed")
            });
            // A thread that a guest's file blocks cannot be stopped: do not wait for it.
            runtime.shutdown_background();
            ended?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets the process open as many files as it may: each connection needs one.
fn raise_limit_of_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: maximum,
            maximum,
        };
        if current != maximum
            && let Err(error) = setrlimit(Resource::Nofile, raised)
        {
            tracing::debug!(%error, "the limit of open files cannot be raised");
        }
    }
}

/// Prepares to serve over HTTP, and logs the address.
async fn prepare(
    served: ServerHandle,
    address: &Listen,
    options: HttpOptions,
    log: &Log,
    on_listening: impl FnOnce(&str),
) -> Result<http::Prepared> {
    let describe = || format!("cannot listen on {address}");
    let listener = address.bind().with_context(describe)?;
    listener.set_nonblocking(true).with_context(describe)?;
    let listener = tokio::net::TcpListener::from_std(listener).with_context(describe)?;
    let bound_to = listener.local_addr().with_context(describe)?;
    if !bound_to.ip().is_loopback() && options.authorization.is_none() {
        tracing::warn!(
            "{address} can be reached by others, and whoever reaches it can use the component: \
             --auth-issuer asks for tokens"
        );
    }
    let prepared = http::prepare(served, listener, options)
        .await
        .context("MCP cannot be served")?;
    let url = prepared.url().context("the address is unknown")?;
    log.say(&format!("serving MCP at {url}"));
    on_listening(&url);
    Ok(prepared)
}

/// Starts the component once, so that the operator learns at once if it does not start for any
/// client. It may depend on something that is not available yet, so it is served all the same.
async fn probe(served: ServerHandle, hint: Hint) {
    // Only the operator reads this.
    let told = |session: &NewSession<'_>| {
        let mut sandbox = Sandbox::clone(session.sandbox);
        sandbox.tell_last_words = true;
        Arc::new(sandbox)
    };
    let server = Server::clone(&served.current()).with_session_sandbox(told);
    if let Err(error) = server.probe().await {
        tracing::error!(
            "the component cannot be served as it is: {}; the command stays up, and clients get this \
             error until the component starts",
            visible(&hinted(error.to_string(), &*hint))
        );
    }
}

/// Serves the operator beside the clients.
fn serve_admin(
    address: &Listen,
    control: &Control,
    liveness: &Liveness,
    served: &ServerHandle,
    log: &Log,
) -> Result<()> {
    let describe = || format!("cannot listen on {address}");
    let listener = address.bind().with_context(describe)?;
    let bound_to = listener.local_addr().with_context(describe)?;
    if !bound_to.ip().is_loopback() {
        tracing::warn!("{address} can be reached by others: its figures are for the operator");
    }
    log.say(&format!("serving metrics at http://{bound_to}/metrics"));
    let admin = Admin {
        served: served.clone(),
        serving: liveness.clone(),
        stopping: control.signals.stop.clone(),
    };
    control.spawn(async move {
        if let Err(error) = admin::serve(listener, Arc::new(admin)).await {
            tracing::error!(%error, "the operator cannot be served");
        }
    });
    Ok(())
}
