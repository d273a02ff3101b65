//! Completion:
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/completion>.

use serde_json::{Value, json};

use super::capabilities::needs;
use super::check::Check;
use super::context::CheckContext;
use super::failures::{self, no_result, refused};
use super::tally::Tally;
use super::unlisted::unlisted;
use crate::driver::Session;
use crate::model::{Finding, Judgement};
use crate::survey::Use;
use crate::survey::listing::List;
use crate::wire::shapes::Rule;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "completion/declare",
        "Declares completions if it serves them.",
        ["completion.declare"],
        declare
    ),
    check!(
        "completion/unsupported",
        "Answers with -32601 if it does not complete.",
        ["completion.error-unsupported"],
        unsupported
    ),
    check!(
        "completion/reference-kinds",
        "Completes for listed prompts and templates, and for no other kind.",
        ["completion.ref-kinds"],
        reference_kinds
    ),
    check!(
        "completion/context",
        "Accepts a context.",
        ["completion.context"],
        context
    ),
    check!(
        "completion/ranked",
        "Ranks values that begin with the input first.",
        ["completion.ranked"],
        ranked
    ),
    check!(
        "completion/unknown-prompt",
        "Answers an unknown prompt with -32602.",
        ["completion.error-prompt"],
        unknown_prompt
    ),
    check!(
        "completion/missing-members",
        "Answers missing members with -32602.",
        ["completion.error-missing", "completion.validate-should"],
        missing_members
    ),
    check!(
        "completion/internal-error",
        "Answers with -32603 when a completion fails.",
        ["completion.error-internal"],
        internal_error
    ),
    check!(
        "completion/validate",
        "Refuses members of the wrong type.",
        ["completion.validate"],
        validate
    ),
    shape!(
        "completion/shape",
        "Gives completions in the right shape.",
        ["completion.result-shape"],
        ["completion/complete"],
        ["CompleteResult", "CompleteResult.completion"],
        [Rule::Type]
    ),
    shape!(
        "completion/at-most-100",
        "Gives no more than 100 values.",
        ["completion.max-100"],
        ["completion/complete"],
        ["CompleteResult.completion"],
        [Rule::Limit]
    ),
    shape!(
        "completion/has-more",
        "Reports how many values it omitted.",
        ["completion.has-more"],
        ["completion/complete"],
        ["CompleteResult.completion"],
        [Rule::Count]
    ),
];

fn any() -> Value {
    json!({"ref": {"type": "ref/prompt", "name": "no such prompt"}, "argument": {"name": "a", "value": ""}})
}

async fn declare(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    if session.offers("completions", None) {
        return Ok("completions is declared".to_owned());
    }
    // With something that can be completed, if there is anything.
    let listed = context.survey().await?.completable().into_iter().next();
    let params = listed.map_or_else(any, |(_, params)| params);
    let reply = session.request("completion/complete", params).await;
    no_result(&reply, "an error, as completions is not declared")?;
    Ok("completions is not declared and not served".to_owned())
}

async fn unsupported(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    if session.offers("completions", None) {
        return Ok("completions is declared: there is nothing to refuse".to_owned());
    }
    session
        .request("completion/complete", any())
        .await
        .error_with(&[-32601])?;
    Ok("completion/complete was answered with -32601".to_owned())
}

/// Returns completions of the survey that got a result, and a session for more.
async fn working(context: &CheckContext) -> Result<(Session, Vec<&Use>), Finding> {
    let session = context.session().await?;
    needs(&session, "completions", None)?;
    let survey = context.survey().await?;
    Ok((
        session,
        survey
            .completions
            .iter()
            .filter(|used| used.reply.result().is_ok())
            .collect(),
    ))
}

const NOTHING: &str = "no completion of a listed argument succeeded";

async fn reference_kinds(context: &CheckContext) -> Judgement {
    let (session, working) = working(context).await?;
    let mut tally = Tally::default();
    tally.tried = working.len();
    for kind in ["ref/tool", "ref/Prompt", "prompt"] {
        let mut params = any();
        params["ref"]["type"] = kind.into();
        let reply = session.request("completion/complete", params).await;
        tally.note(no_result(&reply, "an error"));
    }
    tally.judge("references were distinguished", "")
}

async fn context(context: &CheckContext) -> Judgement {
    let (session, working) = working(context).await?;
    let mut tally = Tally::default();
    for used in &context.survey().await?.contextual {
        tally.note(used.reply.result());
    }
    for used in working.into_iter().take(10) {
        for given in [
            json!({}),
            json!({"arguments": {}}),
            json!({"arguments": {"other": "value"}}),
        ] {
            let mut params = used.params.clone();
            params["context"] = given;
            tally.note(
                session
                    .request("completion/complete", params)
                    .await
                    .result(),
            );
        }
    }
    tally.judge("completions with a context were given", NOTHING)
}

async fn ranked(context: &CheckContext) -> Judgement {
    let (session, working) = working(context).await?;
    let mut tally = Tally::default();
    for used in working.into_iter().take(10) {
        let Some(value) = used.reply.result()?["completion"]["values"][0].as_str() else {
            continue;
        };
        let mut params = used.params.clone();
        params["argument"]["value"] = value.into();
        let reply = session.request("completion/complete", params).await;
        let values: Vec<&str> = reply.result()?["completion"]["values"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let first = values
            .first()
            .is_none_or(|first| first.starts_with(value) || !values.contains(&value));
        tally.expect(first, || {
            reply.unexpected(&format!("{value:?} first")).to_string()
        });
    }
    tally.judge(
        "completions ranked values with the typed prefix first",
        NOTHING,
    )
}

async fn unknown_prompt(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    needs(&session, "completions", None)?;
    let mut params = any();
    params["ref"]["name"] = unlisted(context.survey().await?, List::Prompts).into();
    session
        .request("completion/complete", params)
        .await
        .error_with(&[-32602])?;
    Ok("an unknown prompt was answered with -32602".to_owned())
}

async fn internal_error(context: &CheckContext) -> Judgement {
    // Listed arguments need not be completable.
    let uses = &context.survey().await?.completions;
    failures::answered_with(uses, &[-32603, -32602], "completions of listed arguments")?;
    // The code is the right one for a failure. If all fail, nothing shows that the server looks at
    // them.
    let works = uses
        .iter()
        .any(|used| !failures::is_internal_error(&used.reply));
    let mut tally = Tally::default();
    for used in uses.iter().filter(|used| used.reply.error().is_ok()) {
        let judged = failures::not_internal(&used.reply, "values, or error -32602");
        tally.note(if works { Ok(()) } else { judged });
    }
    tally.judge("failures of completions had a defined error code", "")
}

async fn missing_members(context: &CheckContext) -> Judgement {
    let (session, working) = working(context).await?;
    let base = working.first().map_or_else(any, |used| used.params.clone());
    let mut tally = Tally::default();
    for (outer, inner) in [
        ("ref", None),
        ("argument", None),
        ("argument", Some("name")),
        ("argument", Some("value")),
        ("ref", Some("type")),
    ] {
        let mut params = base.clone();
        let owner = if inner.is_some() {
            &mut params[outer]
        } else {
            &mut params
        };
        if let Some(members) = owner.as_object_mut() {
            members.remove(inner.unwrap_or(outer));
        }
        tally.note(
            session
                .request("completion/complete", params)
                .await
                .error_with(&[-32602]),
        );
    }
    tally.judge(
        "requests with a missing member were answered with -32602",
        "",
    )
}

async fn validate(context: &CheckContext) -> Judgement {
    let (session, working) = working(context).await?;
    let base = working.first().map_or_else(any, |used| used.params.clone());
    let mut tally = Tally::default();
    for (pointer, value) in [
        ("/ref", json!("ref/prompt")),
        ("/argument", json!([])),
        ("/argument/name", json!(1)),
        ("/argument/value", json!({})),
        ("/context", json!("none")),
        ("/context", json!({"arguments": {"other": 1}})),
    ] {
        let mut params = base.clone();
        params["context"] = json!({});
        if let Some(place) = params.pointer_mut(pointer) {
            *place = value;
        }
        let reply = session.request("completion/complete", params).await;
        tally.note(refused(&reply, "an error"));
    }
    tally.judge("requests with ill-typed members were refused", "")
}
