//! The shares of this process's descriptors.
//!
//! The system bounds a process's descriptors. Guests get a quarter of them, and an eighth is reserved
//! for the host's own files and outgoing connections. Clients' connections get the rest, so
//! that neither guests nor clients can exhaust the descriptors of the others.

/// The assumed limit of the system where it cannot be read.
const USUAL: usize = 1024;

/// The largest number that is shared: the system's limit may be infinite.
const MOST: usize = 1 << 20;

/// The lowest and the highest number that is reserved for the host.
const RESERVE: [usize; 2] = [16, 1024];

/// Returns the number of descriptors that this process may have open.
pub(crate) fn limit() -> usize {
    of_system().unwrap_or(USUAL).min(MOST)
}

#[cfg(not(unix))]
fn of_system() -> Option<usize> {
    None
}

#[cfg(unix)]
fn of_system() -> Option<usize> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    // No limit is a very large one.
    let limit = limit.current.unwrap_or(u64::MAX);
    Some(usize::try_from(limit).unwrap_or(usize::MAX))
}

/// Returns the share of all guests together.
pub(crate) fn of_guests(limit: usize) -> usize {
    limit / 4
}

/// Returns the share of clients' connections, while `open` descriptors are open.
#[cfg(feature = "http")]
pub(crate) fn of_connections(limit: usize, open: usize) -> usize {
    let [least, largest] = RESERVE;
    let reserve = (limit / 8).clamp(least, largest);
    limit
        .saturating_sub(of_guests(limit) + reserve + open)
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_fit_the_limit_together() {
        for limit in [64, 100, 256, 1024, 65_536, MOST] {
            let reserve = (limit / 8).clamp(RESERVE[0], RESERVE[1]);
            let shared = of_guests(limit) + of_connections(limit, 10) + reserve + 10;
            assert_eq!(shared, limit);
        }
        assert_eq!(of_connections(10, 30), 1, "one client can always connect");
    }
}
