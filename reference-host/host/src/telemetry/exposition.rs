//! The metrics as text for Prometheus.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use super::histogram::{BOUNDS, Histogram};
use super::label::{ByLabel, Label};
use super::{LiveCounts, Telemetry, Traffic};

/// The format of [`encode`]: <https://prometheus.io/docs/specs/om/open_metrics_spec/>.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Writes all metrics. Their names begin with `wasi_mcp_`.
///
/// # Errors
///
/// Only those of writing to a `String`, which never fails.
pub fn encode(
    telemetry: &Arc<Telemetry>,
    live_counts: &Arc<LiveCounts>,
) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("wasi_mcp");
    registry.register_collector(Box::new(Figures {
        telemetry: Arc::clone(telemetry),
        live_counts: Arc::clone(live_counts),
    }));
    let mut page = String::new();
    text::encode(&mut page, &registry)?;
    Ok(page)
}

#[derive(Debug)]
struct Figures {
    telemetry: Arc<Telemetry>,
    live_counts: Arc<LiveCounts>,
}

impl Collector for Figures {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        let host = &*self.telemetry;
        page.build()?;
        page.sessions(host)?;
        page.instances(&self.live_counts)?;
        page.requests(host)?;
        page.traffic(&host.received, &host.sent)?;
        page.by_label(
            "notifications_dropped",
            "Notifications that did not reach their client",
            "reason",
            &host.notifications_dropped,
        )?;
        page.by_label(
            "limits_reached",
            "How often a limit was reached",
            "limit",
            host.limits.counters(),
        )?;
        page.guests(host)?;
        page.by_label(
            "reloads",
            "Attempts to load a changed component",
            "outcome",
            &host.reloads,
        )
    }
}

/// A page of metrics, while it is written.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn build(&mut self) -> fmt::Result {
        let mut metric =
            self.0
                .encode_descriptor("build", "What is running", None, MetricType::Info)?;
        metric.encode_info(&[
            ("version", env!("CARGO_PKG_VERSION")),
            ("mcp", wasi_mcp_protocol::PROTOCOL_VERSION),
        ])
    }

    fn sessions(&mut self, host: &Telemetry) -> fmt::Result {
        self.gauge(
            "sessions_open",
            "Sessions that are open",
            host.sessions_open(),
        )?;
        self.counter(
            "sessions_begun",
            "Sessions that were opened",
            host.sessions_begun.get(),
        )?;
        self.by_label(
            "sessions_ended",
            "Sessions that have ended",
            "reason",
            &host.sessions_ended,
        )
    }

    fn instances(&mut self, live_counts: &LiveCounts) -> fmt::Result {
        self.gauge(
            "instances_live",
            "Instances that there are",
            live_counts.instances(),
        )?;
        self.counter(
            "instances_made",
            "Instances that were made",
            live_counts.instances_made(),
        )?;
        let ended = [
            ("lost", live_counts.instances_lost()),
            ("not-started", live_counts.starts_failed()),
            ("used-up", live_counts.instances_replaced()),
        ];
        let help = "Instances that did not end with their session or call";
        self.counters("instances_ended", help, None, "reason", ended)?;
        self.counter(
            "calls",
            "Calls that instances have begun with",
            live_counts.calls(),
        )?;
        self.gauge(
            "table_entries_most",
            "The most entries by which the tables of an instance were seen to have grown",
            live_counts.most_table_entries(),
        )
    }

    fn requests(&mut self, host: &Telemetry) -> fmt::Result {
        let in_flight = u64::try_from(host.requests.in_flight.get()).unwrap_or(0);
        self.gauge(
            "requests_in_flight",
            "Requests on which components work",
            in_flight,
        )?;
        let help = "Requests of clients by what became of them";
        let mut metric = self
            .0
            .encode_descriptor("requests", help, None, MetricType::Counter)?;
        for figures in host.requests.figures() {
            for outcome in Label::ALL {
                let count = figures.outcomes.of(*outcome).get();
                // Most combinations never occur: they would fill most of the page.
                if count > 0 {
                    let labels = [("method", figures.method), ("outcome", outcome.name())];
                    metric
                        .encode_family(&labels)?
                        .encode_counter::<NoLabelSet, _, f64>(&count, None)?;
                }
            }
        }
        let help = "How long requests took on which a component worked";
        let mut metric = self.0.encode_descriptor(
            "request_duration",
            help,
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        for figures in host.requests.figures() {
            let buckets = buckets(figures.duration);
            let count = buckets.iter().map(|(_, count)| count).sum();
            if count > 0 {
                let sum = figures.duration.sum().as_secs_f64();
                metric
                    .encode_family(&[("method", figures.method)])?
                    .encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
            }
        }
        Ok(())
    }

    fn traffic(&mut self, received: &Traffic, sent: &Traffic) -> fmt::Result {
        let directions = [("received", received), ("sent", sent)];
        let messages = directions.map(|(name, traffic)| (name, traffic.messages.get()));
        self.counters("messages", "Messages of MCP", None, "direction", messages)?;
        let bytes = directions.map(|(name, traffic)| (name, traffic.bytes.get()));
        self.counters(
            "messages",
            "Bytes of messages, without what the transport puts around them",
            Some(&Unit::Bytes),
            "direction",
            bytes,
        )
    }

    fn guests(&mut self, host: &Telemetry) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(
            "guest_cpu",
            "Time in which instances were driven",
            Some(&Unit::Seconds),
            MetricType::Counter,
        )?;
        let seconds = host.guest_time.get().as_secs_f64();
        metric.encode_counter::<NoLabelSet, _, f64>(&seconds, None)?;
        self.counter(
            "guest_lines",
            "Lines that guests wrote to standard output and error",
            host.guest_lines.get(),
        )?;
        self.counter(
            "guest_lines_dropped",
            "Lines of guests that were dropped, as there were too many",
            host.guest_lines_dropped.get(),
        )
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.0
            .encode_descriptor(name, help, None, MetricType::Gauge)?
            .encode_gauge(&value)
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.0
            .encode_descriptor(name, help, None, MetricType::Counter)?
            .encode_counter::<NoLabelSet, _, f64>(&value, None)
    }

    fn by_label<L: Label>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        counters: &ByLabel<L>,
    ) -> fmt::Result {
        let values = L::ALL
            .iter()
            .map(|value| (value.name(), counters.of(*value).get()));
        self.counters(name, help, None, label, values)
    }

    fn counters(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        label: &str,
        values: impl IntoIterator<Item = (&'static str, u64)>,
    ) -> fmt::Result {
        let mut metric = self
            .0
            .encode_descriptor(name, help, unit, MetricType::Counter)?;
        for (value, count) in values {
            metric
                .encode_family(&[(label, value)])?
                .encode_counter::<NoLabelSet, _, f64>(&count, None)?;
        }
        Ok(())
    }
}

/// Returns each bucket's upper bound in seconds, with the number of durations in it.
fn buckets(histogram: &Histogram) -> Vec<(f64, u64)> {
    let bounds = BOUNDS.iter().map(|bound| *bound as f64 / 1e6);
    let bounds = bounds.chain([f64::INFINITY]);
    bounds.zip(histogram.counts()).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::telemetry::{Limit, SessionEnd};
    use wasi_mcp_protocol::{Method, RequestOutcome};

    #[test]
    fn the_figures_are_written_by_name_and_label() {
        let host = Arc::new(Telemetry::default());
        host.sessions_begun.add(3);
        host.sessions_ended.increment(SessionEnd::Idle);
        host.received.count(100);
        host.requests.in_flight.increment();
        let took = Duration::from_millis(3);
        host.requests
            .ended(Method::CallTool, RequestOutcome::ToolError, took);
        host.requests.answered(None, RequestOutcome::Error);
        host.reached(Limit::Sessions, None);
        host.guest_time.add(Duration::from_millis(1500));
        let page = encode(&host, &Arc::default()).unwrap();
        let lines: Vec<_> = page.lines().collect();
        for line in [
            "wasi_mcp_sessions_open 2",
            "wasi_mcp_sessions_begun_total 3",
            "wasi_mcp_sessions_ended_total{reason=\"idle\"} 1",
            "wasi_mcp_sessions_ended_total{reason=\"client\"} 0",
            "wasi_mcp_messages_total{direction=\"received\"} 1",
            "wasi_mcp_messages_bytes_total{direction=\"received\"} 100",
            "wasi_mcp_requests_in_flight 0",
            "wasi_mcp_requests_total{method=\"tools/call\",outcome=\"tool-error\"} 1",
            "wasi_mcp_requests_total{method=\"other\",outcome=\"error\"} 1",
            "wasi_mcp_request_duration_seconds_count{method=\"tools/call\"} 1",
            "wasi_mcp_request_duration_seconds_bucket{le=\"0.0025\",method=\"tools/call\"} 0",
            "wasi_mcp_request_duration_seconds_bucket{le=\"0.005\",method=\"tools/call\"} 1",
            "wasi_mcp_request_duration_seconds_bucket{le=\"+Inf\",method=\"tools/call\"} 1",
            "wasi_mcp_limits_reached_total{limit=\"sessions\"} 1",
            "wasi_mcp_guest_cpu_seconds_total 1.5",
            "wasi_mcp_instances_live 0",
            "wasi_mcp_instances_ended_total{reason=\"lost\"} 0",
            "# EOF",
        ] {
            assert!(lines.contains(&line), "{line} is not in\n{page}");
        }
        let families = lines.iter().filter(|line| line.starts_with("# TYPE"));
        let mut names: Vec<_> = families.collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "each family stands once");
    }
}
