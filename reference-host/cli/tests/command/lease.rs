//! A file that blocks whoever opens it.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::time::Duration;

use super::PATIENCE;

const SET_SIGNAL: i32 = 10;
const SET_LEASE: i32 = 1024;
const GET_LEASE: i32 = 1025;
/// A lease that is broken by every other opening of the file.
const EXCLUSIVE: i32 = 1;
/// The signal that is ignored unless a program wants it. The usual one would end the test.
const SIGURG: i32 = 23;

#[allow(unsafe_code, reason = "leases have no safe interface")]
mod system {
    unsafe extern "C" {
        fn fcntl(file: i32, command: i32, ...) -> i32;
    }

    pub(super) fn control(file: i32, command: i32, argument: i32) -> i32 {
        // SAFETY: these commands take one integer, and no memory.
        unsafe { fcntl(file, command, argument) }
    }
}

/// A [lease](https://man7.org/linux/man-pages/man2/fcntl.2.html) on a file. While it is held, opening
/// the file blocks, but for no longer than the system's `lease-break-time`, 45 s by default.
pub struct Lease(File);

impl Lease {
    /// Creates a file and takes a lease on it.
    pub fn take(path: &Path) -> Self {
        let lease = Self(File::create_new(path).expect("a new file"));
        assert_eq!(lease.control(SET_SIGNAL, SIGURG), 0, "a signal");
        assert_eq!(lease.control(SET_LEASE, EXCLUSIVE), 0, "a lease");
        lease
    }

    /// Waits until somebody is blocked because of it.
    pub async fn blocks(&self) {
        let blocks = async {
            while self.control(GET_LEASE, 0) == EXCLUSIVE {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, blocks).await;
        assert!(in_time.is_ok(), "the file is not opened");
    }

    fn control(&self, command: i32, argument: i32) -> i32 {
        system::control(self.0.as_raw_fd(), command, argument)
    }
}
