//! The limits that can be reached.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::label::{ByLabel, Label, labels};

labels! {
    /// A limit that was reached.
    pub enum Limit {
        /// Memory of an instance.
        Memory = "memory",
        /// Memory that the host keeps behind an instance's handles.
        HostMemory = "host-memory",
        /// Handles of an instance.
        Handles = "handles",
        /// Files and folders that an instance has open.
        OpenFiles = "open-files",
        /// Operations on files that an instance has in progress or waiting.
        FileOperations = "file-operations",
        /// Time for which an instance may compute without waiting.
        ComputingTime = "computing-time",
        /// Processor time of an instance.
        CpuTime = "cpu-time",
        /// Time within which an instance must start.
        StartTime = "start-time",
        /// Time within which a cancelled call must end while others wait.
        CancelledCallTime = "cancelled-call-time",
        /// Instances.
        Instances = "instances",
        /// Instances of one session, if each call has its own.
        SessionInstances = "session-instances",
        /// Sessions.
        Sessions = "sessions",
        /// Time after which an unused session is ended.
        SessionIdle = "session-idle",
        /// Time within which the client must answer a ping.
        PingTime = "ping-time",
        /// Connections.
        Connections = "connections",
        /// Open files of the host's process, or of the system.
        Descriptors = "descriptors",
        /// Requests in flight.
        RequestsInFlight = "requests-in-flight",
        /// Text of the requests in flight.
        RequestMemory = "request-memory",
        /// Time of a request.
        RequestTime = "request-time",
        /// Size of a message.
        MessageBytes = "message-bytes",
        /// Memory of all request bodies that are being read.
        BodiesBytes = "bodies-bytes",
        /// Levels of arrays and objects in a message.
        MessageDepth = "message-depth",
        /// Header fields of a request, or their bytes.
        Header = "header",
        /// Time within which the header of a request must arrive.
        HeaderTime = "header-time",
        /// Time within which the body of a request must arrive.
        BodyTime = "body-time",
        /// Time within which a client must read some of its output.
        WriteTime = "write-time",
        /// Size of the component's results, requests and notifications.
        ResultBytes = "result-bytes",
        /// Size of a streamed resource.
        StreamBytes = "stream-bytes",
        /// Time between two bytes of a streamed resource.
        StreamIdle = "stream-idle",
        /// Time in which the client must read the next piece of a streamed resource.
        StreamRead = "stream-read",
        /// Bytes that a client has yet to take.
        UnreadBytes = "unread-bytes",
        /// Open requests to the client.
        AsksInFlight = "client-requests-in-flight",
        /// Time within which the client must answer.
        AskTime = "client-time",
        /// Entries that a component registers, and their bytes.
        Catalog = "catalog",
        /// Hosts that a guest may reach.
        HttpHosts = "http-hosts",
        /// Addresses that the name of such a host may resolve to.
        HttpDestinations = "http-destinations",
        /// Requests of a guest in flight.
        HttpRequests = "http-requests",
        /// Subscriptions.
        Subscriptions = "subscriptions",
        /// Log messages in a second.
        LogsPerSecond = "logs-per-second",
        /// Progress reports in a second.
        ProgressPerSecond = "progress-per-second",
        /// Resource updates in a second.
        UpdatesPerSecond = "updates-per-second",
        /// Lines that a guest prints in a second.
        GuestLinesPerSecond = "guest-lines-per-second",
    }
}

impl From<wasi_mcp_protocol::Limit> for Limit {
    fn from(limit: wasi_mcp_protocol::Limit) -> Self {
        use wasi_mcp_protocol::Limit as Of;
        match limit {
            Of::RequestsInFlight => Self::RequestsInFlight,
            Of::RequestTime => Self::RequestTime,
            Of::MessageBytes => Self::MessageBytes,
            Of::MessageDepth => Self::MessageDepth,
            Of::AsksInFlight => Self::AsksInFlight,
            Of::AskTime => Self::AskTime,
            Of::Subscriptions => Self::Subscriptions,
            Of::LogsPerSecond => Self::LogsPerSecond,
            Of::ProgressPerSecond => Self::ProgressPerSecond,
            Of::UpdatesPerSecond => Self::UpdatesPerSecond,
            Of::ResultBytes => Self::ResultBytes,
        }
    }
}

/// The minimum time between two log lines about the same limit.
const SILENCE: Duration = Duration::from_secs(1);

/// The number of times that each limit was reached.
#[derive(Debug)]
pub struct Limits {
    counters: ByLabel<Limit>,
    /// The earliest time of the next log line for each limit, in milliseconds of [`now`].
    silent_until: Box<[AtomicU64]>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            counters: ByLabel::default(),
            silent_until: Limit::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Limits {
    /// Counts one more time. Returns the total if it should be logged: a hostile guest must not
    /// flood the log.
    pub(super) fn reached(&self, limit: Limit) -> Option<u64> {
        self.counters.increment(limit);
        let until = &self.silent_until[limit.index()];
        let now = now();
        let last = until.load(Ordering::Relaxed);
        let next = now + SILENCE.as_millis() as u64;
        let is_first = last <= now
            && until
                .compare_exchange(last, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        is_first.then(|| self.counters.of(limit).get())
    }

    /// Returns the number of times that this limit was reached.
    pub fn get(&self, limit: Limit) -> u64 {
        self.counters.of(limit).get()
    }

    pub(super) fn counters(&self) -> &ByLabel<Limit> {
        &self.counters
    }
}

/// Returns the milliseconds since its first call.
fn now() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let elapsed = FIRST.get_or_init(Instant::now).elapsed();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_counted_each_time_and_logged_once_in_a_while() {
        let limits = Limits::default();
        assert_eq!(limits.reached(Limit::Memory), Some(1));
        let logged = (0..1000).filter(|_| limits.reached(Limit::Memory).is_some());
        assert!(logged.count() < 500);
        assert_eq!(limits.get(Limit::Memory), 1001);
        assert_eq!(limits.reached(Limit::Sessions), Some(1), "others speak");
    }

    #[test]
    fn labels_stand_at_their_index_with_names_of_their_own() {
        for (index, limit) in Limit::ALL.iter().enumerate() {
            assert_eq!(limit.index(), index);
        }
        let mut names: Vec<_> = Limit::ALL.iter().map(|limit| limit.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Limit::ALL.len());
    }
}
