//! The targets, and their results.

use serde::Serialize;

use crate::candidates::Family;
use crate::parts::sessions::{Capacity, Idle, MANY};
use crate::parts::start::Start;
use crate::parts::streams::Streamed;
use crate::report::text::{bytes, micros};
use crate::rounds::{Comparison, Outcome};

/// The two kinds of guest under test.
const GUESTS: [(Family, &str); 2] = [(Family::Host3, "0.3 guest"), (Family::Host2, "0.2 guest")];

/// One row of the table.
#[derive(Debug, Clone, Serialize)]
pub struct Target {
    /// The quantity.
    pub what: String,
    /// The aim.
    pub aim: String,
    /// The result.
    pub measured: String,
    /// The figure it is compared with.
    pub beside: String,
    /// The ratio, or the value, that is compared with the aim.
    pub value: f64,
    /// True if the aim is met.
    pub is_met: bool,
}

/// Compares server CPU time per request with the SDK's best mode.
pub fn against_rmcp(comparison: &Comparison, aims: [f64; 2]) -> Vec<Target> {
    let Some(best) = comparison.best_rmcp() else {
        return Vec::new();
    };
    relative(comparison, best, aims, "rmcp")
}

/// Compares server CPU time per request with the lower bound.
pub fn against_floor(comparison: &Comparison, aim: f64) -> Vec<Target> {
    let Some(floor) = comparison.of(Family::Floor) else {
        return Vec::new();
    };
    relative(comparison, floor, [aim; 2], "serde_json")
}

fn relative(comparison: &Comparison, base: &Outcome, aims: [f64; 2], whose: &str) -> Vec<Target> {
    let base_cpu = base.summary.cpu.median;
    let target = |((family, guest), aim): ((Family, &str), f64)| {
        let cpu = comparison.of(family)?.summary.cpu.median;
        let ratio = cpu / base_cpu;
        Some(Target {
            what: format!("{}, {guest}", comparison.title),
            aim: format!("CPU at most {aim:.2} of {whose}"),
            measured: format!("{} us", micros(cpu)),
            beside: format!("{}: {} us", base.name, micros(base_cpu)),
            value: ratio,
            is_met: ratio <= aim,
        })
    };
    GUESTS.into_iter().zip(aims).filter_map(target).collect()
}

/// Compares the 99th percentile of the time to an answer with the SDK's lowest.
pub fn p99(comparison: &Comparison) -> Vec<Target> {
    let target = |(family, guest)| {
        let p99 = comparison.of(family)?.summary.p99.median;
        let rmcp = comparison.rmcp_p99()?;
        Some(Target {
            what: format!("{}, p99, {guest}", comparison.title),
            aim: "under rmcp's least".to_owned(),
            measured: format!("{} us", micros(p99)),
            beside: format!("rmcp: {} us", micros(rmcp)),
            value: p99 / rmcp,
            is_met: p99 < rmcp,
        })
    };
    GUESTS.into_iter().filter_map(target).collect()
}

/// Checks the time from the start of the process to the first answer.
pub fn start(starts: &[Start]) -> Vec<Target> {
    let rmcp = starts.iter().filter(|start| start.family == Family::Rmcp);
    let rmcp = rmcp.map(|start| start.time.median).min_by(f64::total_cmp);
    let beside = rmcp.map_or_else(String::new, |time| format!("rmcp: {time:.1} ms"));
    let target = |(family, guest)| {
        let start = starts.iter().find(|start| start.family == family)?;
        let (time, cpu) = (start.time.median, start.cpu.median);
        Some(Target {
            what: format!("start to first answer, warm cache, {guest}"),
            aim: "at most 15 ms".to_owned(),
            measured: format!("{time:.1} ms, {cpu:.1} ms of CPU"),
            beside: beside.clone(),
            value: time,
            is_met: time <= 15.0,
        })
    };
    GUESTS.into_iter().filter_map(target).collect()
}

/// Checks the time from `initialize` to its result.
pub fn new_session(comparison: &Comparison) -> Vec<Target> {
    let beside = comparison.best_rmcp().map(|rmcp| rmcp.summary.cpu.median);
    let target = |(family, guest)| {
        let cpu = comparison.of(family)?.summary.cpu.median;
        Some(Target {
            what: format!("a new session, {guest}"),
            aim: "at most 300 us of CPU".to_owned(),
            measured: format!("{} us", micros(cpu)),
            beside: beside.map_or_else(String::new, |cpu| format!("rmcp: {} us", micros(cpu))),
            value: cpu,
            is_met: cpu <= 300.0,
        })
    };
    GUESTS.into_iter().filter_map(target).collect()
}

/// Checks the memory of an idle session.
pub fn idle(idle: &[Idle]) -> Vec<Target> {
    let rmcp = idle.iter().find(|idle| idle.family == Family::Rmcp);
    let beside = rmcp.map_or_else(String::new, |rmcp| format!("rmcp: {}", bytes(rmcp.memory)));
    let target = |(family, guest)| {
        let memory = idle.iter().find(|idle| idle.family == family)?.memory;
        Some(Target {
            what: format!("an idle session of `hello`, {guest}"),
            aim: "at most 100 KiB".to_owned(),
            measured: bytes(memory),
            beside: beside.clone(),
            value: memory / 1024.0,
            is_met: memory <= 100.0 * 1024.0,
        })
    };
    GUESTS.into_iter().filter_map(target).collect()
}

/// Compares the peak memory for the largest resource with that for the smallest, per transport.
pub fn streams(all: &[Streamed]) -> Vec<Target> {
    let target = |transport: &str| {
        let of_transport = || all.iter().filter(|one| one.transport == transport);
        let smallest = of_transport().min_by_key(|one| one.size)?;
        let largest = of_transport().max_by_key(|one| one.size)?;
        let value = largest.peak as f64 / smallest.peak as f64;
        let size = bytes(largest.size as f64);
        Some(Target {
            what: format!("a streamed resource of {size}, {transport}"),
            aim: "peak memory at most 1.20 of the smallest".to_owned(),
            measured: bytes(largest.peak as f64),
            beside: format!(
                "{}: {}",
                bytes(smallest.size as f64),
                bytes(smallest.peak as f64)
            ),
            value,
            is_met: value <= 1.2,
        })
    };
    ["stdio", "HTTP"].into_iter().filter_map(target).collect()
}

/// Checks that as many sessions fit as must, and that the next one gets a clear answer.
pub fn capacity(capacities: &[Capacity]) -> Vec<Target> {
    let target = |(family, guest)| {
        let capacity = capacities.iter().find(|one| one.family == family)?;
        let memory = bytes(capacity.resident as f64);
        let is_held = capacity.opened == MANY && capacity.all_answer;
        Some([
            Target {
                what: format!("10,000 idle sessions of `hello`, {guest}"),
                aim: "in 8 GiB".to_owned(),
                measured: format!("{} in {memory}, {} maps", capacity.opened, capacity.maps),
                beside: String::new(),
                value: capacity.resident as f64 / f64::from(1 << 30),
                is_met: is_held && capacity.resident <= 8 << 30,
            },
            Target {
                what: format!("the session after them, {guest}"),
                aim: "status 503".to_owned(),
                measured: refusal(capacity),
                beside: String::new(),
                value: capacity.refusal.unwrap_or_default().into(),
                is_met: is_held && capacity.refusal == Some(503),
            },
        ])
    };
    GUESTS.into_iter().filter_map(target).flatten().collect()
}

/// Describes the refusal of the first session beyond the limit.
pub fn refusal(capacity: &Capacity) -> String {
    let status = capacity.refusal.map(|status| format!("status {status}"));
    status.unwrap_or_else(|| "opened".to_owned())
}

/// Compares the throughput of many sessions with that of one.
pub fn active(comparison: &Comparison) -> Vec<Target> {
    let target = |(family, guest)| {
        let mut outcomes = comparison
            .outcomes
            .iter()
            .filter(|one| one.family == family);
        let (one, many) = (outcomes.next()?, outcomes.next()?);
        let (one, many) = (one.summary.rate.median, many.summary.rate.median);
        Some(Target {
            what: format!("1,000 active sessions, {guest}"),
            aim: "at least 0.70 of one session's throughput".to_owned(),
            measured: format!("{many:.0} in a second"),
            beside: format!("1 session: {one:.0} in a second"),
            value: many / one,
            is_met: many / one >= 0.7,
        })
    };
    GUESTS.into_iter().filter_map(target).collect()
}
