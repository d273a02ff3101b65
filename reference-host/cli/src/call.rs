//! `wasi-mcp call`

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use wasi_mcp_host::session::{ClientError, InProcessClient};

use super::arguments::CallArguments;
use super::logging::Log;
use super::{TOOL_FAILED, load};

#[derive(Serialize)]
struct Params<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a RawValue>,
    #[serde(rename = "_meta")]
    meta: Value,
}

pub(super) fn run(arguments: CallArguments, log: &Log) -> Result<ExitCode> {
    let server = load::server(&arguments.component, log.guest_output(true))?;
    let shown = log.clone();
    let result = load::single_threaded()?.block_on(async {
        let client = InProcessClient::builder()
            .name("wasi-mcp", env!("CARGO_PKG_VERSION"))
            .on_notification(move |message| show_notification(message, &shown))
            .connect(&server)
            .await?;
        let params = Params {
            name: &arguments.tool,
            arguments: arguments.tool_arguments.as_deref(),
            meta: serde_json::json!({ "progressToken": 0 }),
        };
        client.request("tools/call", &params).await
    });
    let result = result.map_err(explain)?;
    let value: Value =
        serde_json::from_str(result.get()).context("the result is not valid JSON")?;
    let mut output = std::io::stdout().lock();
    if arguments.json {
        writeln!(output, "{}", result.get())?;
    } else {
        for block in value["content"].as_array().into_iter().flatten() {
            match (&block["type"], &block["text"]) {
                (Value::String(kind), Value::String(text)) if kind == "text" => {
                    writeln!(output, "{text}")?
                }
                _ => writeln!(output, "{block}")?,
            }
        }
    }
    Ok(if value["isError"] == Value::Bool(true) {
        ExitCode::from(TOOL_FAILED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Adds the error's data, in which a component gives the details.
fn explain(error: ClientError) -> anyhow::Error {
    match &error {
        ClientError::Answered {
            data: Some(data), ..
        } => anyhow::anyhow!("{error}: {data}"),
        _ => error.into(),
    }
}

fn show_notification(message: &[u8], log: &Log) {
    let Ok(message) = serde_json::from_slice::<Value>(message) else {
        return;
    };
    let params = &message["params"];
    match message["method"].as_str() {
        Some("notifications/progress") => {
            let total = params["total"]
                .as_f64()
                .map(|total| format!(" of {total}"))
                .unwrap_or_default();
            let text = params["message"].as_str().unwrap_or_default();
            log.say(&format!("progress {}{total} {text}", params["progress"]));
        }
        Some("notifications/message") => {
            let level = params["level"].as_str().unwrap_or("log");
            log.say(&format!("{level}: {}", params["data"]));
        }
        _ => {}
    }
}
