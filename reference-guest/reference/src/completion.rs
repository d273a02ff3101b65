//! Proposals for the arguments of prompts and the variables of templates.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/completion>

use crate::bindings::wasi::mcp::content::{CompleteParams, CompleteResult, CompletionReference};
use crate::bindings::wasi::mcp::types::Error;
use crate::error::{internal, invalid_params};
use crate::{prompts, resource_templates};

/// The maximum number of values in one answer, a limit of MCP.
const MAXIMUM_VALUES: usize = 100;

const CITIES: [(&str, &[&str]); 3] = [
    ("France", &["Lyon", "Marseille", "Paris"]),
    ("Germany", &["Berlin", "Hamburg", "Leipzig"]),
    ("Japan", &["Kyoto", "Osaka", "Tokyo"]),
];

pub async fn complete(params: CompleteParams) -> Result<CompleteResult, Error> {
    let argument = params.argument.name.as_str();
    let candidates = match &params.ref_ {
        CompletionReference::Prompt(prompt) => {
            let prompt = prompts::find(&prompt.name)
                .ok_or_else(|| invalid_params(format!("Unknown prompt: {}", prompt.name)))?;
            let names: Vec<_> = prompt
                .arguments
                .into_iter()
                .flatten()
                .map(|it| it.name)
                .collect();
            require_known(argument, &names)?;
            of_prompt(&prompt.name, argument, params.context_arguments.as_deref())?
        }
        CompletionReference::ResourceTemplate(template) => of_template(template, argument)?,
        CompletionReference::Other(reference) => {
            return Err(invalid_params(format!("Unknown reference: {reference}")));
        }
    };
    Ok(result(candidates, &params.argument.value))
}

fn require_known(argument: &str, names: &[String]) -> Result<(), Error> {
    if names.iter().any(|name| name == argument) {
        Ok(())
    } else {
        Err(invalid_params(format!("Unknown argument: {argument}")))
    }
}

fn of_prompt(
    name: &str,
    argument: &str,
    context: Option<&[(String, String)]>,
) -> Result<Vec<String>, Error> {
    Ok(match (name, argument) {
        (prompts::FAILING, _) => return Err(internal("The argument cannot be completed")),
        ("test_prompt_with_arguments", _) => strings(&["test", "testing", "value"]),
        ("test_prompt_with_embedded_resource", _) => strings(&["test://example-resource"]),
        ("journey", "country") => CITIES.map(|(country, _)| country.to_owned()).into(),
        ("journey", "city") => {
            let chosen = context
                .into_iter()
                .flatten()
                .find(|(name, _)| name == "country");
            CITIES
                .iter()
                .filter(|(country, _)| chosen.is_none_or(|(_, chosen)| chosen == country))
                .flat_map(|(_, cities)| strings(cities))
                .collect()
        }
        _ => Vec::new(),
    })
}

fn of_template(template: &str, argument: &str) -> Result<Vec<String>, Error> {
    let listed = resource_templates::listed();
    if !listed.iter().any(|it| it.uri_template == template) {
        return Err(invalid_params(format!(
            "Unknown resource template: {template}"
        )));
    }
    if !template.contains(&format!("{{{argument}}}")) {
        return Err(invalid_params(format!("Unknown argument: {argument}")));
    }
    Ok(match template {
        resource_templates::DATA => strings(&["1", "12", "123"]),
        resource_templates::INTEGERS => (0..resource_templates::INTEGERS_END)
            .map(|it| it.to_string())
            .collect(),
        _ => Vec::new(),
    })
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

/// Returns the candidates that begin with the typed text, up to the maximum.
fn result(candidates: Vec<String>, typed: &str) -> CompleteResult {
    let mut values = candidates;
    values.retain(|value| value.starts_with(typed));
    let total = values.len();
    values.truncate(MAXIMUM_VALUES);
    CompleteResult {
        total: u32::try_from(total).ok(),
        has_more: Some(total > values.len()),
        values,
        ..CompleteResult::default()
    }
}
