//! Prompts: <https://modelcontextprotocol.io/specification/2025-06-18/server/prompts>.

use serde_json::{Value, json};

use super::capabilities::{needs, served_only_if_declared};
use super::check::Check;
use super::context::CheckContext;
use super::lifecycle::judge_gates;
use super::tally::Tally;
use super::tools::names_once;
use super::unlisted::unlisted_among;
use super::{changes, failures};
use crate::driver::Body;
use crate::model::{Finding, Judgement};
use crate::survey::Survey;
use crate::survey::Use;
use crate::survey::listing::List;
use crate::wire::formats::is_uri;
use crate::wire::shapes::Rule;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "prompts/declare",
        "Declares prompts if it serves them.",
        ["prompts.declare"],
        declare
    ),
    check!(
        "prompts/capability",
        "Serves prompts only if negotiated.",
        ["prompts.capability-respect"],
        declare
    ),
    check!(
        "prompts/unique-names",
        "Lists each prompt once across all pages.",
        ["prompts.unique-names"],
        unique_names
    ),
    check!(
        "prompts/get-listed",
        "Returns every listed prompt.",
        ["prompts.get-consistent"],
        get_listed
    ),
    check!(
        "prompts/arguments-used",
        "Uses the arguments in the messages.",
        ["prompts.arguments-substituted"],
        arguments_used
    ),
    check!(
        "prompts/unknown",
        "Answers an unknown prompt with -32602.",
        ["prompts.error-name"],
        unknown
    ),
    check!(
        "prompts/missing-arguments",
        "Answers a missing required argument with -32602.",
        ["prompts.error-missing-args"],
        missing_arguments
    ),
    check!(
        "prompts/validate-arguments",
        "Refuses arguments that are not strings.",
        ["prompts.validate-args"],
        validate_arguments
    ),
    check!(
        "prompts/hostile-arguments",
        "Continues after arguments that resemble an attack.",
        ["prompts.security-validate"],
        hostile_arguments
    ),
    check!(
        "prompts/internal-error",
        "Answers with -32603 when a listed prompt fails.",
        ["prompts.error-internal"],
        internal_error
    ),
    check!(
        "prompts/list-changed",
        "Announces changes of its list.",
        ["prompts.list-changed"],
        list_changed
    ),
    observe!(
        "prompts/list-changed-declared",
        "Announces changes only if declared.",
        ["prompts.list-changed"],
        |evidence| judge_gates(evidence, |method| method
            == "notifications/prompts/list_changed")
    ),
    shape!(
        "prompts/list-shape",
        "Lists prompts in the right shape.",
        ["prompts.list-shape"],
        ["prompts/list"],
        ["ListPromptsResult", "Prompt"],
        [Rule::Type]
    ),
    shape!(
        "prompts/argument-shape",
        "Describes arguments in the right shape.",
        ["prompts.argument-shape"],
        ["prompts/list"],
        ["PromptArgument"],
        [Rule::Type]
    ),
    shape!(
        "prompts/get-shape",
        "Returns messages with a role and one block of content.",
        ["prompts.get-shape"],
        ["prompts/get"],
        [
            "GetPromptResult",
            "PromptMessage",
            "TextContent",
            "ImageContent",
            "AudioContent",
            "ResourceLink",
            "EmbeddedResource"
        ],
        [Rule::Type, Rule::Word]
    ),
    shape!(
        "prompts/image-base64",
        "Encodes images as base64.",
        ["prompts.image-base64"],
        ["prompts/get"],
        ["ImageContent"],
        [Rule::Base64]
    ),
    shape!(
        "prompts/image-media-type",
        "Declares the media type of images.",
        ["prompts.image-mime"],
        ["prompts/get"],
        ["ImageContent"],
        [Rule::MediaType]
    ),
    shape!(
        "prompts/audio-base64",
        "Encodes audio as base64.",
        ["prompts.audio-base64"],
        ["prompts/get"],
        ["AudioContent"],
        [Rule::Base64]
    ),
    shape!(
        "prompts/audio-media-type",
        "Declares the media type of audio.",
        ["prompts.audio-mime"],
        ["prompts/get"],
        ["AudioContent"],
        [Rule::MediaType]
    ),
    shape!(
        "prompts/embedded-uri",
        "Embeds resources with a URI.",
        ["prompts.embedded-uri"],
        ["prompts/get"],
        [
            "ResourceContents",
            "TextResourceContents",
            "BlobResourceContents"
        ],
        [Rule::Uri, Rule::Type]
    ),
    shape!(
        "prompts/embedded-body",
        "Embeds resources with text or base64.",
        ["prompts.embedded-body"],
        ["prompts/get"],
        [
            "ResourceContents",
            "TextResourceContents",
            "BlobResourceContents"
        ],
        [Rule::NoBody, Rule::Base64]
    ),
    check!(
        "prompts/embedded-media-type",
        "Declares the media type of embedded resources.",
        ["prompts.embedded-mime"],
        embedded_media_type
    ),
];

async fn declare(context: &CheckContext) -> Judgement {
    served_only_if_declared(context, "prompts", "prompts/list", Value::Null).await
}

async fn unique_names(context: &CheckContext) -> Judgement {
    names_once(context, List::Prompts).await
}

async fn get_listed(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for prompt in &survey.gets {
        tally.note(match &prompt.reply.body {
            // No sentence says which values a prompt accepts.
            Body::Error(_) if is_guessed(prompt) => {
                let expected = "a result, or an error that names the wrong value";
                failures::not_internal(&prompt.reply, expected)
                    .and_then(|()| Err(Finding::Skip(String::new())))
            }
            _ => prompt.reply.result().map(drop),
        });
    }
    let nothing = match survey.gets.is_empty() {
        true => "the server lists no prompt",
        false => "no accepted values were found for the arguments of any prompt",
    };
    tally.judge("listed prompts were given", nothing)
}

/// Returns true for a use with arguments: the suite guesses their values.
fn is_guessed(prompt: &Use) -> bool {
    let arguments = prompt.params["arguments"].as_object();
    arguments.is_some_and(|all| !all.is_empty())
}

async fn arguments_used(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for prompt in survey
        .gets
        .iter()
        .filter(|prompt| prompt.reply.result().is_ok())
    {
        let given: Vec<&Value> = prompt.params["arguments"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.values())
            .collect();
        if given.is_empty() {
            continue;
        }
        let reply = session.request("prompts/get", prompt.params.clone()).await;
        let text = reply.result()?["messages"].to_string();
        let used = given
            .iter()
            .filter_map(|value| value.as_str())
            .any(|value| text.contains(value));
        tally.expect(used, || {
            reply
                .unexpected("an argument's value in the messages")
                .to_string()
        });
    }
    tally.judge(
        "prompts used their arguments",
        "no prompt with arguments was given",
    )
}

async fn unknown(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    needs(&session, "prompts", None)?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for name in unlisted_among(survey, List::Prompts, &[""]) {
        tally.note(
            session
                .request("prompts/get", json!({"name": name}))
                .await
                .error_with(&[-32602]),
        );
    }
    tally.judge("unknown prompts were answered with -32602", "")
}

/// Returns the uses of prompts in the survey, once for each argument.
fn arguments_given(survey: &Survey) -> Vec<(&Use, &str)> {
    let given = |prompt| {
        let prompt: &Use = prompt;
        let arguments = prompt.params["arguments"].as_object();
        let names = arguments.into_iter().flat_map(|all| all.keys());
        names.map(move |name| (prompt, name.as_str()))
    };
    survey.gets.iter().flat_map(given).collect()
}

/// Returns the parameters of a use with an argument replaced or removed.
fn with_argument(prompt: &Use, name: &str, value: Option<Value>) -> Value {
    let mut params = prompt.params.clone();
    if let Some(arguments) = params["arguments"].as_object_mut() {
        match value {
            Some(value) => arguments.insert(name.to_owned(), value),
            None => arguments.remove(name),
        };
    }
    params
}

const NO_ARGUMENT: &str = "no prompt has a required argument";

async fn missing_arguments(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for (prompt, name) in arguments_given(context.survey().await?) {
        let params = with_argument(prompt, name, None);
        let reply = session.request("prompts/get", params).await;
        tally.note(reply.error_with(&[-32602]));
    }
    tally.judge(
        "requests without a required argument were answered with -32602",
        NO_ARGUMENT,
    )
}

async fn validate_arguments(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for (prompt, name) in arguments_given(context.survey().await?) {
        let params = with_argument(prompt, name, Some(json!({"no": "string"})));
        let reply = session.request("prompts/get", params).await;
        tally.note(failures::refused(&reply, "an error"));
    }
    tally.judge("arguments that are not strings were refused", NO_ARGUMENT)
}

async fn hostile_arguments(context: &CheckContext) -> Judgement {
    const HOSTILE: [&str; 5] = [
        "file:///etc/passwd",
        "test://conformance/../../../../etc/passwd",
        "../../../../etc/passwd",
        "'; DROP TABLE prompts; --",
        "\u{0}\u{202e}${jndi:x}",
    ];
    let session = context.session().await?;
    let mut tally = Tally::default();
    for (prompt, name) in arguments_given(context.survey().await?) {
        // An argument that becomes the URI of a resource must be one.
        let wants_uri = name.to_ascii_lowercase().contains("ur");
        for hostile in HOSTILE.iter().filter(|text| !wants_uri || is_uri(text)) {
            let params = with_argument(prompt, name, Some((*hostile).into()));
            let reply = session.request("prompts/get", params).await;
            let leaked = reply
                .result()
                .is_ok_and(|result| result.to_string().contains("root:x:0:0"));
            tally.expect(!leaked, || {
                reply.unexpected("no contents of /etc/passwd").to_string()
            });
            let expected = "a result, or an error that names the argument";
            tally.note(failures::not_internal(&reply, expected));
        }
    }
    if tally.tried == 0 {
        return Err(Finding::Skip(NO_ARGUMENT.to_owned()));
    }
    tally.note(session.expect_alive("hostile prompt arguments").await);
    tally.judge("probes with hostile arguments did no harm", "")
}

async fn internal_error(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let uses = survey.gets.iter().chain(&survey.full_gets);
    // A prompt may reject a guessed value, and no sentence names the code for it.
    let codes = [failures::INTERNAL_ERROR, -32602];
    let certain = uses.filter(|prompt| {
        let code = prompt.reply.error().ok().map(|error| error.code);
        !is_guessed(prompt) || code.is_some_and(|code| codes.contains(&code))
    });
    failures::answered_with(certain, &codes, "listed prompts")
}

async fn list_changed(context: &CheckContext) -> Judgement {
    changes::announced(context, List::Prompts, "notifications/prompts/list_changed").await
}

async fn embedded_media_type(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for prompt in survey.gets.iter().chain(&survey.full_gets) {
        let Ok(result) = prompt.reply.result() else {
            continue;
        };
        let blocks = result["messages"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|message| &message["content"]);
        for block in blocks.filter(|block| block["type"] == "resource") {
            let given = block["resource"]["mimeType"].is_string();
            // The page requires it, the schema makes it optional.
            let missing = Finding::Warning(format!(
                "{}: an embedded resource without mimeType: {block}",
                prompt.name
            ));
            tally.note(given.then_some(()).ok_or(missing));
        }
    }
    tally.judge(
        "embedded resources have a media type",
        "no prompt was seen to embed a resource",
    )
}
