//! The built `wasi-mcp` serving an embedded guest, for clients in processes of their own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

#[path = "../../../host/tests/support/guest_file.rs"]
mod guest_file;

pub(crate) use guest_file::GuestFile;

/// `wasi-mcp serve --http` on a free port; stopped when dropped.
pub(crate) struct HttpServer {
    process: Child,
    url: String,
    log: Arc<Mutex<String>>,
}

impl HttpServer {
    /// Starts it and waits until it reports its address.
    pub(crate) fn start(guest: &GuestFile) -> Self {
        let mut process = serve(guest)
            .args(["--http", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("wasi-mcp starts");
        let mut stderr = BufReader::new(process.stderr.take().expect("standard error is piped"));
        let mut log = String::new();
        let url = loop {
            let start = log.len();
            let read = stderr.read_line(&mut log).expect("standard error is text");
            if read == 0 {
                let status = process.wait();
                panic!("wasi-mcp ended ({status:?}) before it served:\n{log}");
            }
            if let Some(url) = log[start..].trim_end().strip_prefix("serving MCP at ") {
                break url.to_owned();
            }
        };
        let log = Arc::new(Mutex::new(log));
        keep(stderr, Arc::clone(&log));
        Self { process, url, log }
    }

    /// Returns the endpoint's URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns its standard error so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().map(|log| log.clone()).unwrap_or_default()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        // Both fail only if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads the rest of a process's standard error, so that it never blocks on it.
fn keep(mut stderr: BufReader<ChildStderr>, log: Arc<Mutex<String>>) {
    thread::spawn(move || {
        let mut line = String::new();
        while stderr.read_line(&mut line).is_ok_and(|read| read > 0) {
            if let Ok(mut log) = log.lock() {
                log.push_str(&line);
            }
            line.clear();
        }
    });
}

/// Returns the command `wasi-mcp serve GUEST`.
pub(crate) fn serve(guest: &GuestFile) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasi-mcp"));
    command.arg("serve").arg(guest.path());
    share_compiled_code(&mut command);
    command
}

/// Lets all tests use one cache of compiled guests, and not the user's.
pub(crate) fn share_compiled_code(command: &mut Command) {
    command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
}

/// Returns the file that an environment variable names; fails with instructions if unset.
pub(crate) fn file_named_by(variable: &str, what: &str) -> PathBuf {
    let path = std::env::var_os(variable).map(PathBuf::from);
    match path {
        Some(path) if path.is_file() => path,
        Some(path) => panic!(
            "{variable} names {}, which is not a file: set it to {what}",
            path.display()
        ),
        None => panic!("set {variable} to {what}; .ci/run sets everything up and runs this test"),
    }
}

/// Returns a file of the checkout, by its path from the root.
pub(crate) fn file_of_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// Returns the output of a program, for the message of a failed test.
pub(crate) fn transcript(output: &Output) -> String {
    format!(
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
