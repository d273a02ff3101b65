//! Prompts: every name that the host accepts is answered.

use crate::bindings::wasi::mcp::content::{
    GetPromptParams, GetPromptResult, Prompt, PromptArgument,
};
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};
use crate::report::error;
use crate::{records, state};

/// A prompt that refuses every request.
const FAILING: &str = "failing";

pub fn registered() -> Vec<Prompt> {
    let mut prompts = records::prompts();
    let argument = |name: &str, required| PromptArgument {
        name: name.into(),
        required: Some(required),
        ..PromptArgument::default()
    };
    prompts.push(Prompt {
        name: "strict".into(),
        arguments: Some(vec![argument("needed", true), argument("spare", false)]),
        ..Prompt::default()
    });
    prompts.push(Prompt {
        name: FAILING.into(),
        ..Prompt::default()
    });
    prompts
}

pub fn get(params: &GetPromptParams) -> Result<GetPromptResult, Error> {
    state::handled();
    state::with(|state| state.calls += 1);
    if params.name == FAILING {
        return Err(error(ErrorCode::Other(-9), "A probe"));
    }
    Ok(records::prompt(params))
}
