//! Log lines, and lines of guests, on standard error.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;
use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use wasi_mcp_host::component::{GuestLine, GuestOutput};

use super::arguments::LogFormat;
use super::standard_error::StandardError;

/// The destination and the format of log lines.
#[derive(Clone)]
pub(super) struct Log {
    output: StandardError,
    format: LogFormat,
}

/// Starts logging. `RUST_LOG` overrides `verbose`, and `verbose` overrides `quiet`.
pub(super) fn start(verbose: u8, quiet: bool, format: LogFormat) -> Log {
    let level = match verbose {
        0 if quiet => "warn,wasi_mcp_host::session=error",
        // Messages of the command itself about its operation are always logged.
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
    /// Prints a message at any log level.
    pub(super) fn say(&self, text: &str) {
        self.tell(Level::INFO, text);
    }

    /// Prints the reason why the command failed.
    pub(super) fn fail(&self, error: &anyhow::Error) {
        match self.format {
            LogFormat::Text => self.tell(Level::ERROR, &format!("error: {error:#}")),
            LogFormat::Json => self.tell(Level::ERROR, &format!("{error:#}")),
        }
    }

    fn tell(&self, level: Level, text: &str) {
        // Flush first: the message must keep its order among other lines, and must not enter their
        // queue, which drops.
        self.output.flush_within(super::LAST_LINES);
        // Standard error that cannot be written never changes what a command does.
        let _ = writeln!(std::io::stderr(), "{}", self.formatted(level, text));
    }

    fn formatted(&self, level: Level, text: &str) -> String {
        match self.format {
            LogFormat::Text => text.to_owned(),
            LogFormat::Json => json(level, "wasi_mcp", &Message { message: text }),
        }
    }

    /// Prints a message at any log level, without waiting for standard error.
    pub(super) fn report(&self, text: &str) {
        self.output.line(&self.formatted(Level::INFO, text));
    }

    /// Prints the beginning of a line that a person completes.
    pub(super) fn prompt(&self, text: &str) {
        self.output.flush_within(super::LAST_LINES);
        let mut stderr = std::io::stderr();
        let _ = write!(stderr, "{text}").and_then(|()| stderr.flush());
    }

    /// Returns whether a person reads standard error.
    pub(super) fn is_for_a_person(&self) -> bool {
        self.format == LogFormat::Text && std::io::stderr().is_terminal()
    }

    /// Returns the buffered output.
    pub(super) fn output(&self) -> &StandardError {
        &self.output
    }

    /// Returns the destination of the guests' lines, each prefixed with its session.
    pub(super) fn guest_output(&self) -> GuestOutput {
        GuestOutput::lines(self.guest_line(false))
    }

    /// Returns a function that shows a line of a guest: prefixed with its session, or verbatim for a host of
    /// `one` session.
    pub(super) fn guest_line(&self, one: bool) -> ShowLine {
        let output = self.output.clone();
        match self.format {
            LogFormat::Json => Box::new(move |line| output.line(&json_of_guest(line))),
            LogFormat::Text if one => Box::new(move |line| output.line(&line.text)),
            LogFormat::Text => Box::new(move |line| output.line(line)),
        }
    }
}

/// Shows a line of a guest.
pub(super) type ShowLine = Box<dyn Fn(&GuestLine<'_>) + Send + Sync>;

/// Formats a line of a guest like a log line.
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

/// The fields of a line that has only a message.
#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

/// Formats a line like a log line.
fn json(level: Level, target: &str, fields: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Line<'a, F> {
        timestamp: String,
        level: &'a str,
        fields: &'a F,
        target: &'a str,
    }

    let mut timestamp = String::new();
    // A time before 1970 has no text.
    let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
    let line = Line {
        timestamp,
        level: level.as_str(),
        fields,
        target,
    };
    serde_json::to_string(&line).unwrap_or_default()
}
