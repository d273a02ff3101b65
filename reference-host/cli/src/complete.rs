//! `wasi-mcp complete`

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::arguments::CompleteArguments;
use super::client::{self, Named, Problem};
use super::logging::Log;
use super::output::Output;

pub(super) fn run(arguments: CompleteArguments, log: &Log) -> Result<ExitCode> {
    let CompleteArguments {
        component,
        argument,
        value,
        reference,
        context,
        json,
        client,
        sandbox,
    } = arguments;
    let (named, reference) = match (&reference.prompt, &reference.template) {
        (Some(name), _) => (
            Named::Argument {
                prompt: name,
                argument: &argument,
            },
            json!({ "type": "ref/prompt", "name": name }),
        ),
        (None, template) => {
            let uri = template.as_deref().unwrap_or_default();
            (
                Named::Variable {
                    template: uri,
                    variable: &argument,
                },
                json!({ "type": "ref/resource", "uri": uri }),
            )
        }
    };
    let mut params = json!({
        "ref": reference,
        "argument": { "name": argument, "value": value },
        "_meta": client::progress(),
    });
    if !context.is_empty() {
        let known: Map<String, Value> = context
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        params["context"] = json!({ "arguments": known });
    }
    let (result, hint) = client::run(&component, &sandbox, &client, log, async |client| {
        let result = match client.request("completion/complete", &params).await {
            Ok(result) => result,
            Err(error) => return Err(Problem::named(client, error, named).await),
        };
        let value: Value =
            serde_json::from_str(result.get()).context("the result is not valid JSON")?;
        let has_values = value["completion"]["values"]
            .as_array()
            .is_some_and(|values| !values.is_empty());
        // A component may complete what it does not know with nothing.
        let hint = if has_values {
            None
        } else {
            named.unknown_argument(client).await
        };
        Ok((result, hint))
    })?;
    let mut output = Output::new();
    if json {
        output.line(result.get())?;
    } else {
        let result: Value =
            serde_json::from_str(result.get()).context("the result is not valid JSON")?;
        let completion = &result["completion"];
        let values = completion["values"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        for value in values {
            output.line(value.as_str().unwrap_or_default())?;
        }
        if let Some(rest) = rest(completion, values.len()) {
            log.say(&rest);
        }
    }
    output.finish()?;
    if let Some(hint) = hint {
        log.say(&format!("hint: {hint}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Says that there are more values than these.
fn rest(completion: &Value, shown: usize) -> Option<String> {
    let total = completion["total"].as_u64();
    match total {
        Some(total) if total > shown as u64 => Some(format!("{shown} of {total} values")),
        _ if completion["hasMore"] == Value::Bool(true) => {
            Some(format!("{shown} values, and there are more"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_values_than_shown_are_told() {
        let rest = |completion| rest(&completion, 2);
        assert_eq!(rest(json!({ "total": 5 })).unwrap(), "2 of 5 values");
        assert!(rest(json!({ "hasMore": true })).is_some());
        assert_eq!(rest(json!({ "total": 2, "hasMore": false })), None);
        assert_eq!(rest(json!({})), None);
    }
}
