//! The service's prompts.

use super::{error, invalid_params, text};
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, Role};
use crate::{mode, records};

pub fn listed() -> Vec<Prompt> {
    if mode::is("full") {
        return records::prompts();
    }
    let mut prompts = vec![
        Prompt {
            name: "greet".into(),
            description: Some("Greets somebody.".into()),
            arguments: Some(vec![PromptArgument {
                name: "name".into(),
                required: Some(true),
                ..PromptArgument::default()
            }]),
            ..Prompt::default()
        },
        Prompt {
            name: "picture".into(),
            ..Prompt::default()
        },
        Prompt {
            name: "plain".into(),
            ..Prompt::default()
        },
    ];
    if mode::is("prompt-twice") {
        let again = prompts[1].clone();
        prompts.push(again);
    }
    prompts
}

pub fn get(params: GetPromptParams) -> Result<GetPromptResult, Error> {
    if mode::is("full") {
        return Ok(records::prompt(&params));
    }
    let given = params.arguments.unwrap_or_default();
    let name = given
        .iter()
        .find(|(name, _)| name == "name")
        .map(|(_, value)| value.as_str());
    let content = match params.name.as_str() {
        "greet" => match name {
            Some(_) if mode::is("argument-unused") => text("Hello, somebody"),
            Some(name) => text(format!("Hello, {name}")),
            None if mode::is("argument-not-required") => text("Hello, nobody"),
            None => return Err(invalid_params("name is missing")),
        },
        "picture" if mode::is("prompt-traps") => core::arch::wasm32::unreachable(),
        "picture" if mode::is("prompt-breaks") => {
            return Err(error(ErrorCode::InternalError, "Something broke"));
        }
        "picture" => ContentBlock::Image(ImageContent {
            data: b"\x89PNG\r\n\x1a\n".into(),
            mime_type: if mode::is("media-type-empty") {
                ""
            } else {
                "image/png"
            }
            .into(),
            ..ImageContent::default()
        }),
        "plain" => text("Plain"),
        _ if mode::is("unknown-prompt-served") => text("Whatever"),
        _ if mode::is("unknown-prompt-code") => {
            return Err(error(ErrorCode::Other(-1), "There is no such prompt"));
        }
        _ => return Err(invalid_params("There is no such prompt")),
    };
    Ok(GetPromptResult {
        messages: vec![PromptMessage {
            role: Role::User,
            content,
        }],
        ..GetPromptResult::default()
    })
}
