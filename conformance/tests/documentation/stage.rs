//! A temporary folder in which the commands of one page run.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{pages, programs};

/// The time limit of a command. It is long for slow machines, as no test waits for it.
const PATIENCE: Duration = Duration::from_secs(120);

/// The time limit of a command that compiles.
const PATIENCE_TO_COMPILE: Duration = Duration::from_secs(1800);

/// The end of a command.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The exit status; `None` if a signal ended the command.
    pub(crate) status: Option<i32>,
    /// Standard output and standard error, in the order of a terminal.
    pub(crate) output: String,
}

/// A folder with the files that a page's commands use.
pub(crate) struct Stage {
    folder: TempDir,
    ports: [(&'static str, String); 2],
    server: Option<Server>,
    patience: Duration,
}

struct Server {
    process: Child,
    log: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            kill(&self.process, "KILL");
            let _ = self.process.wait();
        }
    }
}

impl Stage {
    fn new(patience: Duration) -> Self {
        let free = || {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
            listener.local_addr().expect("an address").port()
        };
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            ports: [":8080", ":9090"].map(|port| (port, format!(":{}", free()))),
            server: None,
            patience,
        }
    }

    /// A folder with `hello.wasm`.
    pub(crate) fn with_hello() -> Self {
        let stage = Self::new(PATIENCE);
        let written = stage.run("wasi-mcp-conformance guests --out guests");
        assert_eq!(written.status, Some(0), "{}", written.output);
        fs::rename(
            stage.path("guests/hello-0.3.wasm"),
            stage.path("hello.wasm"),
        )
        .expect("hello-0.3");
        fs::remove_dir_all(stage.path("guests")).expect("the folder is removed");
        stage
    }

    /// A folder with the sources of guests and interface, as in a clone of the repository.
    pub(crate) fn with_sources() -> Self {
        let stage = Self::new(PATIENCE_TO_COMPILE);
        for name in ["reference-guest", "rust-toolchain.toml", "wit"] {
            copy(&pages::root().join(name), &stage.path(name));
        }
        // Builds are kept for later runs.
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documentation");
        fs::create_dir_all(&kept).expect("a folder");
        std::os::unix::fs::symlink(kept, stage.path("reference-guest/target")).expect("a link");
        stage
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that a page shows.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, self.with_free_ports(text)).expect("the file is written");
    }

    /// Replaces the ports on pages with free ones.
    fn with_free_ports(&self, text: &str) -> String {
        let replaced = |text: String, (port, free): &(&str, String)| text.replace(port, free);
        self.ports.iter().fold(text.to_owned(), replaced)
    }

    /// Replaces free ports with those on pages.
    fn with_named_ports(&self, text: &str) -> String {
        let replaced = |text: String, (port, free): &(&str, String)| text.replace(free, port);
        self.ports.iter().fold(text.to_owned(), replaced)
    }

    fn spawn(&self, script: &str, log: &Path) -> Child {
        let log = File::create(log).expect("a file");
        let mut command: Command = programs::bash();
        command
            .args(["-euo", "pipefail", "-c", &self.with_free_ports(script)])
            .current_dir(self.folder.path())
            // Not that of whoever runs the test.
            .env("XDG_CONFIG_HOME", self.path(".config"))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log);
        command.spawn().expect("bash starts")
    }

    /// Runs a script to its end.
    pub(crate) fn run(&self, script: &str) -> Outcome {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let process = self.spawn(script, log.path());
        self.end(process, log.path())
    }

    fn end(&self, mut process: Child, log: &Path) -> Outcome {
        let deadline = Instant::now() + self.patience;
        let status = loop {
            if let Some(status) = process.try_wait().expect("a status") {
                break status.code();
            }
            if Instant::now() > deadline {
                kill(&process, "KILL");
                let _ = process.wait();
                break None;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let output = fs::read(log).expect("the output");
        Outcome {
            status,
            output: self.with_named_ports(&String::from_utf8_lossy(&output)),
        }
    }

    /// Starts a server, and waits until it accepts connections.
    pub(crate) fn start(&mut self, command: &str) -> Result<(), String> {
        let log = self.path(".server.log");
        let process = self.spawn(&format!("exec {command}"), &log);
        let mut server = Server { process, log };
        let ports: Vec<&String> = self
            .ports
            .iter()
            .filter(|(port, _)| command.contains(port))
            .map(|(_, free)| free)
            .collect();
        if ports.is_empty() {
            return Err("a server listens on port 8080 or 9090".to_owned());
        }
        let deadline = Instant::now() + self.patience;
        let accepts = |port: &&String| TcpStream::connect(format!("127.0.0.1{port}")).is_ok();
        while !ports.iter().all(accepts) {
            let ended = server.process.try_wait().expect("a status");
            if ended.is_some() || Instant::now() > deadline {
                let log = fs::read_to_string(&server.log).unwrap_or_default();
                return Err(format!("the server does not listen; its output:\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.server = Some(server);
        Ok(())
    }

    /// Stops the server, if one runs, and checks that it ends with status 0.
    pub(crate) fn stop(&mut self) -> Result<(), String> {
        let Some(mut server) = self.server.take() else {
            return Ok(());
        };
        kill(&server.process, "TERM");
        let deadline = Instant::now() + self.patience;
        let status = loop {
            if let Some(status) = server.process.try_wait().expect("a status") {
                break status.code();
            }
            if Instant::now() > deadline {
                break None;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        if status == Some(0) {
            return Ok(());
        }
        let log = fs::read_to_string(&server.log).unwrap_or_default();
        Err(format!(
            "the server ended with status {status:?}; its output:\n{log}"
        ))
    }
}

/// Sends a signal to a process and its children.
fn kill(process: &Child, signal: &str) {
    let group = format!("-{}", process.id());
    let sent = Command::new("kill")
        .args(["-s", signal, "--", &group])
        .status();
    assert!(sent.expect("kill starts").success(), "no process {group}");
}

/// Copies a file, or a folder without build output.
fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        return;
    }
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let name = entry.expect("an entry").file_name();
        if !["target", "build", "__pycache__"]
            .iter()
            .any(|left| name == *left)
        {
            copy(&from.join(&name), &to.join(&name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_ends_with_its_first_failure() {
        let stage = Stage::new(PATIENCE);
        stage.write("folder/file", "text\n");
        let outcome = stage.run("cat folder/file; echo :8080 >&2; (exit 3); echo more");
        assert_eq!(outcome.status, Some(3));
        assert_eq!(outcome.output, "text\n:8080\n");
    }

    #[test]
    fn a_command_that_does_not_end_is_stopped() {
        let stage = Stage::new(Duration::from_millis(200));
        let began = Instant::now();
        assert_eq!(stage.run("sleep 60 & wait").status, None);
        assert!(began.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_server_that_ends_by_itself_is_reported() {
        let mut stage = Stage::new(PATIENCE);
        let error = stage.start("sh -c 'echo oops :8080; exit 1'").unwrap_err();
        assert!(
            error.contains("does not listen") && error.contains("oops"),
            "{error}"
        );
        assert!(stage.start("sleep 60").is_err(), "no port");
    }
}
