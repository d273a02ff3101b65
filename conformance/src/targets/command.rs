//! A stdio server started by a command.

use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, ensure};
use futures::future::BoxFuture;
use tokio::process::Command;

use super::Target;
use crate::driver::connection::{Connection, Lines, Transport};
use crate::driver::process;
use crate::driver::{Server, Timing};
use crate::model::Identity;

struct CommandServer {
    words: Vec<String>,
}

impl Server for CommandServer {
    fn transport(&self) -> Transport {
        Transport::Stdio
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async { self.start() })
    }
}

impl CommandServer {
    fn start(&self) -> anyhow::Result<Connection> {
        let (program, arguments) = self.words.split_first().context("the command is empty")?;
        let mut command = Command::new(program);
        command.args(arguments).kill_on_drop(true);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = process::spawn(&mut command)
            .with_context(|| format!("`{program}` cannot be started"))?;
        let output = process.stdout.take().context("the process has no stdout")?;
        let input = process.stdin.take().context("the process has no stdin")?;
        let errors = process.stderr.take().context("the process has no stderr")?;
        Ok(Connection::Lines(Lines {
            output: Box::new(output),
            errors: Some(Box::new(errors)),
            input: Box::new(input),
            process: Some(Box::new(process)),
        }))
    }
}

/// Creates the target for a command line. Words are split as in a shell, but no shell is involved.
///
/// # Errors
///
/// When the command line is empty or has an unclosed quote.
pub fn target(line: &str) -> anyhow::Result<Target> {
    let words = shlex::split(line).with_context(|| format!("`{line}` has an unclosed quote"))?;
    ensure!(!words.is_empty(), "the command is empty");
    Ok(Target {
        identity: Identity {
            kind: "command".to_owned(),
            name: line.to_owned(),
            variant: None,
            world: None,
            transport: Transport::Stdio,
        },
        server: Arc::new(CommandServer { words }),
        timing: Timing::FAR,
        jobs: super::independent(),
    })
}
