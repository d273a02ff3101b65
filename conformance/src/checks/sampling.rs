//! Sampling: <https://modelcontextprotocol.io/specification/2025-06-18/client/sampling>.

use serde_json::json;

use super::check::Check;
use super::context::CheckContext;
use super::failures::is_internal_error;
use super::lifecycle::judge_gates;
use super::tally::Tally;
use crate::driver::ClientRole;
use crate::driver::client_role::{Answer, Asked};
use crate::model::{Finding, Judgement};
use crate::wire::shapes::Rule;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "sampling/error-answer",
        "Handles a client that refuses to sample.",
        ["sampling.server-handles-error"],
        error_answer
    ),
    check!(
        "sampling/odd-answer",
        "Survives a malformed sample.",
        ["sampling.validate"],
        odd_answer
    ),
    check!(
        "sampling/modest-answer",
        "Accepts a shorter sample, or one of another model, than requested.",
        ["sampling.advisory"],
        modest_answer
    ),
    observe!(
        "sampling/client-capability",
        "Asks to sample only if the client can.",
        ["architecture.sampling-needs-client-cap"],
        |evidence| judge_gates(evidence, |method| method == "sampling/createMessage")
    ),
    shape!(
        "sampling/request-required",
        "Sends messages and maxTokens.",
        ["sampling.request-required"],
        ["sampling/createMessage"],
        ["CreateMessageRequest.params"],
        [Rule::Type]
    ),
    shape!(
        "sampling/message-shape",
        "Sends messages with a role and one block of text, image or audio.",
        ["sampling.request-message-shape"],
        ["sampling/createMessage"],
        [
            "SamplingMessage",
            "TextContent",
            "ImageContent",
            "AudioContent"
        ],
        [Rule::Type, Rule::Word, Rule::Base64]
    ),
    shape!(
        "sampling/priorities",
        "Uses priorities from 0 to 1.",
        ["sampling.request-priorities"],
        ["sampling/createMessage"],
        ["ModelPreferences"],
        [Rule::Priority]
    ),
    shape!("sampling/include-context", "Asks for a defined kind of context.", ["sampling.request-include-context"],
        ["sampling/createMessage"], ["CreateMessageRequest.params"], [Rule::Word], at "params.includeContext"),
    shape!(
        "sampling/optional-types",
        "Sends everything else with the right type.",
        ["sampling.request-optional-types"],
        ["sampling/createMessage"],
        [
            "CreateMessageRequest.params",
            "ModelPreferences",
            "ModelHint"
        ],
        [Rule::Type]
    ),
];

async fn error_answer(context: &CheckContext) -> Judgement {
    let answers = [
        Answer::Error(-1, "User rejected sampling request"),
        Answer::Error(-32603, "no model is available"),
    ];
    answered_with(context, Asked::Sampling, &answers).await
}

async fn odd_answer(context: &CheckContext) -> Judgement {
    let answers = [
        Answer::Result(json!({})),
        Answer::Result(
            json!({"role": "robot", "model": "m", "content": {"type": "text", "text": "x"}}),
        ),
        Answer::Result(json!({"role": "assistant", "model": "m", "content": []})),
        Answer::Result(json!({"role": "assistant", "model": "m", "content": {"type": "video"}})),
    ];
    answered_with(context, Asked::Sampling, &answers).await
}

async fn modest_answer(context: &CheckContext) -> Judgement {
    let sample = json!({"role": "assistant", "model": "", "content": {"type": "text", "text": ""}, "stopReason": "other"});
    answered_with(context, Asked::Sampling, &[Answer::Result(sample)]).await
}

/// Checks that a tool that asks the client ends for each of these answers.
///
/// # Errors
///
/// A violation when a call is never answered, a skip when no tool asks.
pub async fn answered_with(context: &CheckContext, asked: Asked, answers: &[Answer]) -> Judgement {
    let survey = context.survey().await?;
    let call = survey.asking(asked)?;
    let session = context.fresh(ClientRole::complete()).await?;
    let mut tally = Tally::default();
    let mut internal = 0;
    for answer in answers {
        session.role().set(asked, answer.clone());
        let reply = session.request("tools/call", call.params()).await;
        let ended = reply.result().is_ok() || reply.error().is_ok();
        tally.expect(ended, || {
            let sent = reply.unexpected("a result or an error");
            format!("{} was answered with {answer:?}; {sent}", asked.method())
        });
        internal += usize::from(is_internal_error(&reply));
    }
    // One answer may well be an internal problem of the server; all of them hide what it does.
    if internal == answers.len() {
        let what = format!("{} got nothing but internal errors", call.tool);
        tally.note::<()>(Err(Finding::Remark(what)));
    }
    tally.note(
        session
            .expect_alive(&format!("unusual answers to {}", asked.method()))
            .await,
    );
    tally.judge("unusual answers of the client did no harm", "")
}
