//! The system's limit of open files, which bounds the connections.

use tracing::warn;

use crate::descriptor_shares;

/// Returns the number of connections to serve at one time: `wanted`, or what the limit of open
/// files allows, of which a warning tells.
pub(super) fn connections(wanted: usize) -> usize {
    let limit = descriptor_shares::limit();
    let allowed = descriptor_shares::of_connections(limit, open());
    // The default is far above what most servers need.
    if allowed < wanted / 2 {
        warn!(
            open_files = limit,
            connections = allowed,
            "the limit of open files allows fewer than {wanted} connections at one time: raise it \
             (ulimit -n) to serve more"
        );
    }
    wanted.min(allowed)
}

/// Returns the number of descriptors that are open now, where the system tells.
fn open() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}
