//! Prompts: their arguments and messages.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/prompts>

use std::fmt::Display;
use std::rc::Rc;
use std::str::FromStr;

use wasi_mcp_types::content::{
    ContentBlock, GetPromptParams, GetPromptResult, Prompt, PromptMessage,
};
use wasi_mcp_types::types::{Error, Role};

use crate::content::text;
use crate::context::Context;
use crate::errors::{invalid_params, missing_argument, protocol_error};
use crate::items::{Completers, Items, LocalFuture, Origin, PromptItem};

/// Returns a message of the user.
pub fn user(content: ContentBlock) -> PromptMessage {
    PromptMessage {
        role: Role::User,
        content,
    }
}

/// Returns a message of the model.
pub fn assistant(content: ContentBlock) -> PromptMessage {
    PromptMessage {
        role: Role::Assistant,
        content,
    }
}

/// The messages of a prompt.
///
/// | type | messages |
/// |---|---|
/// | `String`, `&'static str`, a content block | one of the user |
/// | a message, an array or a `Vec` of them | these |
/// | [`GetPromptResult`] | that |
/// | `Result<T, E>` | an error fails the request: an [`Error`] as it is, another one with `-32603` |
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a prompt",
    label = "not messages of a prompt",
    note = "return `String`, `ContentBlock`, `PromptMessage` or a `Vec` of them, `GetPromptResult`, or a `Result` of one of these with an error that implements `Display`"
)]
pub trait IntoPrompt {
    /// Returns the result, or the error that ends the request.
    fn into_prompt(self) -> Result<GetPromptResult, Error>;
}

impl IntoPrompt for GetPromptResult {
    fn into_prompt(self) -> Result<GetPromptResult, Error> {
        Ok(self)
    }
}

impl IntoPrompt for Vec<PromptMessage> {
    fn into_prompt(self) -> Result<GetPromptResult, Error> {
        Ok(GetPromptResult {
            messages: self,
            ..GetPromptResult::default()
        })
    }
}

impl<const N: usize> IntoPrompt for [PromptMessage; N] {
    fn into_prompt(self) -> Result<GetPromptResult, Error> {
        Vec::from(self).into_prompt()
    }
}

impl IntoPrompt for PromptMessage {
    fn into_prompt(self) -> Result<GetPromptResult, Error> {
        [self].into_prompt()
    }
}

impl IntoPrompt for ContentBlock {
    fn into_prompt(self) -> Result<GetPromptResult, Error> {
        user(self).into_prompt()
    }
}

impl IntoPrompt for String {
    fn into_prompt(self) -> Result<GetPromptResult, Error> {
        text(self).into_prompt()
    }
}

impl IntoPrompt for &'static str {
    fn into_prompt(self) -> Result<GetPromptResult, Error> {
        text(self).into_prompt()
    }
}

impl<T: IntoPrompt, E: Display + 'static> IntoPrompt for Result<T, E> {
    fn into_prompt(self) -> Result<GetPromptResult, Error> {
        self.map_err(protocol_error)?.into_prompt()
    }
}

/// The values of a prompt's arguments.
pub struct PromptArguments(Vec<(String, String)>);

impl PromptArguments {
    /// Returns the value of an argument that need not be given.
    pub fn optional<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Error> {
        let Some((_, text)) = self.0.iter().find(|(given, _)| given == name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(cause) => Err(invalid_params(format!("argument `{name}`: {cause}"))),
        }
    }

    /// Returns the value of an argument.
    pub fn required<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Error> {
        self.optional(name)?.ok_or_else(|| missing_argument(name))
    }
}

/// Adds the prompt of a function.
pub fn add(
    items: &mut Items,
    origin: Origin,
    prompt: Prompt,
    completers: Completers,
    get: fn(Context, PromptArguments) -> LocalFuture<Result<GetPromptResult, Error>>,
) {
    let description = prompt.description.clone();
    items.prompts.push(Rc::new(PromptItem {
        origin,
        prompt,
        handler: Rc::new(move |context, params: GetPromptParams| {
            let description = description.clone();
            let arguments = PromptArguments(params.arguments.unwrap_or_default());
            Box::pin(async move {
                let result = get(context, arguments).await?;
                Ok(GetPromptResult {
                    description: result.description.or(description),
                    ..result
                })
            })
        }),
        completers,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_message_of_the_user() {
        let result = "Plan a journey.".into_prompt().unwrap();
        assert_eq!(result.messages, [user(text("Plan a journey."))]);
    }

    #[test]
    fn arguments_are_parsed() {
        let arguments = PromptArguments(vec![("days".into(), "3".into())]);
        assert_eq!(arguments.required("days"), Ok(3_u32));
        assert_eq!(arguments.optional::<u32>("nights"), Ok(None));
        assert_eq!(
            arguments.required::<u32>("nights").unwrap_err().message,
            "argument `nights` is missing"
        );
        let arguments = PromptArguments(vec![("days".into(), "three".into())]);
        assert_eq!(
            arguments.required::<u32>("days").unwrap_err(),
            invalid_params("argument `days`: invalid digit found in string")
        );
    }
}
