//! Requests on their way to the functions that answer them.

use wasi_mcp_types::content::*;
use wasi_mcp_types::types::Error;

use crate::completion::{Completion, IntoCompletion};
use crate::context::Context;
use crate::errors::{invalid_params, resource_not_found};
use crate::items::Completers;
use crate::registry;
use crate::server::ServerDefinition;

pub async fn call_tool(context: Context, params: CallToolParams) -> Result<CallToolResult, Error> {
    let tool = registry::with(|registry| registry.items.tool(&params.name))
        .ok_or_else(|| invalid_params(format!("unknown tool: {}", params.name)))?;
    (tool.handler)(context, params).await
}

pub async fn read_resource(
    mut context: Context,
    params: ReadResourceParams,
) -> Result<ReadResourceResult, Error> {
    let ReadResourceParams { uri, extra } = params;
    context.set_extra(extra);
    if let Some(resource) = registry::with(|registry| registry.items.resource(&uri)) {
        return (resource.handler)(context, ()).await;
    }
    let matching = registry::with(|registry| registry.items.matching_templates(&uri));
    for (template, variables) in matching {
        let read = (template.handler)(context.clone(), uri.clone(), variables).await?;
        if let Some(result) = read {
            return Ok(result);
        }
    }
    Err(resource_not_found(&uri))
}

pub async fn subscribe<S: ServerDefinition>(context: Context, uri: String) -> Result<(), Error> {
    let exists = registry::with(|registry| {
        registry.items.resource(&uri).is_some()
            || !registry.items.matching_templates(&uri).is_empty()
    });
    if !exists {
        return Err(resource_not_found(&uri));
    }
    S::subscribed(context, uri).await
}

pub async fn get_prompt(
    context: Context,
    params: GetPromptParams,
) -> Result<GetPromptResult, Error> {
    let prompt = registry::with(|registry| registry.items.prompt(&params.name))
        .ok_or_else(|| invalid_params(format!("unknown prompt: {}", params.name)))?;
    (prompt.handler)(context, params).await
}

pub async fn complete(
    mut context: Context,
    params: CompleteParams,
) -> Result<CompleteResult, Error> {
    context.set_extra(params.extra);
    let argument = params.argument.name;
    match params.ref_ {
        CompletionReference::Prompt(reference) => {
            let prompt = registry::with(|registry| registry.items.prompt(&reference.name))
                .ok_or_else(|| invalid_params(format!("unknown prompt: {}", reference.name)))?;
            let mut known = prompt.prompt.arguments.iter().flatten();
            if !known.any(|known| known.name == argument) {
                return Err(unknown_argument(&argument));
            }
            let completion = Completion {
                value: params.argument.value,
                arguments: params.context_arguments.unwrap_or_default(),
                context,
            };
            complete_with(&prompt.completers, &argument, completion).await
        }
        CompletionReference::ResourceTemplate(reference) => {
            let template = registry::with(|registry| registry.items.template(&reference))
                .ok_or_else(|| invalid_params(format!("unknown resource template: {reference}")))?;
            if !template.pattern.variables().any(|known| known == argument) {
                return Err(unknown_argument(&argument));
            }
            let completion = Completion {
                value: params.argument.value,
                arguments: params.context_arguments.unwrap_or_default(),
                context,
            };
            complete_with(&template.completers, &argument, completion).await
        }
        CompletionReference::Other(reference) => {
            Err(invalid_params(format!("unknown reference: {reference}")))
        }
    }
}

fn unknown_argument(name: &str) -> Error {
    invalid_params(format!("unknown argument: {name}"))
}

/// Completes an argument. One without a completer has no values.
async fn complete_with(
    completers: &Completers,
    argument: &str,
    completion: Completion,
) -> Result<CompleteResult, Error> {
    match completers.iter().find(|(name, _)| name == argument) {
        Some((_, completer)) => completer(completion).await,
        None => <[&str; 0]>::default().into_completion(&completion.value),
    }
}
