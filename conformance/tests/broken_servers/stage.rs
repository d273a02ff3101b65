//! Playing a server, and the suite that judges it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// The time for a server to listen.
const LISTENS: Duration = Duration::from_secs(180);

/// The number of cases that are played at the same time.
const AT_ONCE: usize = 4;

/// The transport of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Stdio,
    Http,
}

/// A server with faults, and its judgement.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub transport: Transport,
    pub faults: &'static str,
    pub checks: &'static [&'static str],
    pub options: &'static [&'static str],
}

/// Returns the interpreter itself. The command in the path may be a slow script.
fn python() -> &'static str {
    static PYTHON: OnceLock<String> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let print = "import sys; print(sys.executable, end='')";
        let output = Command::new("python3").args(["-c", print]).output();
        let output = output.expect("python3 starts").stdout;
        String::from_utf8(output).expect("a path")
    })
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken_servers/server.py")
}

/// The suite, about to judge this target.
pub fn suite(target: [&str; 2], case: &Case) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasi-mcp-conformance"));
    command.arg("run").args(target).arg("--quiet");
    if !case.options.contains(&"--jobs") {
        command.args(["--jobs", "1"]);
    }
    for check in case.checks {
        command.args(["--filter", check]);
    }
    command.args(case.options);
    command
}

/// Returns the command line of a server over stdio.
pub fn command_line(folder: &Path, faults: &str) -> String {
    let (script, folder) = (script(), folder.display());
    let python = python();
    format!(
        "'{python}' -S '{}' stdio '{folder}' {faults}",
        script.display()
    )
}

/// A server over HTTP. It ends with its input.
pub struct Listening {
    process: Child,
    pub url: String,
}

impl Listening {
    pub fn start(folder: &Path, faults: &str) -> Self {
        let process = Command::new(python())
            .arg("-S")
            .arg(script())
            .arg("http")
            .arg(folder)
            .args(faults.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("python3 starts");
        let address = folder.join("address");
        let began = Instant::now();
        while !address.exists() {
            assert!(began.elapsed() < LISTENS, "the server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        let url = std::fs::read_to_string(address).expect("the address is text");
        Self { process, url }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The end of a run, without the parts that vary.
pub fn outcome(case: &Case) -> String {
    let folder = TempDir::new().expect("a folder");
    let mut variable = vec![
        (folder.path().display().to_string(), "FOLDER"),
        (script().display().to_string(), "server.py"),
        (python().to_owned(), "python3"),
    ];
    let output = match case.transport {
        Transport::Stdio => {
            let line = command_line(folder.path(), case.faults);
            run(suite(["--command", &line], case))
        }
        Transport::Http => {
            let server = Listening::start(folder.path(), case.faults);
            variable.push((server.url.clone(), "URL"));
            run(suite(["--url", &server.url], case))
        }
    };
    described(&output, &variable)
}

fn run(mut suite: Command) -> Output {
    suite.args(["--format", "json"]);
    suite.output().expect("the suite starts")
}

/// Describes the end of a run: the status, and the message or the outcomes of the checks.
pub fn described(output: &Output, variable: &[(String, &str)]) -> String {
    let mut text = format!("exit {}\n", output.status.code().expect("it exits"));
    let said = String::from_utf8_lossy(&output.stderr);
    text.push_str(&said);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    for verdict in report["runs"][0]["results"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let member = |name: &str| verdict[name].as_str().unwrap_or_default();
        text.push_str(&format!("{} {}\n", member("status"), member("check")));
        let quiet = verdict["status"] == "pass";
        for line in member("reason").lines().chain(member("message").lines()) {
            if !quiet {
                text.push_str(&format!("    {line}\n"));
            }
        }
    }
    for left_out in report["runs"][0]["notExercised"]
        .as_array()
        .into_iter()
        .flatten()
    {
        text.push_str(&format!(
            "not exercised: {}: {}\n",
            left_out["what"], left_out["why"]
        ));
    }
    for (found, name) in variable {
        text = text.replace(found, name);
    }
    visible(&without_details(&text))
}

/// Escapes characters that a snapshot would hide.
fn visible(text: &str) -> String {
    let shown = |character: char| match character {
        '\n' => "\n".to_owned(),
        hidden if hidden.is_control() || hidden == '\u{feff}' => {
            hidden.escape_unicode().to_string()
        }
        other => other.to_string(),
    };
    text.chars().map(shown).collect()
}

/// Hides the texts of systems and libraries about lost connections, and the ids of messages.
fn without_details(text: &str) -> String {
    let text = between(text, "no HTTP answer (", "expected", |_| {
        "no HTTP answer".to_owned()
    });
    let text = between(&text, "\"id\":", ",", |id| {
        let number = id.trim().parse::<u64>().is_ok();
        if number {
            "\"id\":N,".to_owned()
        } else {
            format!("\"id\":{id},")
        }
    });
    between(&text, "(session ", ":", |_| "(session N:".to_owned())
}

/// Replaces text from one mark up to another, or to the end of the line.
fn between(text: &str, from: &str, to: &str, change: impl Fn(&str) -> String) -> String {
    let lines = text.lines().map(|line| {
        let mut parts = line.split(from);
        let mut changed = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (inside, rest) = part.split_once(to).unwrap_or((part, ""));
            changed.push_str(&change(inside));
            changed.push_str(rest);
        }
        changed + "\n"
    });
    lines.collect()
}

/// Plays cases at the same time, and returns their outcomes in order.
pub fn outcomes(cases: &[Case]) -> String {
    let mut text = String::new();
    for some in cases.chunks(AT_ONCE) {
        let outcomes: Vec<String> = std::thread::scope(|scope| {
            let running: Vec<_> = some
                .iter()
                .map(|case| scope.spawn(|| outcome(case)))
                .collect();
            let ended = running
                .into_iter()
                .map(|one| one.join().expect("it is judged"));
            ended.collect()
        });
        for (case, outcome) in some.iter().zip(outcomes) {
            text.push_str(&format!(
                "# {:?}: {}\n{outcome}\n",
                case.transport, case.faults
            ));
        }
    }
    text
}

/// Writes a line to standard error of the test.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
