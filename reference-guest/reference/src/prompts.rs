//! The prompts.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/prompts>

use crate::bindings::wasi::mcp::content::{
    ContentBlock, GetPromptParams, GetPromptResult, Prompt, PromptArgument, PromptMessage,
};
use crate::bindings::wasi::mcp::types::{Error, Role};
use crate::content::{embedded, every_kind, extra, image, meta, text, text_contents};
use crate::error::{internal, invalid_params};
use crate::state;

/// The prompt that fails if it is given its argument.
pub const FAILING: &str = "failing";

/// Returns the current `prompts/list`.
pub fn listed() -> Vec<Prompt> {
    let mut prompts = vec![
        prompt("test_simple_prompt", "A text.", vec![]),
        prompt(
            "test_prompt_with_arguments",
            "A text with two arguments in it.",
            vec![
                argument("arg1", "The first argument.", true),
                argument("arg2", "The second argument.", true),
            ],
        ),
        prompt(
            "test_prompt_with_embedded_resource",
            "A resource and a text.",
            vec![argument("resourceUri", "The resource to embed.", true)],
        ),
        prompt("test_prompt_with_image", "An image and a text.", vec![]),
        // Every optional member of a prompt, so that each is seen on the wire.
        Prompt {
            title: Some("Plan a journey".into()),
            meta: Some(meta()),
            extra: Some(extra()),
            ..prompt(
                "journey",
                "Plans a journey.",
                vec![
                    PromptArgument {
                        title: Some("Country".into()),
                        extra: Some(extra()),
                        ..argument("country", "Where to go.", true)
                    },
                    argument("city", "Where to stay.", true),
                    argument("days", "For how long.", false),
                ],
            )
        },
        prompt(
            "every-content-kind",
            "One message for each kind of content, from user and assistant in turn.",
            vec![],
        ),
        prompt(
            FAILING,
            "Fails where it is given its argument, which cannot be completed either.",
            vec![argument("subject", "What it is about.", false)],
        ),
    ];
    if state::with(|state| state.added) {
        prompts.push(added());
    }
    prompts
}

fn prompt(name: &str, description: &str, arguments: Vec<PromptArgument>) -> Prompt {
    Prompt {
        name: name.into(),
        description: Some(description.into()),
        arguments: (!arguments.is_empty()).then_some(arguments),
        ..Prompt::default()
    }
}

fn argument(name: &str, description: &str, required: bool) -> PromptArgument {
    PromptArgument {
        name: name.into(),
        description: Some(description.into()),
        required: Some(required),
        ..PromptArgument::default()
    }
}

/// Returns the prompt that is listed after `add-entries`.
pub fn added() -> Prompt {
    prompt("added-prompt", "Is listed after `add-entries`.", vec![])
}

/// Returns the prompt of this name, if it is currently listed.
pub fn find(name: &str) -> Option<Prompt> {
    listed().into_iter().find(|prompt| prompt.name == name)
}

pub async fn get(params: GetPromptParams) -> Result<GetPromptResult, Error> {
    let prompt = find(&params.name)
        .ok_or_else(|| invalid_params(format!("Unknown prompt: {}", params.name)))?;
    let arguments = Arguments(params.arguments.unwrap_or_default());
    for argument in prompt.arguments.iter().flatten() {
        if argument.required == Some(true) {
            arguments.get(&argument.name)?;
        }
    }
    Ok(GetPromptResult {
        description: prompt.description,
        messages: messages(&prompt.name, &arguments)?,
        meta: prompt.meta,
        extra: prompt.extra,
    })
}

struct Arguments(Vec<(String, String)>);

impl Arguments {
    fn find(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }

    fn get(&self, name: &str) -> Result<&str, Error> {
        self.find(name)
            .ok_or_else(|| invalid_params(format!("Missing argument: {name}")))
    }
}

fn messages(name: &str, arguments: &Arguments) -> Result<Vec<PromptMessage>, Error> {
    Ok(match name {
        "test_simple_prompt" => vec![user(text("This is a simple prompt for testing."))],
        "test_prompt_with_arguments" => vec![user(text(format!(
            "Prompt with arguments: arg1='{}', arg2='{}'",
            arguments.get("arg1")?,
            arguments.get("arg2")?,
        )))],
        "test_prompt_with_embedded_resource" => vec![
            user(embedded(text_contents(
                arguments.get("resourceUri")?,
                "text/plain",
                "Embedded resource content for testing.",
            ))),
            user(text("Please process the embedded resource above.")),
        ],
        "test_prompt_with_image" => {
            vec![user(image()), user(text("Please analyze the image above."))]
        }
        "journey" => vec![user(text(format!(
            "Plan {} days in {}, {}.",
            arguments.find("days").unwrap_or("three"),
            arguments.get("city")?,
            arguments.get("country")?,
        )))],
        "every-content-kind" => [Role::User, Role::Assistant]
            .into_iter()
            .cycle()
            .zip(every_kind())
            .map(|(role, content)| PromptMessage { role, content })
            .collect(),
        FAILING if arguments.find("subject").is_some() => {
            return Err(internal("The prompt cannot be had"));
        }
        FAILING => vec![user(text("Say nothing of a subject."))],
        _ => vec![user(text("I was added"))],
    })
}

fn user(content: ContentBlock) -> PromptMessage {
    PromptMessage {
        role: Role::User,
        content,
    }
}
