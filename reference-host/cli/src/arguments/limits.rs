//! Options for limits.

use std::time::Duration;

use clap::Args;
use wasi_mcp_host::session::ServerOptions;
use wasi_mcp_host::transport::http::HttpOptions;

use super::values::{Seconds, Size, count, depth, header_size, page_size, seconds};

/// LIMITS.md describes when each limit is reached, and the consequences.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArguments {
    /// Memory of an instance of the component
    #[arg(long, value_name = "SIZE", default_value_t = Size(server().instance.memory_bytes))]
    max_memory: Size,

    /// Names, URIs and JSON that an instance may register
    #[arg(long, value_name = "SIZE", default_value_t = Size(server().instance.catalog_bytes))]
    max_catalog: Size,

    /// Memory that the host keeps for an instance's handles: header fields, files, streams
    #[arg(long, value_name = "SIZE", default_value_t = Size(server().instance.host_bytes))]
    max_host_memory: Size,

    /// Files and folders that an instance has open at one time
    #[arg(long, value_name = "N", default_value_t = server().instance.descriptors, value_parser = count::<usize>)]
    max_open_files: usize,

    /// Instances at one time
    #[arg(long, value_name = "N", default_value_t = server().max_instances, value_parser = count::<usize>)]
    max_instances: usize,

    /// Total computing time of the component in one session [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    max_computing_time: Option<Duration>,

    /// Sessions over HTTP at one time
    #[arg(long, value_name = "N", requires = "http", default_value_t = http().max_sessions, value_parser = count::<usize>)]
    max_sessions: usize,

    /// Time after which a session over HTTP without a request or an open stream ends
    #[arg(long, value_name = "SECONDS", requires = "http", default_value_t = Seconds(http().session_idle))]
    session_idle: Seconds,

    /// Connections over HTTP at one time
    #[arg(long, value_name = "N", requires = "http", default_value_t = http().max_connections, value_parser = count::<usize>)]
    max_connections: usize,

    /// Requests of clients in flight at one time, in all sessions
    #[arg(long, value_name = "N", default_value_t = server().max_requests, value_parser = count::<usize>)]
    max_requests: usize,

    /// Text of the requests of clients in flight, in all sessions
    #[arg(long, value_name = "SIZE", default_value_t = Size(server().max_requests_bytes))]
    max_request_memory: Size,

    /// Requests of the client in flight at one time, in one session
    #[arg(long, value_name = "N", default_value_t = server().limits.requests_in_flight, value_parser = count::<usize>)]
    max_session_requests: usize,

    /// Requests to the client in flight at one time, in one session
    #[arg(long, value_name = "N", default_value_t = server().limits.asks_in_flight, value_parser = count::<usize>)]
    max_client_requests: usize,

    /// A message of the client: a line on stdio, or a body over HTTP
    #[arg(long, value_name = "SIZE", default_value_t = Size(server().limits.message_bytes))]
    max_message: Size,

    /// Levels of arrays and objects in a message of the client
    #[arg(long, value_name = "N", default_value_t = server().limits.depth, value_parser = depth)]
    max_depth: usize,

    /// Memory of the bodies of HTTP requests that are being read, in all connections
    #[arg(long, value_name = "SIZE", requires = "http", default_value_t = Size(http().max_bodies_bytes))]
    max_bodies: Size,

    /// Header fields of an HTTP request
    #[arg(long, value_name = "N", requires = "http", default_value_t = http().max_headers, value_parser = count::<usize>)]
    max_header_fields: usize,

    /// All header fields of an HTTP request together; at least 8KiB
    #[arg(long, value_name = "SIZE", requires = "http", default_value_t = Size(http().max_header_bytes), value_parser = header_size)]
    max_header: Size,

    /// A result, a request to the client or a notification of the component
    #[arg(long, value_name = "SIZE", default_value_t = Size(server().limits.result_bytes))]
    max_result: Size,

    /// A streamed resource
    #[arg(long, value_name = "SIZE", default_value_t = Size(server().instance.streams.bytes as usize))]
    max_stream: Size,

    /// Bytes per second of each streamed resource [default: no limit]
    #[arg(long, value_name = "SIZE")]
    max_stream_rate: Option<Size>,

    /// Results and requests that the client of a session has not read yet
    #[arg(long, value_name = "SIZE", default_value_t = Size(server().limits.unread_bytes))]
    max_unread: Size,

    /// Resources that the client of a session is subscribed to
    #[arg(long, value_name = "N", default_value_t = server().limits.subscriptions, value_parser = count::<usize>)]
    max_subscriptions: usize,

    /// Log messages to the client per second, in one session
    #[arg(long, value_name = "N", default_value_t = server().limits.logs_per_second, value_parser = count::<u32>)]
    max_logs: u32,

    /// Reports of progress per second, of one request
    #[arg(long, value_name = "N", default_value_t = server().limits.progress_per_second, value_parser = count::<u32>)]
    max_progress: u32,

    /// Notifications of updated resources per second, in one session
    #[arg(long, value_name = "N", default_value_t = server().limits.notifications_per_second, value_parser = count::<u32>)]
    max_updates: u32,

    /// Items on a page of a list
    #[arg(long, value_name = "N", default_value_t = server().limits.page_size, value_parser = page_size)]
    page_size: usize,
}

/// Checks that a limit on a sum is at least the limit on one of its parts.
fn at_least(sum: (&str, Size), part: (&str, Size)) -> Result<(), String> {
    let ((sum, has), (part, needed)) = (sum, part);
    if has.0 >= needed.0 {
        return Ok(());
    }
    Err(format!(
        "{sum} {has}: expected at least {needed}, the value of {part}: raise {sum} or lower {part}"
    ))
}

fn server() -> ServerOptions {
    ServerOptions::default()
}

fn http() -> HttpOptions {
    HttpOptions::default()
}

impl LimitArguments {
    /// Checks that no limit makes another one unreachable. A client that reaches such a limit would be
    /// told to try again later, and never succeed.
    pub(crate) fn check(&self, is_http: bool) -> Result<(), String> {
        let requests = ("--max-request-memory", self.max_request_memory);
        let bodies = ("--max-bodies", self.max_bodies);
        let message = ("--max-message", self.max_message);
        at_least(requests, message)?;
        if is_http {
            at_least(bodies, message)?;
        }
        let unread = ("--max-unread", self.max_unread);
        at_least(unread, ("--max-result", self.max_result))
    }

    /// Applies the limits of sessions and instances.
    pub(crate) fn apply(&self, options: &mut ServerOptions) {
        options.max_instances = self.max_instances;
        options.max_requests = self.max_requests;
        options.max_requests_bytes = self.max_request_memory.0;
        let instance = &mut options.instance;
        instance.memory_bytes = self.max_memory.0;
        instance.catalog_bytes = self.max_catalog.0;
        instance.host_bytes = self.max_host_memory.0;
        instance.descriptors = self.max_open_files;
        instance.computing_in_all = self.max_computing_time;
        instance.streams.bytes = self.max_stream.0 as u64;
        instance.streams.bytes_per_second = self.max_stream_rate.map(|rate| rate.0 as u64);
        let limits = &mut options.limits;
        limits.requests_in_flight = self.max_session_requests;
        limits.asks_in_flight = self.max_client_requests;
        limits.message_bytes = self.max_message.0;
        limits.depth = self.max_depth;
        limits.result_bytes = self.max_result.0;
        limits.unread_bytes = self.max_unread.0;
        limits.subscriptions = self.max_subscriptions;
        limits.logs_per_second = self.max_logs;
        limits.progress_per_second = self.max_progress;
        limits.notifications_per_second = self.max_updates;
        limits.page_size = self.page_size;
    }

    /// Applies the limits of the transport.
    pub(crate) fn apply_http(&self, options: &mut HttpOptions) {
        options.max_sessions = self.max_sessions;
        options.session_idle = self.session_idle.0;
        options.max_connections = self.max_connections;
        options.max_body_bytes = self.max_message.0;
        options.max_bodies_bytes = self.max_bodies.0;
        options.max_headers = self.max_header_fields;
        options.max_header_bytes = self.max_header.0;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::CommandFactory as _;

    use super::super::Arguments;

    /// Returns the options of the table, with their defaults.
    fn documented() -> BTreeMap<&'static str, &'static str> {
        let rows = include_str!("../../../LIMITS.md")
            .lines()
            .filter_map(|line| {
                let mut cells = line.split(" | ").skip(1);
                let option = cells.next()?.strip_prefix("`--")?.strip_suffix('`')?;
                Some((option, cells.next()?))
            });
        rows.collect()
    }

    #[test]
    fn each_limit_stands_in_the_table_with_its_default() {
        let command = Arguments::command();
        let serve = command.find_subcommand("serve").expect("the command");
        let mut rows = documented();
        for argument in serve.get_arguments() {
            let Some(name) = argument.get_long() else {
                continue;
            };
            let is_limit = matches!(argument.get_help_heading(), Some("Limits" | "Timeouts"));
            let Some(documented) = rows.remove(name) else {
                assert!(!is_limit, "--{name} is not in LIMITS.md");
                continue;
            };
            let help = argument.get_help().expect("help").to_string();
            let default = match argument.get_default_values() {
                [value] => value.to_str().expect("text").to_owned(),
                // Options without a clap default describe theirs in the help.
                _ => match help.split_once("[default: ").expect("a default").1 {
                    "no limit]" | "never]" => "no limit".to_owned(),
                    default => default.trim_end_matches(']').to_owned(),
                },
            };
            assert_eq!(documented, default, "--{name}");
        }
        assert!(rows.is_empty(), "no such options: {rows:?}");
    }
}
