//! Whether secrets and personal data that a client passes turn up in logs:
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/logging#security>.
//!
//! A tool whose purpose is to log what it is told may do so. So a value that
//! looks secret or personal is planted only
//!
//! - in `_meta` of a call, under a key that says what it is,
//! - in an argument whose name says what it is (`password`, `email`),
//! - in a free text of a tool that does not say in its name, its description
//!   or the argument's name that it logs or passes on a message.
//!
//! Where it turns up in `notifications/message` then, the server logged what
//! it had no reason to log.

use serde_json::{Value, json};

use super::capabilities::needs;
use super::check::Check;
use super::context::CheckContext;
use super::tally::Tally;
use crate::arguments;
use crate::driver::ClientRole;
use crate::model::{Finding, Judgement};
use crate::survey::ToolCall;
use crate::survey::listing::List;

/// The checks of this section.
pub const CHECKS: &[Check] = &[
    check!(
        "logging/no-credentials",
        "Logs no credentials that it was given.",
        ["logging.no-credentials"],
        no_credentials
    ),
    check!(
        "logging/no-personal-data",
        "Logs no personal data that it was given.",
        ["logging.no-pii"],
        no_personal_data
    ),
    check!(
        "logging/remove-sensitive",
        "Removes what is sensitive before it logs.",
        ["logging.remove-sensitive"],
        remove_sensitive
    ),
];

/// How many tools and prompts are given canaries.
const MOST_CALLS: usize = 40;

/// Something that must not be logged.
struct Canary {
    /// The value.
    value: &'static str,
    /// The key in `_meta` under which it is passed.
    key: &'static str,
    /// Parts of the names of arguments under which it is passed.
    names: &'static [&'static str],
}

const CREDENTIAL: Canary = Canary {
    value: "sk-conformance-Zr8vQ2mN4xKw71",
    key: "example.com/authorization",
    names: &[
        "password",
        "passphrase",
        "secret",
        "token",
        "api_key",
        "apikey",
        "credential",
        "authorization",
    ],
};

const PERSON: Canary = Canary {
    value: "conformance.canary+7f3a@example.com",
    key: "example.com/email",
    names: &["email", "e-mail", "phone", "address", "birth", "name"],
};

async fn no_credentials(context: &CheckContext) -> Judgement {
    stays_out(context, &[&CREDENTIAL]).await
}

async fn no_personal_data(context: &CheckContext) -> Judgement {
    stays_out(context, &[&PERSON]).await
}

async fn remove_sensitive(context: &CheckContext) -> Judgement {
    stays_out(context, &[&CREDENTIAL, &PERSON]).await
}

async fn stays_out(context: &CheckContext, canaries: &[&Canary]) -> Judgement {
    let survey = context.survey().await?;
    let session = context.fresh(ClientRole::complete()).await?;
    needs(&session, "logging", None)?;
    let level = json!({"level": "debug"});
    session.request("logging/setLevel", level).await.result()?;
    let mut planted = Vec::new();
    for canary in canaries {
        // What did not end in time before would only have to be waited for.
        let calls = survey.calls.iter().filter(|call| !call.reply.is_silence());
        for call in calls.take(MOST_CALLS) {
            let tool = survey.tools.get(List::Tools, &call.tool);
            let params = planted_call(call, tool.unwrap_or(&Value::Null), canary);
            planted.push(session.begin("tools/call", params).await);
        }
        for prompt in survey.gets.iter().take(MOST_CALLS) {
            let mut params = prompt.params.clone();
            let texts = params["arguments"].as_object_mut().into_iter().flatten();
            let free = texts.filter(|(name, _)| takes_any_text(name));
            free.for_each(|(_, value)| *value = canary.value.into());
            planted.push(
                session
                    .begin("prompts/get", with_canary(params, canary))
                    .await,
            );
        }
    }
    let from = planted.first().map_or(0, |pending| pending.from);
    for pending in &planted {
        if session
            .reply(pending, session.timing().call)
            .await
            .is_silence()
        {
            session.cancel(&pending.id).await;
        }
    }
    session.fence().await.map_err(Finding::Violation)?;
    let heard = session.log().since(from);
    let mut logged = heard
        .iter()
        .filter(|entry| entry.from_server() && entry.is("notifications/message"));
    let leak = logged.find(|entry| {
        let text = entry.text();
        canaries.iter().any(|canary| text.contains(canary.value))
    });
    let mut tally = Tally::default();
    tally.tried = planted.len();
    if let Some(leak) = leak {
        let values: Vec<&str> = canaries.iter().map(|canary| canary.value).collect();
        tally.fail(format!(
            "passed {} in arguments and in _meta; expected no log message with it; got {}",
            values.join(" and "),
            leak.text()
        ));
    }
    tally.judge(
        "calls and prompts were given what must not be logged",
        "there is no tool and no prompt to give it to",
    )
}

fn with_canary(mut params: Value, canary: &Canary) -> Value {
    params["_meta"] = json!({canary.key: canary.value});
    params
}

/// A call with the canary wherever the rule of this file puts it.
fn planted_call(call: &ToolCall, tool: &Value, canary: &Canary) -> Value {
    let schema = &tool["inputSchema"];
    let base = arguments::valid_with_everything(schema).unwrap_or(call.arguments.clone());
    let mut filled = base.clone();
    for (name, value) in filled.as_object_mut().into_iter().flatten() {
        let field = &schema["properties"][name];
        let free = value.is_string() && field["format"].is_null() && takes_any_text(name);
        if free && (is_named(name, canary) || is_incidental(tool, name)) {
            *value = canary.value.into();
        }
    }
    let fits = arguments::compile(schema).is_ok_and(|validator| validator.is_valid(&filled));
    let arguments = if fits { filled } else { base };
    with_canary(json!({"name": call.tool, "arguments": arguments}), canary)
}

/// Whether an argument's name leaves open what it takes: a URI or a path has
/// to be one, since it may come back as such.
fn takes_any_text(argument: &str) -> bool {
    let argument = argument.to_ascii_lowercase();
    !["uri", "url", "path", "file", "format", "type"]
        .iter()
        .any(|part| argument.contains(part))
}

fn is_named(argument: &str, canary: &Canary) -> bool {
    let argument = argument.to_ascii_lowercase();
    canary.names.iter().any(|name| argument.contains(name))
}

/// Whether logging this argument is not what the tool is for.
fn is_incidental(tool: &Value, argument: &str) -> bool {
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["log", "message", "notif"]
            .iter()
            .any(|word| text.contains(word))
    };
    let described = ["name", "title", "description"].map(|member| tool[member].as_str());
    !says(argument) && !described.into_iter().flatten().any(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tool_is_told_to_log_is_no_leak() {
        let echo = json!({"name": "echo", "description": "Gives the text back."});
        assert!(is_incidental(&echo, "text"));
        assert!(!is_incidental(&echo, "message"));
        let log = json!({"name": "log", "description": "Logs the text."});
        assert!(!is_incidental(&log, "text"));
        assert!(is_named("apiKey", &CREDENTIAL));
        assert!(!is_named("text", &CREDENTIAL));
        assert!(takes_any_text("who") && !takes_any_text("resourceUri"));
    }
}
