//! Log lines, and lines of guests, on standard error.

use std::io::IsTerminal as _;

use serde::Serialize;
use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use wasi_mcp_host::component::{GuestLine, GuestOutput};

use super::arguments::LogFormat;
use super::standard_error::StandardError;

/// Where log lines go, and how they look.
#[derive(Clone)]
pub(super) struct Log {
    output: StandardError,
    format: LogFormat,
}

/// Starts logging. `RUST_LOG` wins over `verbose`, and `verbose` over `quiet`.
pub(super) fn start(verbose: u8, quiet: bool, format: LogFormat) -> Log {
    let level = match verbose {
        0 if quiet => "warn,wasi_mcp_host::session=error",
        // What the command itself says of its operation is of interest always.
        0 => "warn,wasi_mcp=info,wasi_mcp_host=warn",
        1 => "warn,wasi_mcp=info",
        _ => "info,wasi_mcp=debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let output = StandardError::start();
    let writer = output.clone();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || writer.clone())
        .with_ansi(colour);
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    Log { output, format }
}

impl Log {
    /// Says something that is to be seen in any case, whatever is logged.
    pub(super) fn say(&self, text: &str) {
        self.tell(Level::INFO, text);
    }

    /// Says why the command could not be carried out.
    pub(super) fn fail(&self, error: &anyhow::Error) {
        match self.format {
            LogFormat::Text => self.tell(Level::ERROR, &format!("error: {error:#}")),
            LogFormat::Json => self.tell(Level::ERROR, &format!("{error:#}")),
        }
    }

    fn tell(&self, level: Level, text: &str) {
        // In its order among other lines, and not in their queue, which drops.
        self.output.flush_within(super::LAST_LINES);
        match self.format {
            LogFormat::Text => eprintln!("{text}"),
            LogFormat::Json => {
                eprintln!("{}", json(level, "wasi_mcp", &Message { message: text }));
            }
        }
    }

    /// What waits to be written.
    pub(super) fn output(&self) -> &StandardError {
        &self.output
    }

    /// Where the guests' lines go: each with its session, or for a host of
    /// `one` session as it is.
    pub(super) fn guest_output(&self, one: bool) -> GuestOutput {
        let output = self.output.clone();
        GuestOutput::lines(match self.format {
            LogFormat::Json => {
                Box::new(move |line: &GuestLine<'_>| output.line(&json_of_guest(line))) as Show
            }
            LogFormat::Text if one => Box::new(move |line: &GuestLine<'_>| output.line(&line.text)),
            LogFormat::Text => Box::new(move |line: &GuestLine<'_>| output.line(line)),
        })
    }
}

type Show = Box<dyn Fn(&GuestLine<'_>) + Send + Sync>;

/// A line of a guest in the form that log lines have.
fn json_of_guest(line: &GuestLine<'_>) -> String {
    #[derive(Serialize)]
    struct Fields<'a> {
        message: &'a str,
        session: u64,
        instance: u64,
        stream: &'a str,
    }

    let fields = Fields {
        message: line.text,
        session: line.session,
        instance: line.instance,
        stream: line.stream.name(),
    };
    json(Level::INFO, "guest", &fields)
}

/// What is said in words alone.
#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

/// A line in the form that log lines have.
fn json(level: Level, target: &str, fields: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Line<'a, F> {
        timestamp: String,
        level: &'a str,
        fields: &'a F,
        target: &'a str,
    }

    let mut timestamp = String::new();
    // A time before 1970 would have no text.
    let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
    let line = Line {
        timestamp,
        level: level.as_str(),
        fields,
        target,
    };
    serde_json::to_string(&line).unwrap_or_default()
}
