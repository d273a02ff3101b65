//! Secrets and personal data in logs:
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/logging#security>.
//!
//! A tool whose purpose is to log its input may do so. A value that looks secret or personal is
//! therefore only planted
//!
//! - in `_meta` of a call, under a telling key,
//! - in an argument with a telling name (`password`, `email`),
//! - in free text of a tool that does not mention logging or forwarding in its name, its
//!   description or the argument's name.
//!
//! If it then appears in `notifications/message`, the server logged it without a reason.

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
        "Does not log credentials that it received.",
        ["logging.no-credentials"],
        no_credentials
    ),
    check!(
        "logging/no-personal-data",
        "Does not log personal data that it received.",
        ["logging.no-pii"],
        no_personal_data
    ),
    check!(
        "logging/remove-sensitive",
        "Removes sensitive data before it logs.",
        ["logging.remove-sensitive"],
        remove_sensitive
    ),
];

/// The highest number of tools and prompts that receive canaries.
const MAX_CALLS: usize = 40;

/// A value that must not be logged.
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
        // Calls that timed out before would only time out again.
        let calls = survey.calls.iter().filter(|call| !call.reply.is_silence());
        for call in calls.take(MAX_CALLS) {
            let tool = survey.tools.get(List::Tools, &call.tool);
            let params = planted_call(call, tool.unwrap_or(&Value::Null), canary);
            planted.push(session.begin("tools/call", params).await);
        }
        for prompt in survey.gets.iter().take(MAX_CALLS) {
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
            leak.shown()
        ));
    }
    tally.judge(
        "calls and prompts were given what must not be logged",
        "there is no tool or prompt to receive it",
    )
}

fn with_canary(mut params: Value, canary: &Canary) -> Value {
    params["_meta"] = json!({canary.key: canary.value});
    params
}

/// Plants the canary in a call according to the rules of this file.
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

/// Returns true if an argument's name allows any text. A URI or a path must be one, since it may be
/// returned as such.
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

/// Returns true if logging this argument is not the purpose of the tool.
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
    fn logging_on_purpose_is_not_a_leak() {
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
