//! The client behind `call`, `read`, `get` and `complete`: sends one request to a component in this
//! process, and answers the component's requests meanwhile.

mod asking;
mod form;
mod hints;
mod interrupts;
mod sampling;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use wasi_mcp_host::protocol::{AskMethod, RpcError, code};
use wasi_mcp_host::session::{ClientBuilder, ClientError, InProcessClient, Server, ServerOptions};

use crate::arguments::{ClientArguments, ComponentArguments, FormAnswer, SandboxArguments};
use crate::load::{self, Loader};
use crate::logging::Log;
use crate::output::{first_line, visible};
use crate::status::{self, Failure};
use asking::{Filled, Person};
use form::Form;
pub(crate) use hints::Named;
pub(crate) use interrupts::Interrupts;
use sampling::Model;

/// The time for the component to end a request that was cancelled.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// The time for a person or a model to answer.
const ANSWER_TIME: Duration = Duration::from_hours(1);

/// A reason for which a request has no result.
pub(crate) enum Problem {
    /// It was answered with an error, or not at all. The hint suggests a cause.
    Request {
        error: ClientError,
        hint: Option<String>,
    },
    /// The command failed.
    Own(anyhow::Error),
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        Self::Request { error, hint: None }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        Self::Own(error)
    }
}

/// Describes an error of a component in words, with the exit status that belongs to it.
pub(crate) fn explain(error: &ClientError, hint: Option<&str>, server: &Server) -> anyhow::Error {
    let text = match error {
        // The component gives details in the error's data.
        ClientError::Answered {
            data: Some(data), ..
        } => format!("{error}: {data}"),
        _ => error.to_string(),
    };
    let mut text = visible(&text);
    let counts = server.live_counts();
    let status = if counts.instances_lost() > 0 {
        status::LOST
    } else if counts.starts_failed() > 0 {
        status::NOT_STARTED
    } else {
        status::ANSWERED_WITH_ERROR
    };
    if let Some(hint) = hint {
        text.push_str(&format!(": {hint}"));
    }
    anyhow::Error::new(Failure { status, text })
}

/// Loads the component, connects a client to it and does `work` with it. Ctrl-C cancels the request
/// in flight.
pub(crate) fn run<T>(
    component: &ComponentArguments,
    sandbox: &SandboxArguments,
    options: &ClientArguments,
    log: &Log,
    work: impl AsyncFnOnce(&InProcessClient) -> Result<T, Problem>,
) -> Result<T> {
    run_hinted(component, sandbox, options, log, work).map(|(done, _)| done)
}

/// Does as [`run`], and returns with the result a hint at the options with which the component's
/// requests would have been answered.
pub(crate) fn run_hinted<T>(
    component: &ComponentArguments,
    sandbox: &SandboxArguments,
    options: &ClientArguments,
    log: &Log,
    work: impl AsyncFnOnce(&InProcessClient) -> Result<T, Problem>,
) -> Result<(T, Option<String>)> {
    let mut interrupts = Interrupts::listen(log)?;
    let runtime = load::single_threaded()?;
    let server = serve(
        component,
        sandbox,
        server_options(options),
        &runtime,
        &mut interrupts,
        log,
    );
    let server = match server {
        Ok(server) => server,
        Err(error) => {
            // Loading may go on.
            runtime.shutdown_background();
            return Err(error);
        }
    };
    let done = runtime.block_on(async {
        let person = person(options, log)?;
        let (misfit, mut misfits) = mpsc::unbounded_channel();
        let builder = builder(options, person.as_ref(), &misfit, log)?;
        let client = tokio::select! {
            biased;
            error = interrupts.first("interrupted while the component started") => {
                say_interrupted(log);
                return Err(Problem::Own(error));
            }
            client = builder.connect(&server) => client?,
        };
        let done = tokio::select! {
            biased;
            error = interrupts.first("interrupted: the request is cancelled") => {
                Err(Problem::Own(error))
            }
            Some(failure) = misfits.recv() => Err(Problem::Own(anyhow::Error::new(failure))),
            done = async {
                set_log_level(&client, options).await?;
                work(&client).await
            } => return done,
        };
        if let Some(person) = person {
            person.leave();
        }
        if interrupts.have_come() {
            say_interrupted(log);
        }
        // Dropping the request has cancelled it.
        client.finish(LAST_WORDS).await;
        done
    });
    // Drops the instance, whose last output may still be unfinished. A thread of it may be blocked.
    runtime.shutdown_background();
    let unanswered = unanswered(&server, sandbox);
    match done {
        Ok(done) => Ok((done, unanswered)),
        Err(Problem::Request { error, hint }) => {
            let hint = hint.or(unanswered);
            Err(explain(&error, hint.as_deref(), &server))
        }
        Err(Problem::Own(error)) => Err(error),
    }
}

/// Loads the component and makes a server of it, until a signal comes.
pub(crate) fn serve(
    component: &ComponentArguments,
    sandbox: &SandboxArguments,
    options: ServerOptions,
    runtime: &Runtime,
    interrupts: &mut Interrupts,
    log: &Log,
) -> Result<Arc<Server>> {
    let (component, sandbox, own_log) = (component.clone(), sandbox.clone(), log.clone());
    // Compiling takes long and cannot be stopped: it ends with the process.
    let loading = runtime.spawn_blocking(move || {
        let loader = Loader::new(&component.component, &component.loading, &own_log)?;
        // This process ends before its optimised code would be of use.
        let (server, _) = load::serve(&loader, &sandbox, options, own_log.guest_output(true))?;
        Ok(server)
    });
    runtime.block_on(async {
        tokio::select! {
            biased;
            error = interrupts.first("interrupted while the component was loaded") => {
                say_interrupted(log);
                Err(error)
            }
            loaded = loading => loaded.unwrap_or_else(|panicked| {
                std::panic::resume_unwind(panicked.into_panic())
            }),
        }
    })
}

/// Ends the line on which a terminal shows `^C`.
pub(crate) fn say_interrupted(log: &Log) {
    if log.is_for_a_person() {
        log.say("");
    }
}

/// Names the options that answer requests which the component made in vain.
fn unanswered(server: &Server, sandbox: &SandboxArguments) -> Option<String> {
    let hints = [
        (
            AskMethod::Elicit,
            sandbox.deny_elicitation,
            "the component asked for a form, and no one can fill it in without a terminal: \
             `--elicit JSON` does, `--elicit decline` refuses it",
        ),
        (
            AskMethod::CreateMessage,
            sandbox.deny_sampling,
            "the component asked for a message of a model: `--sampling-answer TEXT` or \
             `--sampling-command COMMAND` answers",
        ),
        (
            AskMethod::ListRoots,
            sandbox.deny_roots,
            "the component asked for roots: `--root URI` offers one",
        ),
    ];
    let counts = server.live_counts();
    let hints: Vec<&str> = hints
        .into_iter()
        .filter(|(method, is_denied, _)| !is_denied && counts.asks_unsupported(*method) > 0)
        .map(|(.., hint)| hint)
        .collect();
    (!hints.is_empty()).then(|| hints.join("; "))
}

/// Returns options for a server whose only client is a person who may see what the component writes.
pub(crate) fn own_server() -> ServerOptions {
    let mut server = ServerOptions::default();
    server.sandbox.tell_last_words = true;
    server
}

fn server_options(options: &ClientArguments) -> ServerOptions {
    let mut server = own_server();
    server.limits.ask_time = ANSWER_TIME;
    server.limits.ask_time_maximum = ANSWER_TIME;
    if let Some(timeout) = options.timeout {
        server.limits.request_time = timeout;
    }
    server
}

/// Sets the lowest level of log messages, if the component sends any.
async fn set_log_level(
    client: &InProcessClient,
    options: &ClientArguments,
) -> Result<(), ClientError> {
    let logs = client.initialized().capabilities.get("logging").is_some();
    if let Some(level) = options.log_level.filter(|_| logs) {
        let params = json!({ "level": level.name() });
        client.request("logging/setLevel", &params).await?;
    }
    Ok(())
}

/// Configures a client that shows the component's reports and answers its requests.
fn builder(
    options: &ClientArguments,
    person: Option<&Arc<Person>>,
    misfit: &mpsc::UnboundedSender<Failure>,
    log: &Log,
) -> Result<ClientBuilder> {
    let mut builder = InProcessClient::builder().name("wasi-mcp", env!("CARGO_PKG_VERSION"));
    if !options.quiet {
        let log = log.clone();
        builder = builder.on_notification(move |message| show_notification(message, &log));
    }
    builder = with_elicitation(builder, options, person.cloned(), misfit, log);
    if let Some(model) = model(options) {
        let log = log.clone();
        builder = builder.on_request("sampling", "sampling/createMessage", move |params| {
            let (model, log) = (model.clone(), log.clone());
            async move {
                let answer = model.answer(&params).await;
                answer.map_err(|error| refusal(&log, "the sampling request", &error))
            }
        });
    }
    if !options.roots.is_empty() {
        let roots: Vec<Value> = options.roots.iter().map(|root| root.to_json()).collect();
        let result = RawValue::from_string(json!({ "roots": roots }).to_string())?;
        builder = builder.on_request("roots", "roots/list", move |_| {
            let result = result.clone();
            async move { Ok(result) }
        });
    }
    Ok(builder)
}

fn model(options: &ClientArguments) -> Option<Model> {
    let fixed = options.sampling_answer.clone().map(Model::Fixed);
    let program = options.sampling_command.clone();
    fixed.or_else(|| program.map(|command| Model::Program(command.0)))
}

/// Logs why a request of the component cannot be answered, and returns the error for the component.
fn refusal(log: &Log, what: &str, error: &anyhow::Error) -> RpcError {
    let text = format!("{what} cannot be answered: {error:#}");
    log.say(&text);
    RpcError::new(code::INTERNAL_ERROR, text)
}

/// Returns the person who answers forms, if options do not and there is one.
fn person(options: &ClientArguments, log: &Log) -> Result<Option<Arc<Person>>> {
    if !options.elicit.is_empty() || !asking::is_present() {
        return Ok(None);
    }
    let person = Person::new(log).context("standard input cannot be read")?;
    Ok(Some(Arc::new(person)))
}

/// Declares elicitation if forms can be answered: by options, or else by a person. An option that
/// does not fit its form is a `misfit`: the form is not answered.
fn with_elicitation(
    builder: ClientBuilder,
    options: &ClientArguments,
    person: Option<Arc<Person>>,
    misfit: &mpsc::UnboundedSender<Failure>,
    log: &Log,
) -> ClientBuilder {
    let answers: Arc<[FormAnswer]> = options.elicit.clone().into();
    if person.is_none() && answers.is_empty() {
        return builder;
    }
    let (log, misfit) = (log.clone(), misfit.clone());
    let asked = Arc::new(AtomicUsize::new(0));
    builder.on_request("elicitation", "elicitation/create", move |params| {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        let answer = answers.get(number).or(answers.last()).cloned();
        let (person, misfit, log) = (person.clone(), misfit.clone(), log.clone());
        async move {
            let refused = |error: String| refusal(&log, "the form", &anyhow::Error::msg(error));
            let form = Form::read(&params).map_err(refused)?;
            let filled = match (answer, person) {
                (Some(answer), _) => match given(&form, answer) {
                    Ok(filled) => filled,
                    Err(text) => {
                        let status = status::FAILED;
                        // If no one takes it, the command ends already.
                        let _ = misfit.send(Failure { status, text });
                        std::future::pending().await
                    }
                },
                (None, Some(person)) => person.fill(&form).await,
                (None, None) => Filled::Cancelled,
            };
            let result = match filled {
                Filled::Accepted(values) => json!({ "action": "accept", "content": values }),
                Filled::Declined => json!({ "action": "decline" }),
                Filled::Cancelled => json!({ "action": "cancel" }),
            };
            RawValue::from_string(result.to_string()).map_err(|error| refused(error.to_string()))
        }
    })
}

/// Fills a form from the command line.
fn given(form: &Form, answer: FormAnswer) -> Result<Filled, String> {
    let values: Map<String, Value> = match answer {
        FormAnswer::Decline => return Ok(Filled::Declined),
        FormAnswer::Cancel => return Ok(Filled::Cancelled),
        FormAnswer::Accept(values) => values,
    };
    let values = form.with_defaults(values);
    let complaints = form.complaints(&values);
    if complaints.is_empty() {
        Ok(Filled::Accepted(values))
    } else {
        Err(format!(
            "--elicit does not fit the form \"{}\": {}",
            first_line(&form.message),
            complaints.join("; ")
        ))
    }
}

/// Shows progress and log messages on standard error.
fn show_notification(message: &[u8], log: &Log) {
    let Ok(message) = serde_json::from_slice::<Value>(message) else {
        return;
    };
    let params = &message["params"];
    match message["method"].as_str() {
        Some("notifications/progress") => {
            let total = params["total"]
                .as_f64()
                .map(|total| format!(" of {total}"))
                .unwrap_or_default();
            let text = params["message"]
                .as_str()
                .map(|text| format!(": {}", visible(text)));
            let text = text.unwrap_or_default();
            log.report(&format!("progress {}{total}{text}", params["progress"]));
        }
        Some("notifications/message") => {
            let level = params["level"].as_str().unwrap_or("log");
            let logger = params["logger"]
                .as_str()
                .map(|name| format!(" [{}]", first_line(name)));
            let logger = logger.unwrap_or_default();
            let data = match &params["data"] {
                Value::String(text) => text.clone(),
                data => data.to_string(),
            };
            log.report(&format!("{level}{logger}: {}", visible(&data)));
        }
        _ => {}
    }
}

/// Returns a token that asks for progress.
pub(crate) fn progress() -> Value {
    json!({ "progressToken": 0 })
}
