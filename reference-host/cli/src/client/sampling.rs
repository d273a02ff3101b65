//! Answers to the component's requests to a model.

use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
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
    let mut input = process.stdin.take().context("its input is closed")?;
    let line = format!("{}\n", params.get());
    let write = async move {
        // A program may answer without reading all of it.
        let _ = input.write_all(line.as_bytes()).await;
    };
    let (output, ()) = tokio::join!(process.wait_with_output(), write);
    let output = output.with_context(|| format!("`{program}` failed"))?;
    if !output.status.success() {
        bail!("`{program}` failed: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{program}` writes no UTF-8"))
}
