//! A server process beside the driver, and its resource usage.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

/// The time limit for a server to announce its address.
const START_TIME: Duration = Duration::from_secs(120);
/// The number of final lines that are kept.
const LAST_LINES: usize = 20;
/// The announcements of HTTP servers once they can be reached: this project's, and wasmtime's.
const ANNOUNCEMENTS: [&str; 2] = ["serving MCP at http://", "Serving HTTP on http://"];

/// A running process. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    clock: ClockId,
    lines: Receiver<String>,
    last_lines: Arc<Mutex<VecDeque<String>>>,
    /// The address that it was told to use, if it does not announce one.
    address: Option<SocketAddr>,
}

impl Process {
    /// Starts it.
    pub fn start(command: &[OsString], environment: &[(String, String)]) -> Result<Self> {
        let (program, arguments) = command.split_first().context("a command has a program")?;
        let mut child = Command::new(program)
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", program.display()))?;
        let words = BufReader::new(child.stderr.take().context("its standard error")?);
        let last_lines = Arc::new(Mutex::new(VecDeque::new()));
        let (sender, lines) = mpsc::channel();
        let kept = Arc::clone(&last_lines);
        std::thread::spawn(move || {
            for line in words.lines().map_while(Result::ok) {
                let mut kept = kept.lock().expect("nothing panics with it");
                if kept.len() == LAST_LINES {
                    kept.pop_front();
                }
                kept.push_back(line.clone());
                drop(kept);
                // The receiver is dropped once the server can be reached.
                let _ = sender.send(line);
            }
        });
        let pid = i32::try_from(child.id()).context("a process id")?;
        let clock = clock_getcpuclockid(Pid::from_raw(pid)).context("the clock of a process")?;
        Ok(Self {
            child,
            clock,
            lines,
            last_lines,
            address: None,
        })
    }

    /// Sets the address that it was told to use: it does not announce one.
    pub fn told_to_use(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Returns the ends of its standard input and output; they can be taken once.
    pub fn pipes(&mut self) -> Result<(ChildStdin, ChildStdout)> {
        let input = self.child.stdin.take().context("its standard input")?;
        let output = self.child.stdout.take().context("its standard output")?;
        Ok((input, output))
    }

    /// Waits until it announces its address, or accepts connections at the one that it was told.
    pub fn address(&self) -> Result<SocketAddr> {
        if let Some(address) = self.address {
            let begun = Instant::now();
            while TcpStream::connect(address).is_err() {
                if begun.elapsed() > START_TIME {
                    bail!("the server did not come up:\n{}", self.last_words());
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            return Ok(address);
        }
        loop {
            let Ok(line) = self.lines.recv_timeout(START_TIME) else {
                bail!("the server did not come up:\n{}", self.last_words());
            };
            let mut announced = ANNOUNCEMENTS.iter();
            if let Some((_, url)) = announced.find_map(|words| line.split_once(words)) {
                let address = url.split('/').next().unwrap_or_default();
                return address.parse().context("an address to connect to");
            }
        }
    }

    /// Returns the CPU time of all its threads, including those that have ended.
    pub fn cpu(&self) -> Result<Duration> {
        let now = self.clock.now().context("the server has ended")?;
        Ok(Duration::from(now))
    }

    /// Returns its current memory, in bytes.
    pub fn resident(&self) -> Result<u64> {
        self.memory("VmRSS:")
    }

    /// Returns its peak memory, in bytes.
    pub fn peak(&self) -> Result<u64> {
        self.memory("VmHWM:")
    }

    fn memory(&self, field: &str) -> Result<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).context("the server has ended")?;
        let mut lines = status.lines();
        let size = lines.find_map(|line| line.strip_prefix(field));
        let size = size.and_then(|size| size.trim().strip_suffix(" kB"));
        let size: u64 = size.context("the server has ended")?.parse()?;
        Ok(size * 1024)
    }

    /// Returns the number of its memory maps.
    pub fn maps(&self) -> Result<usize> {
        let path = format!("/proc/{}/maps", self.child.id());
        let maps = std::fs::read_to_string(path).context("the server has ended")?;
        Ok(maps.lines().count())
    }

    /// Returns the last lines of its standard error.
    pub fn last_words(&self) -> String {
        let lines = self.last_lines.lock().expect("nothing panics with it");
        lines.iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have exited by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
