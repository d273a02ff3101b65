//! How long things may take.

use std::time::Duration;

use clap::Args;
use wasi_mcp_host::session::ServerOptions;
use wasi_mcp_host::transport::http::HttpOptions;

use super::values::{Seconds, seconds};

#[derive(Debug, Args)]
#[command(next_help_heading = "Timeouts")]
pub(crate) struct TimeoutArguments {
    /// How long a request of the client may take, without the time that the
    /// component waits for the client [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) request_timeout: Option<Duration>,

    /// How long the client may take to answer or, after that, from one report
    /// of progress to the next [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) client_timeout: Option<Duration>,

    /// How long the client may take to answer, whatever progress it reports
    /// [default: 900]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) client_timeout_maximum: Option<Duration>,

    /// How long the component may take to start [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) start_timeout: Option<Duration>,

    /// How long the component may compute without waiting for anything
    /// [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) computing_timeout: Option<Duration>,

    /// How long a cancelled call may go on while others wait for the component;
    /// then a new instance takes its place [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) cancelled_call_timeout: Option<Duration>,

    /// How long the component may take from one byte of a streamed resource to the next
    /// [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) stream_idle_timeout: Option<Duration>,

    /// Ping the client when nothing was heard of it for so long [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) ping_interval: Option<Duration>,

    /// How long the header of an HTTP request may take to come
    #[arg(long, value_name = "SECONDS", requires = "http", default_value_t = Seconds(HttpOptions::default().header_time))]
    header_timeout: Seconds,

    /// How long the body of an HTTP request may take to come
    #[arg(long, value_name = "SECONDS", requires = "http", default_value_t = Seconds(HttpOptions::default().body_time))]
    body_timeout: Seconds,

    /// How long an HTTP client may take nothing of what it is sent
    #[arg(long, value_name = "SECONDS", requires = "http", default_value_t = Seconds(HttpOptions::default().write_time))]
    write_timeout: Seconds,
}

impl TimeoutArguments {
    /// Sets what was given.
    pub(crate) fn apply(&self, options: &mut ServerOptions) {
        let given = [
            (self.request_timeout, &mut options.limits.request_time),
            (self.client_timeout, &mut options.limits.ask_time),
            (
                self.client_timeout_maximum,
                &mut options.limits.ask_time_maximum,
            ),
            (self.start_timeout, &mut options.instance.start),
            (self.computing_timeout, &mut options.instance.computing),
            (self.stream_idle_timeout, &mut options.instance.streams.idle),
            (
                self.cancelled_call_timeout,
                &mut options.cancelled_call_grace,
            ),
        ];
        for (time, place) in given {
            if let Some(time) = time {
                *place = time;
            }
        }
        options.limits.ping_interval = self.ping_interval;
    }

    /// Sets the times of the transport.
    pub(crate) fn apply_http(&self, options: &mut HttpOptions) {
        options.header_time = self.header_timeout.0;
        options.body_time = self.body_timeout.0;
        options.write_time = self.write_timeout.0;
    }
}
