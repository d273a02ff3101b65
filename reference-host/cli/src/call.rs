//! `wasi-mcp call`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use wasi_mcp_host::session::InProcessClient;

use super::arguments::CallArguments;
use super::client::{self, Named, Problem};
use super::logging::Log;
use super::output::Output;
use super::status::TOOL_FAILED;

#[derive(Serialize)]
struct Params<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a RawValue>,
    #[serde(rename = "_meta")]
    meta: Value,
}

pub(super) fn run(arguments: CallArguments, log: &Log) -> Result<ExitCode> {
    let CallArguments {
        component,
        tool,
        tool_arguments,
        json,
        client,
        sandbox,
    } = arguments;
    let work = async |client: &InProcessClient| {
        let params = Params {
            name: &tool,
            arguments: tool_arguments.as_deref(),
            meta: client::progress(),
        };
        match client.request("tools/call", &params).await {
            Ok(result) => Ok(result),
            Err(error) => Err(Problem::named(client, error, Named::Tool(&tool)).await),
        }
    };
    let (result, hint) = client::run_hinted(&component, &sandbox, &client, log, work)?;
    let value: Value =
        serde_json::from_str(result.get()).context("the result is not valid JSON")?;
    let mut output = Output::new();
    if json {
        output.line(result.get())?;
    } else {
        show(&mut output, &value)?;
    }
    output.finish()?;
    Ok(if value["isError"] == Value::Bool(true) {
        if let Some(hint) = hint {
            log.say(&format!("hint: {hint}"));
        }
        ExitCode::from(TOOL_FAILED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Shows the content, or the structured content of a result without any.
fn show(output: &mut Output, result: &Value) -> Result<()> {
    let content = result["content"].as_array().map_or(&[][..], Vec::as_slice);
    for block in content {
        output.content(block)?;
    }
    match result.get("structuredContent") {
        Some(structured) if content.is_empty() => output.line(&structured.to_string()),
        _ => Ok(()),
    }
}
