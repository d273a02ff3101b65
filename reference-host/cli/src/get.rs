//! `wasi-mcp get`

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use super::arguments::GetArguments;
use super::client::{self, Named, Problem};
use super::logging::Log;
use super::output::Output;

pub(super) fn run(arguments: GetArguments, log: &Log) -> Result<ExitCode> {
    let GetArguments {
        component,
        prompt,
        prompt_arguments,
        json,
        client,
        sandbox,
    } = arguments;
    let mut params = json!({ "name": prompt, "_meta": client::progress() });
    let given = read(&prompt_arguments)?;
    let names: Vec<String> = given.keys().cloned().collect();
    if !prompt_arguments.is_empty() {
        params["arguments"] = Value::Object(given);
    }
    let result = client::run(
        &component,
        &sandbox,
        &client,
        log,
        async |client| match client.request("prompts/get", &params).await {
            Ok(result) => Ok(result),
            Err(error) => Err(Problem::named(client, error, Named::Prompt(&prompt, &names)).await),
        },
    )?;
    let mut output = Output::new();
    if json {
        output.line(result.get())?;
    } else {
        let value: Value =
            serde_json::from_str(result.get()).context("the result is not valid JSON")?;
        show(&mut output, &value)?;
    }
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the arguments of a prompt, which are strings: one JSON object, or pairs NAME=VALUE.
fn read(arguments: &[String]) -> Result<Map<String, Value>> {
    if let [object] = arguments
        && object.trim_start().starts_with('{')
    {
        let values: Map<String, Value> = serde_json::from_str(object)
            .with_context(|| format!("`{object}` is not a JSON object"))?;
        if let Some((name, value)) = values.iter().find(|(_, value)| !value.is_string()) {
            bail!("the argument `{name}` of a prompt is a string, found {value}");
        }
        return Ok(values);
    }
    let pairs = arguments.iter().map(|argument| {
        let pair = argument
            .split_once('=')
            .filter(|(name, _)| !name.is_empty());
        let (name, value) = pair.with_context(|| {
            format!("`{argument}`: expected NAME=VALUE, or one JSON object of strings")
        })?;
        Ok((name.to_owned(), Value::from(value)))
    });
    pairs.collect()
}

/// Shows each message below the role of its author.
fn show(output: &mut Output, result: &Value) -> Result<()> {
    let messages = result["messages"].as_array().into_iter().flatten();
    for (index, message) in messages.enumerate() {
        if index > 0 {
            output.line("")?;
        }
        output.line(&format!("{}:", message["role"].as_str().unwrap_or("?")))?;
        output.content(&message["content"])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(arguments: &[&str]) -> Result<Value, String> {
        let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        read(&arguments)
            .map(Value::Object)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_are_pairs_or_an_object() {
        let expected = json!({ "a": "1", "b": "x=y" });
        assert_eq!(values(&["a=1", "b=x=y"]).as_ref(), Ok(&expected));
        assert_eq!(values(&[r#"{"a": "1", "b": "x=y"}"#]), Ok(expected));
        assert_eq!(values(&["a="]), Ok(json!({ "a": "" })));
        for (wrong, part) in [
            (vec!["a"], "NAME=VALUE"),
            (vec!["=1"], "NAME=VALUE"),
            (vec!["a=1", "{}"], "NAME=VALUE"),
            (vec!["{\"a\": 1}"], "is a string, found 1"),
            (vec!["{"], "not a JSON object"),
        ] {
            let error = values(&wrong).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
