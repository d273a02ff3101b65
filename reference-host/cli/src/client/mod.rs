//! The client behind `call`, `read`, `get` and `complete`: sends one request to a component in this
//! process, and answers the component's requests meanwhile.

mod asking;
mod form;
mod hints;
mod sampling;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use wasi_mcp_host::protocol::{RpcError, code};
use wasi_mcp_host::session::{ClientBuilder, ClientError, InProcessClient, Server, ServerOptions};

use crate::arguments::{ClientArguments, ComponentArguments, FormAnswer, SandboxArguments};
use crate::load::{self, Loader};
use crate::logging::Log;
use crate::output::{first_line, visible};
use crate::status::{self, Failure};
use asking::{Filled, Person};
use form::Form;
pub(crate) use hints::Named;
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
    let loader = Loader::new(component, log)?;
    let output = log.guest_output(true);
    let server = load::serve(&loader, sandbox, server_options(options), output)?;
    let runtime = load::single_threaded()?;
    let done = runtime.block_on(async {
        let mut interrupts = interrupts()?;
        let person = person(options, log)?;
        let builder = builder(options, person.as_ref(), log)?;
        let client = tokio::select! {
            biased;
            status = interrupted(&mut interrupts) => return Err(Problem::Own(status)),
            client = builder.connect(&server) => client?,
        };
        let done = tokio::select! {
            biased;
            status = interrupted(&mut interrupts) => Err(Problem::Own(status)),
            done = async {
                set_log_level(&client, options).await?;
                work(&client).await
            } => return done,
        };
        if let Some(person) = person {
            person.leave();
        }
        if log.is_for_a_person() {
            // The terminal shows ^C.
            log.say("");
        }
        // Dropping the request has cancelled it. A second signal ends this at once.
        tokio::select! {
            biased;
            _ = interrupted(&mut interrupts) => {}
            () = client.finish(LAST_WORDS) => {}
        }
        done
    });
    // Drops the instance, whose last output may still be unfinished. A thread of it may be blocked.
    runtime.shutdown_background();
    done.map_err(|problem| match problem {
        Problem::Request { error, hint } => explain(&error, hint.as_deref(), &server),
        Problem::Own(error) => error,
    })
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

/// Returns a stream of signals to stop, as exit statuses.
fn interrupts() -> Result<mpsc::UnboundedReceiver<u8>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    #[cfg(unix)]
    for (kind, status) in [
        (tokio::signal::unix::SignalKind::interrupt(), 130),
        (tokio::signal::unix::SignalKind::terminate(), 143),
    ] {
        let mut signal = tokio::signal::unix::signal(kind).context("signals cannot be received")?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                let _ = sender.send(status);
            }
        });
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            let _ = sender.send(130);
        }
    });
    Ok(receiver)
}

/// Waits for a signal.
async fn interrupted(signals: &mut mpsc::UnboundedReceiver<u8>) -> anyhow::Error {
    match signals.recv().await {
        Some(status) => anyhow::Error::new(Failure {
            status,
            text: "interrupted: the request is cancelled".to_owned(),
        }),
        None => std::future::pending().await,
    }
}

/// Configures a client that shows the component's reports and answers its requests.
fn builder(
    options: &ClientArguments,
    person: Option<&Arc<Person>>,
    log: &Log,
) -> Result<ClientBuilder> {
    let mut builder = InProcessClient::builder().name("wasi-mcp", env!("CARGO_PKG_VERSION"));
    if !options.quiet {
        let log = log.clone();
        builder = builder.on_notification(move |message| show_notification(message, &log));
    }
    builder = with_elicitation(builder, options, person.cloned(), log);
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

/// Declares elicitation if forms can be answered: by options, or else by a person.
fn with_elicitation(
    builder: ClientBuilder,
    options: &ClientArguments,
    person: Option<Arc<Person>>,
    log: &Log,
) -> ClientBuilder {
    let answers: Arc<[FormAnswer]> = options.elicit.clone().into();
    if person.is_none() && answers.is_empty() {
        return builder;
    }
    let (log, asked) = (log.clone(), Arc::new(AtomicUsize::new(0)));
    builder.on_request("elicitation", "elicitation/create", move |params| {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        let answer = answers.get(number).or(answers.last()).cloned();
        let (person, log) = (person.clone(), log.clone());
        async move {
            let refused = |error: String| refusal(&log, "the form", &anyhow::Error::msg(error));
            let form = Form::read(&params).map_err(refused)?;
            let filled = match (answer, person) {
                (Some(answer), _) => given(&form, answer).map_err(refused)?,
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
            "the values of --elicit do not match it: {}",
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
