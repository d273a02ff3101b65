//! The environment of the measurements.

use std::fs::read_to_string;
use std::process::Command;

use serde::Serialize;

use crate::cli::Options;

/// The machine, the sources and the effort.
#[derive(Debug, Serialize)]
pub struct Machine {
    processor: String,
    cores: usize,
    /// In bytes.
    memory: u64,
    kernel: String,
    /// The load of the minute before the start: a sign of other activity.
    load: String,
    compiler: String,
    commit: String,
    rounds: u32,
    /// The duration of one turn.
    seconds: f64,
    host_arguments: Vec<String>,
}

impl Machine {
    /// Returns this machine.
    pub fn here(options: &Options) -> Self {
        let field = |file: &str, name: &str| {
            let text = read_to_string(file).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(name));
            let value = line.and_then(|line| line.split_once(':'));
            value.map_or_else(String::new, |(_, value)| value.trim().to_owned())
        };
        let said = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            let output = command
                .args(arguments)
                .current_dir(options.project())
                .output();
            let output = output.map(|output| output.stdout).unwrap_or_default();
            String::from_utf8_lossy(&output).trim().to_owned()
        };
        let memory = field("/proc/meminfo", "MemTotal");
        let memory = memory.trim_end_matches(" kB").parse().unwrap_or(0_u64);
        let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let load = read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            processor: field("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: memory * 1024,
            kernel: kernel.trim().to_owned(),
            load: load.split(' ').next().unwrap_or_default().to_owned(),
            compiler: said("rustc", &["--version"]),
            commit: said("git", &["describe", "--always", "--dirty"]),
            rounds: options.rounds(),
            seconds: options.burst().as_secs_f64(),
            host_arguments: options.host_arguments.clone(),
        }
    }

    /// Describes it in a sentence.
    pub fn sentence(&self) -> String {
        let memory = self.memory as f64 / f64::from(1 << 30);
        let arguments = match &self.host_arguments[..] {
            [] => String::new(),
            arguments => format!(", `wasi-mcp serve` with `{}`", arguments.join(" ")),
        };
        format!(
            "{} with {} cores and {memory:.0} GiB, Linux {}, {}, `load` of commit {}; {} rounds of {} s{arguments}. The load \
             average was {} before.",
            self.processor,
            self.cores,
            self.kernel,
            self.compiler,
            self.commit,
            self.rounds,
            self.seconds,
            self.load
        )
    }
}
