//! Tools: <https://modelcontextprotocol.io/specification/2025-06-18/server/tools>.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::capabilities::needs;
use super::check::Check;
use super::context::CheckContext;
use super::failures::{answered_with_error, is_internal_error, no_result, not_internal, refused};
use super::lifecycle::judge_gates;
use super::tally::Tally;
use super::unlisted::unlisted_among;
use super::{changes, mangling};
use crate::arguments;
use crate::driver::text::{is_replaced, mend};
use crate::driver::{Body, ClientRole};
use crate::model::duration::in_words;
use crate::model::{Finding, Judgement};
use crate::survey::listing::{self, List};
use crate::survey::{MAX_BROKEN, ToolCall, texts_of};
use crate::wire::shapes::{Rule, excerpt};

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "tools/declare",
        "Declares tools if it lists or calls them.",
        ["tools.declare", "architecture.tools-need-tools-cap"],
        declare
    ),
    check!(
        "tools/unique-names",
        "Lists each tool once across all pages.",
        ["tools.unique-names"],
        unique_names
    ),
    check!(
        "tools/schemas-valid",
        "Gives schemas that are valid JSON schemas.",
        ["tools.input-schema-valid"],
        schemas_valid
    ),
    check!(
        "tools/call-without-arguments",
        "Accepts a call without arguments if none is required.",
        ["tools.call-no-arguments"],
        call_without_arguments
    ),
    check!(
        "tools/output-schema-provided",
        "Returns structured content if the tool promises it.",
        ["tools.output-schema-provided"],
        output_provided
    ),
    check!(
        "tools/output-schema-conform",
        "Returns structured content that its schema allows.",
        ["tools.output-schema-conform"],
        output_conforms
    ),
    check!(
        "tools/structured-text",
        "Repeats structured content as text.",
        ["tools.structured-text-copy"],
        structured_text
    ),
    check!(
        "tools/unknown-tool",
        "Answers the call of an unknown tool with an error.",
        ["tools.error-unknown-tool"],
        unknown_tool
    ),
    check!(
        "tools/unknown-tool-finding",
        "Reports an unknown tool as a protocol error.",
        ["tools.error-finding"],
        unknown_tool
    ),
    check!(
        "tools/invalid-arguments",
        "Refuses arguments that the input schema does not allow.",
        ["tools.error-invalid-arguments", "tools.validate-inputs"],
        invalid_arguments
    ),
    check!(
        "tools/hidden-faults",
        "Reports internal faults as errors, not as successes.",
        ["tools.error-server"],
        hidden_faults
    ),
    check!(
        "tools/listed-tools-answer",
        "Answers arguments that the input schema allows, without an internal error.",
        ["tools.error-in-result"],
        listed_tools_answer
    ),
    check!(
        "tools/list-changed",
        "Announces changes of its list.",
        ["tools.list-changed"],
        list_changed
    ),
    check!(
        "tools/linked-resources",
        "Links only to readable resources.",
        ["tools.resource-link"],
        linked_resources
    ),
    check!(
        "tools/embedded-capability",
        "Declares resources if a tool embeds some.",
        ["tools.embedded-capability"],
        embedded_capability
    ),
    check!(
        "tools/utf-8",
        "Returns text of every script unchanged.",
        ["transport.utf8"],
        keeps_text
    ),
    observe!(
        "tools/list-changed-declared",
        "Announces changes only if declared.",
        ["tools.list-changed"],
        |evidence| judge_gates(evidence, |method| method
            == "notifications/tools/list_changed")
    ),
    shape!(
        "tools/list-shape",
        "Lists tools in the right shape.",
        ["tools.list-shape"],
        ["tools/list"],
        ["ListToolsResult", "Tool"],
        [Rule::Type]
    ),
    shape!("tools/input-schema-object", "Gives each tool an input schema for an object.",
        ["tools.input-schema-object"], ["tools/list"], ["Tool", "Tool.inputSchema"], [Rule::Type, Rule::Word],
        at "result.tools"),
    shape!(
        "tools/output-schema-object",
        "Gives output schemas for objects.",
        ["tools.output-schema-object"],
        ["tools/list"],
        ["Tool.outputSchema"],
        [Rule::Type, Rule::Word]
    ),
    shape!(
        "tools/annotations-shape",
        "Uses booleans as hints.",
        ["tools.annotations-shape"],
        ["tools/list"],
        ["ToolAnnotations"],
        [Rule::Type]
    ),
    shape!("tools/result-content", "Returns content in every result.", ["tools.call-result-content"],
        ["tools/call"], ["CallToolResult"], [Rule::Type], at "result.content"),
    shape!("tools/is-error", "Uses a boolean for isError.", ["tools.result-is-error-boolean"],
        ["tools/call"], ["CallToolResult"], [Rule::Type], at "result.isError"),
    shape!("tools/structured-object", "Returns structured content as an object.", ["tools.structured-object"],
        ["tools/call"], ["CallToolResult"], [Rule::Type], at "result.structuredContent"),
    shape!("tools/content-kinds", "Returns blocks of the five kinds with their members.", ["tools.content-kinds"],
        ["tools/call"],
        ["CallToolResult", "TextContent", "ImageContent", "AudioContent", "ResourceLink", "EmbeddedResource",
         "ResourceContents", "TextResourceContents", "BlobResourceContents"],
        [Rule::Type, Rule::Word, Rule::NoBody], at "result.content["),
    shape!(
        "tools/content-base64",
        "Encodes images and audio as base64 and declares their media type.",
        ["tools.content-base64"],
        ["tools/call"],
        ["ImageContent", "AudioContent"],
        [Rule::Base64, Rule::MediaType, Rule::Type]
    ),
    shape!(
        "tools/resource-link-shape",
        "Gives links a name and a URI.",
        ["schema.resource-link-shape"],
        ["tools/call", "prompts/get"],
        ["ResourceLink"],
        [Rule::Type, Rule::Uri]
    ),
    shape!(
        "tools/embedded-uri",
        "Embeds resources with a URI.",
        ["tools.embedded-may"],
        ["tools/call"],
        [
            "ResourceContents",
            "TextResourceContents",
            "BlobResourceContents"
        ],
        [Rule::Uri]
    ),
];

const NO_TOOL: &str = "no tool was called";

async fn declare(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    if session.offers("tools", None) {
        return Ok("tools is declared".to_owned());
    }
    let list = session.request("tools/list", Value::Null).await;
    let call = session.request("tools/call", json!({"name": "any"})).await;
    for reply in [list, call] {
        no_result(&reply, "an error, as tools is not declared")?;
    }
    Ok("tools is not declared and not served".to_owned())
}

async fn unique_names(context: &CheckContext) -> Judgement {
    names_once(context, List::Tools).await
}

/// Checks that a list has each name (or URI) once.
pub async fn names_once(context: &CheckContext, list: List) -> Judgement {
    needs(&context.session().await?, list.capability(), None)?;
    let survey = context.survey().await?;
    let mut names = HashSet::new();
    let mut tally = Tally::default();
    for name in survey.listing(list).names(list) {
        tally.expect(names.insert(name), || {
            format!("{} lists {name:?} twice", list.method())
        });
    }
    tally.judge("names, none of them twice", "the list is empty")
}

async fn schemas_valid(context: &CheckContext) -> Judgement {
    needs(&context.session().await?, "tools", None)?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for tool in &survey.tools.items {
        for member in ["inputSchema", "outputSchema"] {
            let Some(schema) = tool.get(member) else {
                continue;
            };
            match arguments::compile(schema) {
                Ok(_) => {
                    tally.tried += 1;
                    for doubt in arguments::doubts(schema) {
                        let told = format!("{member} of {}, {doubt}", tool["name"]);
                        tally.note::<()>(Err(Finding::Warning(told)));
                    }
                }
                Err(fault) => {
                    let told = format!("{member} of {}, {fault}", tool["name"]);
                    if fault.is_certain() {
                        tally.expect(false, || told);
                    } else {
                        tally.leave(told);
                    }
                }
            }
        }
    }
    tally.judge("schemas are valid", "the server lists no tool")
}

async fn call_without_arguments(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let survey = context.survey().await?;
    let mut free: Vec<&ToolCall> = survey
        .calls
        .iter()
        .filter(|call| call.arguments == json!({}) && call.succeeded())
        .collect();
    free.sort_by_key(|call| call.took);
    let succeeds = async |params: Value| {
        let reply = session.request("tools/call", params).await;
        let success = match &reply.body {
            Body::Error(_) => false,
            _ => reply.result()?["isError"] != true,
        };
        Ok::<_, Finding>((success, reply))
    };
    for call in free {
        let with = || json!({"name": call.tool, "arguments": {}});
        let without = json!({"name": call.tool});
        // The tool may depend on earlier calls. Its failure without arguments counts only if it
        // succeeds with empty arguments before and after.
        if !succeeds(with()).await?.0 {
            continue;
        }
        let (as_well, reply) = succeeds(without).await?;
        if as_well {
            return Ok(format!("{} was called without arguments", call.tool));
        }
        if succeeds(with()).await?.0 {
            return Err(reply.unexpected("the same success as with empty arguments"));
        }
    }
    Err(Finding::Skip(
        "no tool without required arguments succeeds reliably".to_owned(),
    ))
}

/// Returns successful calls of tools with an output schema.
async fn structured_calls(context: &CheckContext) -> Result<Vec<(&ToolCall, &Value)>, Finding> {
    let survey = context.survey().await?;
    let with_schema = |call| {
        let call: &ToolCall = call;
        Some((
            call,
            survey
                .tools
                .get(List::Tools, &call.tool)?
                .get("outputSchema")?,
        ))
    };
    Ok(survey.successes().filter_map(with_schema).collect())
}

async fn output_provided(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for (call, _) in structured_calls(context).await? {
        let given = call.reply.result()?.get("structuredContent").is_some();
        tally.expect(given, || {
            call.reply
                .unexpected("structuredContent, as there is an output schema")
                .to_string()
        });
    }
    tally.judge(
        "structured results were given",
        "no tool with an output schema succeeded",
    )
}

async fn output_conforms(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for (call, schema) in structured_calls(context).await? {
        let result = call.reply.result()?;
        let Some(content) = result.get("structuredContent") else {
            continue;
        };
        let validator = match arguments::compile(schema) {
            Ok(validator) => validator,
            Err(fault) => {
                // Another check judges the schema itself.
                let what = format!("outputSchema of {:?}, {fault}", call.tool);
                tally.leave(format!("{what}: its structured content was not validated"));
                continue;
            }
        };
        let fault = validator.validate(content).err().map(|error| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { "the top" } else { &place };
            format!("at {place}: {error}")
        });
        tally.expect(fault.is_none(), || {
            format!(
                "{} {}: {} (structuredContent is {})",
                call.tool,
                call.arguments,
                fault.unwrap_or_default(),
                excerpt(content)
            )
        });
    }
    tally.judge(
        "structured results conform to their schemas",
        "no tool with an output schema succeeded",
    )
}

async fn structured_text(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for call in survey.successes() {
        let result = call.reply.result()?;
        let Some(structured) = result.get("structuredContent") else {
            continue;
        };
        // Mended in the same way as the message.
        let parsed = |text: &str| {
            let (mended, _) = mend(text.as_bytes());
            serde_json::from_slice::<Value>(&mended).ok()
        };
        let texts = texts_of(result);
        let repeated = texts
            .iter()
            .any(|text| parsed(text).as_ref() == Some(structured));
        tally.expect(repeated, || {
            format!("{}: no text block holds {structured}", call.tool)
        });
    }
    tally.judge(
        "structured results are repeated as text",
        "no structured result was seen",
    )
}

async fn unknown_tool(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    needs(&session, "tools", None)?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for name in unlisted_among(survey, List::Tools, &["", "no such tool \u{1f600}"]) {
        let reply = session
            .request("tools/call", json!({"name": name, "arguments": {}}))
            .await;
        tally.note(answered_with_error(&reply));
    }
    tally.judge("unknown tools were answered with an error", "")
}

async fn invalid_arguments(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let survey = context.survey().await?;
    // A server in front of others may know the schemas from this list alone, and another check may
    // have changed it.
    if !survey.calls.is_empty() {
        listing::read(&session, List::Tools).await;
    }
    let mut tally = Tally::default();
    let calls = survey.calls.iter().take(MAX_BROKEN);
    for call in calls.filter(|call| !call.was_fatal()) {
        let Some(tool) = survey.tools.get(List::Tools, &call.tool) else {
            continue;
        };
        for mutation in arguments::invalid(&tool["inputSchema"]) {
            let params = json!({"name": call.tool, "arguments": mutation.arguments});
            let pending = session.begin("tools/call", params).await;
            let reply = session.refusal(&pending).await;
            let expected = format!("an error or isError (arguments {})", mutation.what);
            tally.note(refused(&reply, &expected));
            if reply.is_silence() {
                // It runs with arguments that it should have refused.
                session.cancel(&pending.id).await;
                break;
            }
        }
    }
    tally.judge(
        "calls with invalid arguments were refused",
        "no tool has a schema that can be broken",
    )
}

/// Typical texts of internal faults.
const FAULTS: [&str; 4] = [
    "Traceback (most recent call last)",
    "panicked at ",
    "Internal Server Error",
    "Unhandled exception",
];

/// Returns true if a text is a protocol error or reports one, and was not part of the tool's input.
fn is_hidden_fault(text: &str, call: &ToolCall) -> bool {
    if call.arguments.to_string().contains(text) {
        return false;
    }
    let value = serde_json::from_str::<Value>(text).unwrap_or_default();
    let is_error = |error: &Value| error["code"].is_i64() && error["message"].is_string();
    is_error(&value["error"])
        || FAULTS
            .iter()
            .any(|fault| text.trim_start().starts_with(fault))
}

async fn hidden_faults(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for call in survey.calls.iter().filter(|call| call.succeeded()) {
        let texts = texts_of(call.reply.result()?);
        let hidden = texts.into_iter().find(|text| is_hidden_fault(text, call));
        tally.expect(hidden.is_none(), || {
            call.reply
                .unexpected("an error, or isError, for a text that looks like an internal fault")
                .to_string()
        });
    }
    tally.judge("successes show no internal fault", NO_TOOL)
}

async fn listed_tools_answer(context: &CheckContext) -> Judgement {
    needs(&context.session().await?, "tools", None)?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for call in &survey.calls {
        match &call.reply.body {
            Body::Refused(why) if call.has_no_answer() => {
                tally.note::<()>(Err(match call.lost {
                    true => Finding::Crash(format!("{}: the server was lost: {why}", call.shown())),
                    false => Finding::Violation(format!("{}: its call got {why}", call.shown())),
                }));
                continue;
            }
            Body::Closed(why) => {
                let ended = format!("{}: the server ended the connection ({why})", call.shown());
                tally.note::<()>(Err(Finding::Crash(ended)));
                continue;
            }
            Body::Silence(_) if call.hung => {
                let (given, time) = (call.shown(), in_words(call.took));
                let ping = in_words(context.timing().answer);
                tally.note::<()>(Err(Finding::Violation(format!(
                    "{given}: the server hangs: the call got no answer within {time}, and a ping \
                     after its cancellation none within {ping}"
                ))));
                continue;
            }
            Body::Result(_) | Body::Error(_) => {}
            // The reaction to its arguments was not seen.
            Body::Refused(_) | Body::Silence(_) => continue,
        }
        let works = !is_internal_error(&call.reply) || answers_otherwise(context, call).await?;
        tally.expect(works, || {
            let lead = format!("{} answers nothing but internal errors", call.tool);
            format!(
                "{lead}; sent {}; got {}",
                call.reply.sent,
                call.reply.came()
            )
        });
    }
    let counted = match tally.tried {
        1 => "tool answered valid arguments",
        _ => "tools answered valid arguments",
    };
    tally.judge(counted, NO_TOOL)
}

/// Returns true if a tool that answered an internal error answers differently for other valid
/// arguments. Each call has its own session, so that no earlier call is to blame.
async fn answers_otherwise(context: &CheckContext, call: &ToolCall) -> Result<bool, Finding> {
    let survey = context.survey().await?;
    let schema = survey
        .tools
        .get(List::Tools, &call.tool)
        .map_or(&Value::Null, |tool| &tool["inputSchema"]);
    for arguments in arguments::variants(schema) {
        let session = context.fresh(ClientRole::complete()).await?;
        // As before the first call: the server may check arguments against schemas only for clients
        // that listed the tools.
        session.request("tools/list", Value::Null).await;
        let params = json!({"name": call.tool, "arguments": arguments});
        let reply = session.probe("tools/call", params).await;
        if !is_internal_error(&reply) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn list_changed(context: &CheckContext) -> Judgement {
    changes::announced(context, List::Tools, "notifications/tools/list_changed").await
}

async fn linked_resources(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    needs(&session, "resources", None)?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for call in survey.calls.iter().filter(|call| call.succeeded()) {
        let blocks = call.reply.result()?["content"]
            .as_array()
            .into_iter()
            .flatten();
        for uri in blocks
            .filter(|block| block["type"] == "resource_link")
            .filter_map(|block| block["uri"].as_str())
            .filter(|uri| !(call.reply.is_mended() && is_replaced(uri)))
        {
            let reply = session.request("resources/read", json!({"uri": uri})).await;
            // A client may fetch it by other means than resources/read.
            tally.note(
                reply
                    .result()
                    .map_err(|finding| Finding::Warning(finding.to_string())),
            );
        }
    }
    tally.judge(
        "linked resources were read",
        "no tool was seen to link a resource",
    )
}

async fn embedded_capability(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    for call in survey.calls.iter().filter(|call| call.succeeded()) {
        let mut blocks = call.reply.result()?["content"]
            .as_array()
            .into_iter()
            .flatten();
        if blocks.any(|block| block["type"] == "resource") {
            tally.expect(session.offers("resources", None), || {
                format!("{} embeds a resource", call.tool)
            });
        }
    }
    tally.judge(
        "tools that embed resources were seen",
        "no tool was seen to embed a resource",
    )
}

async fn keeps_text(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let survey = context.survey().await?;
    let (call, name) = survey
        .echo()
        .ok_or_else(|| Finding::Skip(NO_ECHO.to_owned()))?;
    let schema = survey.tools.get(List::Tools, &call.tool);
    let schema = schema.and_then(|tool| arguments::compile(&tool["inputSchema"]).ok());
    let mut tally = Tally::default();
    for text in ["Käse – 漢字 mangled", "smile \u{1f600}\u{10ffff} mangled"] {
        let mut arguments = call.arguments.clone();
        arguments[name] = text.into();
        if !schema.as_ref().is_some_and(|it| it.is_valid(&arguments)) {
            continue;
        }
        let params = json!({"name": call.tool, "arguments": arguments});
        let reply = session.request("tools/call", params).await;
        tally.note(not_internal(&reply, "the text, or isError"));
        // A tool may restrict texts in ways that its schema does not tell.
        let Some(result) = reply.result().ok().filter(|it| it["isError"] != true) else {
            continue;
        };
        let got = mangling::all_texts(result);
        let kept = got.iter().any(|got| got.contains(text));
        let mangled = mangling::mangled(text);
        let harmed = mangled
            .iter()
            .find(|harmed| got.iter().any(|got| got.contains(*harmed)));
        if kept || harmed.is_some() {
            tally.expect(kept, || {
                let expected = format!("the text {text:?}, not {harmed:?},");
                reply
                    .unexpected(&format!("{expected} in the result"))
                    .to_string()
            });
        }
    }
    tally.judge("texts were returned unchanged", NO_ECHO)
}

const NO_ECHO: &str = "no tool was seen to return its text argument";
