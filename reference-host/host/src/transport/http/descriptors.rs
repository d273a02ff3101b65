//! The system's limit of open files, which bounds the connections.

use tracing::warn;

/// The lowest number of descriptors reserved for the rest of the host: listeners,
/// outgoing connections, and files of guests.
const LEAST_RESERVE: usize = 32;
/// The highest such number.
const LARGEST_RESERVE: usize = 1024;

/// Returns the number of connections to serve at one time: `wanted`, or what the limit of open
/// files allows, which a warning reports.
pub(super) fn connections(wanted: usize) -> usize {
    let Some(limit) = limit() else {
        return wanted;
    };
    let allowed = allowed(limit, open());
    if allowed < wanted {
        warn!(
            open_files = limit,
            connections = allowed,
            "the limit of open files allows fewer than {wanted} connections at one time: raise it \
             (ulimit -n) to serve more"
        );
    }
    wanted.min(allowed)
}

fn allowed(limit: usize, open: usize) -> usize {
    let reserve = (limit / 4).clamp(LEAST_RESERVE, LARGEST_RESERVE);
    limit.saturating_sub(open + reserve).max(1)
}

#[cfg(not(unix))]
fn limit() -> Option<usize> {
    None
}

#[cfg(unix)]
fn limit() -> Option<usize> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current?;
    usize::try_from(limit).ok()
}

/// Returns the number of open descriptors, if the system provides it.
fn open() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn some_descriptors_are_kept_back() {
        for (limit, open, expected) in [
            (1024, 24, 744),
            (65_536, 100, 64_412),
            (256, 30, 162),
            (64, 20, 12),
            (40, 30, 1),
            (10, 30, 1),
        ] {
            assert_eq!(allowed(limit, open), expected, "{limit}");
        }
    }
}
