//! Answers to the component's requests to a model.

use std::io;
use std::process::{ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use wasi_mcp_host::protocol::wire;
use wasi_mcp_host::types::content::CreateMessageResult;

/// The source of answers.
#[derive(Debug, Clone)]
pub(super) enum Model {
    /// Always this text.
    Fixed(String),
    /// A program and its arguments, which reads the parameters and writes the result.
    Program(Vec<String>),
}

impl Model {
    /// Answers `sampling/createMessage` with these parameters.
    pub(super) async fn answer(&self, params: &RawValue) -> Result<Box<RawValue>> {
        let text = match self {
            Self::Fixed(text) => json!({
                "role": "assistant",
                "content": { "type": "text", "text": text },
                "model": "fixed-answer",
                "stopReason": "endTurn",
            })
            .to_string(),
            Self::Program(words) => run(words, params).await?,
        };
        let checked = wire::from_json::<CreateMessageResult>(text.trim().as_bytes());
        checked.map_err(|fault| anyhow::anyhow!("the answer is malformed: {fault}"))?;
        Ok(RawValue::from_string(text.trim().to_owned())?)
    }
}

/// Runs the program with the parameters as its input, and returns its output.
async fn run(words: &[String], params: &RawValue) -> Result<String> {
    let [program, arguments @ ..] = words else {
        bail!("no program is given");
    };
    let mut process = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("`{program}` cannot be started"))?;
    let line = format!("{}\n", params.get());
    let (mut answer, answered) = oneshot::channel();
    // A separate task, which also reaps the program when the component no longer waits for the answer.
    tokio::spawn(async move {
        let output = tokio::select! {
            output = converse(&mut process, line) => output,
            () = answer.closed() => {
                // It may have ended by itself.
                let _ = process.kill().await;
                return;
            }
        };
        // The component may have stopped waiting just now.
        let _ = answer.send(output);
    });
    let output = answered.await.context("its task was lost")?;
    let (status, output) = output.with_context(|| format!("`{program}` failed"))?;
    if !status.success() {
        bail!("`{program}` failed: {status}");
    }
    String::from_utf8(output).with_context(|| format!("`{program}` writes no UTF-8"))
}

/// Writes a line to a process, and returns its status and output.
async fn converse(process: &mut Child, line: String) -> io::Result<(ExitStatus, Vec<u8>)> {
    let input = process.stdin.take();
    let output = process.stdout.take();
    let write = async move {
        if let Some(mut input) = input {
            // A program may answer without reading all of it.
            let _ = input.write_all(line.as_bytes()).await;
        }
    };
    let read = async move {
        let mut bytes = Vec::new();
        if let Some(mut output) = output {
            output.read_to_end(&mut bytes).await?;
        }
        io::Result::Ok(bytes)
    };
    let (output, (), status) = tokio::join!(read, write, process.wait());
    Ok((status?, output?))
}
