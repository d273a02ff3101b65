//! Options for timeouts.

use std::time::Duration;

use clap::Args;
use wasi_mcp_host::session::ServerOptions;
use wasi_mcp_host::transport::http::HttpOptions;

use super::values::{Seconds, seconds};

#[derive(Debug, Args)]
#[command(next_help_heading = "Timeouts")]
pub(crate) struct TimeoutArguments {
    /// Time limit of a client's request, not counting the time that the component waits for the
    /// client [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) request_timeout: Option<Duration>,

    /// Time for the client to answer or, after that, to report progress again [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) client_timeout: Option<Duration>,

    /// Time for the client to answer, whatever progress it reports [default: 900]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) client_timeout_maximum: Option<Duration>,

    /// Time for the component to start [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) start_timeout: Option<Duration>,

    /// Time that the component may compute without waiting for anything [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) computing_timeout: Option<Duration>,

    /// Time for a cancelled call to end while others wait for the component; then a new instance
    /// takes its place [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) cancelled_call_timeout: Option<Duration>,

    /// Time between one byte of a streamed resource and the next [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) stream_idle_timeout: Option<Duration>,

    /// Time for the client to read the next piece of a streamed resource [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) stream_read_timeout: Option<Duration>,

    /// Time for a streamed resource to end once its instance is due to be replaced [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) stream_recycle_timeout: Option<Duration>,

    /// Silence of the client after which to ping it; its session ends if it does not answer in the
    /// same time [default: never]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) ping_interval: Option<Duration>,

    /// Time without a message after which the answer to an HTTP request begins as a stream of
    /// events, so that proxies keep the connection
    #[arg(long, value_name = "SECONDS", requires = "http", default_value_t = Seconds(HttpOptions::default().silence_time))]
    silence_timeout: Seconds,

    /// Time for the header of an HTTP request to arrive
    #[arg(long, value_name = "SECONDS", requires = "http", default_value_t = Seconds(HttpOptions::default().header_time))]
    header_timeout: Seconds,

    /// Time for the body of an HTTP request to arrive
    #[arg(long, value_name = "SECONDS", requires = "http", default_value_t = Seconds(HttpOptions::default().body_time))]
    body_timeout: Seconds,

    /// Time for which an HTTP client may read nothing of what it is sent
    #[arg(long, value_name = "SECONDS", requires = "http", default_value_t = Seconds(HttpOptions::default().write_time))]
    write_timeout: Seconds,
}

impl TimeoutArguments {
    /// Checks that no shorter timeout makes a given one ineffective.
    pub(crate) fn check(&self) -> Result<(), String> {
        let default = ServerOptions::default().limits.ask_time_maximum;
        let most = self.client_timeout_maximum.unwrap_or(default);
        match self.client_timeout {
            Some(time) if time > most => Err(format!(
                "--client-timeout {}: expected at most {}, the value of --client-timeout-maximum",
                Seconds(time),
                Seconds(most)
            )),
            _ => Ok(()),
        }
    }

    /// Applies the given options.
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
                self.stream_read_timeout,
                &mut options.instance.streams.client_idle,
            ),
            (
                self.stream_recycle_timeout,
                &mut options.instance.streams.recycle_grace,
            ),
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

    /// Applies the timeouts of the transport.
    pub(crate) fn apply_http(&self, options: &mut HttpOptions) {
        options.silence_time = self.silence_timeout.0;
        options.header_time = self.header_timeout.0;
        options.body_time = self.body_timeout.0;
        options.write_time = self.write_timeout.0;
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[arg(long)]
        http: bool,
        #[command(flatten)]
        timeouts: TimeoutArguments,
    }

    /// Each option has its own value, which arrives in its own place.
    #[test]
    fn every_timeout_has_an_effect() {
        let line = [
            "--request-timeout=1",
            "--client-timeout=2",
            "--client-timeout-maximum=3",
            "--start-timeout=4",
            "--computing-timeout=5",
            "--cancelled-call-timeout=6",
            "--stream-idle-timeout=7",
            "--stream-read-timeout=8",
            "--stream-recycle-timeout=9",
            "--ping-interval=10",
            "--silence-timeout=11",
            "--header-timeout=12",
            "--body-timeout=13",
            "--write-timeout=14",
        ];
        let command = Command::parse_from(["command", "--http"].iter().chain(&line));
        assert!(command.http);
        let (mut options, mut http) = (ServerOptions::default(), HttpOptions::default());
        command.timeouts.apply(&mut options);
        command.timeouts.apply_http(&mut http);
        let (limits, streams) = (options.limits, options.instance.streams);
        let applied = [
            limits.request_time,
            limits.ask_time,
            limits.ask_time_maximum,
            options.instance.start,
            options.instance.computing,
            options.cancelled_call_grace,
            streams.idle,
            streams.client_idle,
            streams.recycle_grace,
            limits.ping_interval.expect("an interval"),
            http.silence_time,
            http.header_time,
            http.body_time,
            http.write_time,
        ];
        let expected: Vec<_> = (1..=line.len() as u64).map(Duration::from_secs).collect();
        assert_eq!(applied[..], expected[..]);
    }
}
