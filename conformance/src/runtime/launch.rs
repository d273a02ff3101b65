//! Starting a runtime with a component, and ending it.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::future::BoxFuture;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex as AsyncMutex, OnceCell};

use super::port::ReservedPort;
use super::{Component, issuer};
use crate::driver::Server;
use crate::driver::connection::{Connection, Lines, Transport};
use crate::driver::http::Endpoint;
use crate::driver::process::{self, Group};
use crate::model::duration::in_words;

/// The interval at which to test whether a runtime listens.
const LOOK: Duration = Duration::from_millis(20);

/// A folder for the files of components, removed when it is dropped.
#[derive(Debug, Default)]
pub(super) struct Folder {
    path: Mutex<Option<PathBuf>>,
    written: Mutex<HashMap<String, PathBuf>>,
}

impl Folder {
    /// The file of this component, written where it is not there yet.
    pub(super) fn write(&self, component: &Component) -> anyhow::Result<PathBuf> {
        self.file(&format!("{}.wasm", component.name), || {
            Ok(component.bytes.clone())
        })
    }

    /// The file of the public keys of the suite's issuer.
    pub(super) fn write_keys(&self) -> anyhow::Result<PathBuf> {
        self.file("keys.json", || Ok(issuer::keys()?.into_bytes()))
    }

    fn file(
        &self,
        name: &str,
        bytes: impl FnOnce() -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<PathBuf> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = written.get(name) {
            return Ok(path.clone());
        }
        let path = self.path()?.join(name);
        std::fs::write(&path, bytes()?)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        written.insert(name.to_owned(), path.clone());
        Ok(path)
    }

    fn path(&self) -> anyhow::Result<PathBuf> {
        let mut path = self.path.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = path.as_ref() {
            return Ok(path.clone());
        }
        let made = make_folder(&std::env::temp_dir())?;
        *path = Some(made.clone());
        Ok(made)
    }
}

/// A new folder that is not shared.
fn make_folder(parent: &Path) -> anyhow::Result<PathBuf> {
    loop {
        let name = format!("wasi-mcp-conformance-{:016x}", rand::random::<u64>());
        let path = parent.join(name);
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be made", path.display()));
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let path = self.path.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = path {
            // What cannot be removed is left to the system, as all temporary files are.
            let _ = std::fs::remove_dir_all(path);
        }
    }
}

/// Starts a runtime with one component.
pub(super) struct Launcher {
    pub(super) words: Vec<String>,
    /// The command that prepares the component, and whether it has run.
    pub(super) prepare: Vec<String>,
    pub(super) prepared: OnceCell<()>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) ready: Duration,
    pub(super) _folder: Arc<Folder>,
}

impl Launcher {
    /// Prepares the component, once for all sessions.
    async fn prepare(&self) -> anyhow::Result<()> {
        let prepared = self.prepared.get_or_try_init(|| async {
            let Some((program, arguments)) = self.prepare.split_first() else {
                return Ok(());
            };
            let line = self.prepare.join(" ");
            let mut command = Command::new(program);
            command
                .args(arguments)
                .envs(&self.environment)
                .kill_on_drop(true)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            let process = process::spawn(&mut command);
            let process =
                process.with_context(|| format!("prepare: `{line}` cannot be started"))?;
            let group = Group::of(&process);
            let output = tokio::time::timeout(self.ready, process.wait_with_output()).await;
            drop(group);
            let output = output.with_context(|| {
                let within = in_words(self.ready);
                format!("prepare: `{line}` did not end within {within} (seconds.ready)")
            })?;
            let output = output.with_context(|| format!("prepare: the output of `{line}`"))?;
            ensure!(
                output.status.success(),
                "prepare: `{line}` ended ({}); its output:\n{}{}",
                output.status,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            Ok(())
        });
        prepared.await.copied()
    }

    fn spawn(&self, port: Option<u16>) -> anyhow::Result<Child> {
        let port = port.map(|port| port.to_string()).unwrap_or_default();
        let mut words = self.words.iter().map(|word| word.replace("{port}", &port));
        let program = words.next().context("the command is empty")?;
        let mut command = Command::new(&program);
        command
            .args(words)
            .envs(&self.environment)
            .kill_on_drop(true)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        process::spawn(&mut command).with_context(|| format!("`{program}` cannot be started"))
    }
}

/// The server that the launcher starts: over HTTP where there is a URL.
pub(super) fn server(launcher: Launcher, url: Option<String>) -> Arc<dyn Server> {
    match url {
        None => Arc::new(OverStdio(launcher)),
        Some(url) => Arc::new(OverHttp {
            launcher,
            url,
            started: AsyncMutex::default(),
            said: Arc::default(),
        }),
    }
}

/// A process for each session.
struct OverStdio(Launcher);

impl Server for OverStdio {
    fn transport(&self) -> Transport {
        Transport::Stdio
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async {
            self.0.prepare().await?;
            let mut process = self.0.spawn(None)?;
            let output = process.stdout.take().context("the process has no stdout")?;
            let input = process.stdin.take().context("the process has no stdin")?;
            let errors = process.stderr.take().context("the process has no stderr")?;
            Ok(Connection::Lines(Lines {
                output: Box::new(output),
                errors: Some(Box::new(errors)),
                input: Box::new(input),
                process: Some(Box::new(process)),
            }))
        })
    }
}

/// A process for all sessions. One that has ended is replaced.
struct OverHttp {
    launcher: Launcher,
    url: String,
    started: AsyncMutex<Option<Started>>,
    /// The end of its output.
    said: Arc<Mutex<Vec<u8>>>,
}

impl Server for OverHttp {
    fn transport(&self) -> Transport {
        Transport::Http
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async {
            let mut place = self.started.lock().await;
            if let Some(started) = place.as_mut()
                && started.process.try_wait()?.is_some()
            {
                *place = None;
            }
            let started = match place.take() {
                Some(started) => started,
                None => self.start().await?,
            };
            let endpoint = place.insert(started).endpoint.clone();
            Ok(Connection::Http(Box::new(endpoint)))
        })
    }

    fn output(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&said).trim_end().to_owned()
    }
}

/// A process that listens.
struct Started {
    endpoint: Endpoint,
    process: Child,
    _group: Option<Group>,
    _port: ReservedPort,
}

impl OverHttp {
    async fn start(&self) -> anyhow::Result<Started> {
        self.launcher.prepare().await?;
        let reserved = ReservedPort::find()?;
        let port = reserved.number();
        let mut process = self.launcher.spawn(Some(port))?;
        let group = Group::of(&process);
        // Nobody else reads them, and a pipe that is full would hold the process up.
        keep(process.stdout.take(), &self.said);
        keep(process.stderr.take(), &self.said);
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_err()
        {
            if let Some(status) = process.try_wait()? {
                tokio::time::sleep(LOOK).await;
                anyhow::bail!(
                    "the runtime ended ({status}) before it listened; its output:\n{}",
                    self.output()
                );
            }
            ensure!(
                began.elapsed() < self.launcher.ready,
                "the runtime did not listen on 127.0.0.1:{port} within {} (seconds.ready); its output:\n{}",
                in_words(self.launcher.ready),
                self.output()
            );
            tokio::time::sleep(LOOK).await;
        }
        let endpoint = Endpoint::parse(&self.url.replace("{port}", &port.to_string()))?;
        Ok(Started {
            endpoint,
            process,
            _group: group,
            _port: reserved,
        })
    }
}

/// Reads the output of a process and keeps the end.
fn keep<R>(output: Option<R>, said: &Arc<Mutex<Vec<u8>>>)
where
    R: tokio::io::AsyncRead + Unpin + Send + 'static,
{
    const KEPT: usize = 1 << 14;
    let Some(mut output) = output else { return };
    let said = said.clone();
    tokio::spawn(async move {
        let mut piece = [0; 1024];
        while let Ok(count @ 1..) = output.read(&mut piece).await {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.extend_from_slice(&piece[..count]);
            let beyond = said.len().saturating_sub(KEPT);
            said.drain(..beyond);
        }
    });
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// The time for processes to start and to end.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// Accepts two connections and ends. A child that the shell leaves behind goes on; its number is
    /// appended to a file.
    const SERVER: &str = r#"sleep 600 & echo $! >> "$1"; python3 -c '
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
listener.accept()
listener.accept()
' "$0""#;

    fn launcher(children: &Path) -> Launcher {
        let words = [
            "sh",
            "-c",
            SERVER,
            "{port}",
            &children.display().to_string(),
        ];
        Launcher {
            words: words.map(str::to_owned).to_vec(),
            prepare: Vec::new(),
            prepared: OnceCell::new(),
            environment: BTreeMap::new(),
            ready: PATIENCE,
            _folder: Arc::default(),
        }
    }

    async fn address(server: &dyn Server) -> String {
        match server.connect().await.expect("it listens") {
            Connection::Http(endpoint) => endpoint.uri().authority().expect("one").to_string(),
            Connection::Lines(_) => panic!("it serves HTTP"),
        }
    }

    /// Returns the children that are still running.
    fn running(children: &Path) -> Vec<i32> {
        let pids = std::fs::read_to_string(children).expect("processes were started");
        let pids = pids.lines().map(|pid| pid.parse().expect("a number"));
        let runs = |pid: &i32| {
            let pid = rustix::process::Pid::from_raw(*pid).expect("a process");
            rustix::process::test_kill_process(pid).is_ok()
                && !is_zombie(pid.as_raw_nonzero().get())
        };
        pids.filter(|pid| runs(pid)).collect()
    }

    /// Returns true for a process that has ended, and whose parent has not noticed.
    fn is_zombie(pid: i32) -> bool {
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        state.is_ok_and(|state| state.contains(") Z"))
    }

    async fn in_time(what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let began = Instant::now();
        while !holds().await {
            assert!(began.elapsed() < PATIENCE, "{what}");
            tokio::time::sleep(LOOK).await;
        }
    }

    #[tokio::test]
    async fn a_runtime_that_has_ended_is_started_again_and_leaves_no_process() {
        let folder = tempfile::tempdir().expect("a folder");
        let children = folder.path().join("children");
        let url = "http://127.0.0.1:{port}/mcp".to_owned();
        let server = server(launcher(&children), Some(url));
        let first = address(server.as_ref()).await;
        assert_eq!(address(server.as_ref()).await, first);
        let one = running(&children);
        assert_eq!(one.len(), 1);
        // The last connection that it accepts.
        drop(TcpStream::connect(&first).await.expect("it accepts"));
        let started = async || {
            address(server.as_ref()).await;
            running(&children) != one
        };
        in_time("it is not started again", started).await;
        let second = address(server.as_ref()).await;
        assert!(TcpStream::connect(&second).await.is_ok());
        let replaced = async || !running(&children).contains(&one[0]);
        in_time("the child of the first process is left", replaced).await;
        assert_eq!(running(&children).len(), 1);
        drop(server);
        let ended = async || running(&children).is_empty();
        in_time("the child of the second process is left", ended).await;
    }
}
