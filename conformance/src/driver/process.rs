//! Processes of servers. Each leads a group of its own, so that its descendants end with it.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#stdio>

use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

/// The time for a group to end after a signal to terminate.
const TERMINATION: Duration = Duration::from_secs(1);

/// The interval at which a group is checked for remaining members.
const LOOK: Duration = Duration::from_millis(10);

/// The groups that may have members.
struct Groups {
    open: BTreeSet<u32>,
    /// True once no process is started any more.
    closed: bool,
}

static GROUPS: Mutex<Groups> = Mutex::new(Groups {
    open: BTreeSet::new(),
    closed: false,
});

fn groups() -> MutexGuard<'static, Groups> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a process that leads a group of its own.
///
/// # Errors
///
/// When it cannot be started, or the suite is about to end.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    #[cfg(unix)]
    command.process_group(0);
    // No process is started while all are being ended.
    let mut groups = groups();
    if groups.closed {
        return Err(io::Error::other("the suite is about to end"));
    }
    let process = command.spawn()?;
    groups.open.extend(process.id());
    Ok(process)
}

/// A process and its descendants. They are killed when this is dropped.
#[derive(Debug)]
pub struct Group(u32);

impl Group {
    /// Returns the group that a process leads; `None` if it leads none.
    pub fn of(process: &Child) -> Option<Self> {
        let leader = process.id().filter(|id| signals::leads(*id))?;
        groups().open.insert(leader);
        Some(Self(leader))
    }

    /// Leaves the members to another owner of the group.
    pub fn release(self) {
        std::mem::forget(self);
    }

    /// Asks all members to end.
    pub fn terminate(&self) {
        signals::terminate(self.0);
    }

    /// Ends all members: asks them, waits briefly, and kills the rest.
    pub async fn end(&self) {
        if !signals::exists(self.0) {
            return;
        }
        self.terminate();
        let began = Instant::now();
        while signals::exists(self.0) && began.elapsed() < TERMINATION {
            tokio::time::sleep(LOOK).await;
        }
        signals::kill(self.0);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        signals::kill(self.0);
        groups().open.remove(&self.0);
    }
}

/// Waits for a process that is to end, asks it to end after this time, and kills its group at last.
/// Returns its status if it ended without being asked.
pub async fn wait_or_end(
    process: &mut Child,
    group: Option<&Group>,
    grace: Duration,
) -> Option<std::process::ExitStatus> {
    let status = tokio::time::timeout(grace, process.wait()).await;
    let status = status.ok().and_then(Result::ok);
    if status.is_none() {
        if let Some(group) = group {
            group.terminate();
            // A leader that handles the signal ends in good order.
            let _ = tokio::time::timeout(TERMINATION, process.wait()).await;
        }
        // Fails only if the process ended in the meantime.
        let _ = process.kill().await;
    }
    if let Some(group) = group {
        group.end().await;
    }
    status
}

/// Ends all groups of this program, and starts no more: for the program's end and for signals.
pub fn end_all() {
    groups().closed = true;
    let open = || -> Vec<u32> {
        let all = groups();
        all.open
            .iter()
            .copied()
            .filter(|id| signals::exists(*id))
            .collect()
    };
    open().into_iter().for_each(signals::terminate);
    let began = Instant::now();
    while !open().is_empty() && began.elapsed() < TERMINATION {
        std::thread::sleep(LOOK);
    }
    open().into_iter().for_each(signals::kill);
}

#[cfg(unix)]
mod signals {
    use rustix::process::{Pid, Signal, getpgid, kill_process_group, test_kill_process_group};

    fn pid(id: u32) -> Option<Pid> {
        i32::try_from(id).ok().and_then(Pid::from_raw)
    }

    /// Returns true if a process leads its group.
    pub(super) fn leads(id: u32) -> bool {
        let id = pid(id);
        id.is_some_and(|id| getpgid(Some(id)) == Ok(id))
    }

    /// Returns true if a group has members, including a leader that has ended unnoticed.
    pub(super) fn exists(group: u32) -> bool {
        pid(group).is_some_and(|group| test_kill_process_group(group).is_ok())
    }

    pub(super) fn terminate(group: u32) {
        send(group, Signal::TERM);
    }

    pub(super) fn kill(group: u32) {
        send(group, Signal::KILL);
    }

    fn send(group: u32, signal: Signal) {
        if let Some(group) = pid(group) {
            // Fails only if the group has no members.
            let _ = kill_process_group(group, signal);
        }
    }
}

/// Systems without groups of processes: only the process itself is ended, through its handle.
#[cfg(not(unix))]
mod signals {
    pub(super) fn leads(_: u32) -> bool {
        false
    }
    pub(super) fn exists(_: u32) -> bool {
        false
    }
    pub(super) fn terminate(_: u32) {}
    pub(super) fn kill(_: u32) {}
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_group_ends_with_its_handle_also_in_a_panic() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & sleep 600"]);
        let mut process = spawn(&mut command).expect("sh starts");
        let id = process.id().expect("it runs");
        let group = Group::of(&process).expect("it leads a group");
        let panicking = tokio::spawn(async move {
            let _group = group;
            panic!("on purpose");
        });
        assert!(panicking.await.is_err());
        assert!(process.wait().await.is_ok());
        while signals::exists(id) {
            tokio::time::sleep(LOOK).await;
        }
        assert!(!groups().open.contains(&id));
    }

    #[tokio::test]
    async fn a_group_is_asked_before_it_is_killed() {
        let mut command = Command::new("sh");
        command.args(["-c", "trap 'exit 7' TERM; sleep 600 & wait"]);
        let mut process = spawn(&mut command).expect("sh starts");
        let group = Group::of(&process);
        let status = wait_or_end(&mut process, group.as_ref(), Duration::from_millis(300)).await;
        assert_eq!(status, None, "it did not end by itself");
        assert!(process.try_wait().is_ok_and(|status| status.is_some()));
    }
}
