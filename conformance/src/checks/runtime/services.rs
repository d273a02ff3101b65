//! Services: the component has the lists, and the host hands them on.

use std::time::Duration;

use serde_json::{Value, json};

use super::{RuntimeCheck, answers, comes, does_not_come, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, invoke, invoke_with_token};
use crate::checks::{Judgement, Tally};
use crate::driver::ClientRole;
use crate::runtime::Base;

const SERVICES: &[Base] = &[Base::Service];

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-services/pages",
        "Passes on the pages of a catalog unchanged, and no others.",
        ["wit.catalog.pages-as-they-are"],
        SERVICES,
        pages
    ),
    runtime_check!(
        "runtime-services/every-name",
        "Passes every name to a service, and its refusal to the client.",
        ["wit.call-tool.service-every-name"],
        SERVICES,
        every_name
    ),
    runtime_check!(
        "runtime-services/structured",
        "Checks structured content against a schema that it has seen.",
        ["wit.call-tool.output-schema"],
        SERVICES,
        structured
    ),
    runtime_check!(
        "runtime-services/schema-outside",
        "Refuses a list with a schema that refers to another document.",
        ["wit.content.broken-result"],
        SERVICES,
        schema_outside
    ),
    runtime_check!(
        "runtime-services/undeclared-changes",
        "Sends no notification of changes that were not declared.",
        ["wit.catalog.list-changed-declared"],
        SERVICES,
        undeclared_changes
    ),
    runtime_check!(
        "runtime-services/changes",
        "Notifies the client of changes that a service declared and reports.",
        ["wit.notifications.changed"],
        SERVICES,
        changes
    ),
    runtime_check!(
        "runtime-services/registration",
        "Answers invalid-state where a service registers, unregisters or serves.",
        ["wit.register.service"],
        SERVICES,
        registration
    ),
    runtime_check!(
        "runtime-services/no-walk",
        "Asks a service for the pages that the client asks for, and for no others.",
        ["wit.catalog.no-walk"],
        SERVICES,
        no_walk
    ),
    runtime_check!(
        "runtime-services/nothing-late",
        "Sends nothing for a request that has ended.",
        ["wit.context.nothing-after-end"],
        SERVICES,
        nothing_late
    ),
];

async fn pages(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let reply = session.request("tools/list", Value::Null).await;
    let page = reply.result()?;
    let names: Vec<&Value> = page["tools"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|tool| &tool["name"])
        .collect();
    if names != [&json!("echo"), &json!("measure")] || page["nextCursor"] != "at-2" {
        return Err(reply.unexpected(
            "the tools echo and measure and the cursor at-2, as the service gives them",
        ));
    }
    let reply = session
        .request("tools/list", json!({"cursor": "at-1"}))
        .await;
    reply.error_with(&[-32602])?;
    Ok("the first page was the service's, and so was the refusal of a cursor".to_owned())
}

async fn every_name(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    invoke(&session, "no-such-tool", json!({}))
        .await
        .error_with(&[-32602])?;
    let session = stand
        .session_in("unknown-tool-served", ClientRole::complete())
        .await?;
    invoke(&session, "no-such-tool", json!({})).await.result()?;
    Ok("the service was asked for a name that it does not list".to_owned())
}

async fn structured(stand: &Stand) -> Judgement {
    let session = stand
        .session_in("structured-mismatch", ClientRole::complete())
        .await?;
    session.request("tools/list", Value::Null).await.result()?;
    invoke(&session, "measure", json!({}))
        .await
        .error_with(&[-32603])?;
    Ok("structured content was refused that does not fit".to_owned())
}

async fn schema_outside(stand: &Stand) -> Judgement {
    let session = stand
        .session_in("schema-remote", ClientRole::complete())
        .await?;
    session
        .request("tools/list", Value::Null)
        .await
        .error_with(&[-32603])?;
    Ok("a list with a schema that refers to another document was refused".to_owned())
}

async fn undeclared_changes(stand: &Stand) -> Judgement {
    let session = stand
        .session_in("change-undeclared", ClientRole::complete())
        .await?;
    let from = session.log().len();
    invoke(&session, "wait", json!({})).await.result()?;
    let mut tally = Tally::default();
    for method in [
        "notifications/tools/list_changed",
        "notifications/resources/updated",
    ] {
        tally.note(does_not_come(&session, from, method, "a change that was not declared").await);
    }
    tally.judge("kinds of changes were not told", "")
}

async fn changes(stand: &Stand) -> Judgement {
    let session = stand.session_in("full", ClientRole::complete()).await?;
    let from = session.log().len();
    invoke(&session, "probe-change", json!({})).await.result()?;
    for list in ["tools", "resources", "prompts"] {
        let method = format!("notifications/{list}/list_changed");
        comes(
            &session,
            from,
            &method,
            "a change that the service reported",
        )
        .await?;
    }
    Ok("changes of all lists were reported".to_owned())
}

async fn registration(stand: &Stand) -> Judgement {
    let functions = [
        "register-server",
        "register-tools",
        "unregister-tools",
        "register-resources",
        "unregister-resources",
        "register-resource-templates",
        "unregister-resource-templates",
        "register-prompts",
        "unregister-prompts",
        "serve",
    ];
    let expected = functions.map(|function| (function, "invalid-state"));
    answers(stand, "probe-registration", &expected).await
}

async fn no_walk(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let uses = [
        ("tools/call", json!({"name": "measure", "arguments": {}})),
        (
            "tools/call",
            json!({"name": "echo", "arguments": {"text": "a"}}),
        ),
        ("prompts/get", json!({"name": "plain"})),
        ("resources/read", json!({"uri": "service:///text"})),
    ];
    for (method, params) in uses {
        session.request(method, params).await.result()?;
    }
    let lists = [
        "tools/list",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
    ];
    for (listed, list) in lists.iter().enumerate() {
        for _ in 0..2 {
            let pages = ask(&session, "probe-catalog").await?["pages"].clone();
            if pages != json!(listed) {
                return violation(
                    &format!("{listed} pages to be asked for, as by the client"),
                    format!("the service counted {pages}"),
                );
            }
        }
        session.request(list, Value::Null).await.result()?;
    }
    Ok("the service was asked for no page that the client did not ask for".to_owned())
}

async fn nothing_late(stand: &Stand) -> Judgement {
    let session = stand
        .session_in("progress-late", ClientRole::complete())
        .await?;
    let reply = invoke_with_token(&session, "wait", json!("late")).await;
    reply.result()?;
    let from = reply
        .entry
        .as_ref()
        .map_or(reply.from, |entry| entry.index + 1);
    // The probe reports 60 ms after its answer.
    tokio::time::sleep(Duration::from_millis(200)).await;
    for method in ["notifications/progress", "notifications/message"] {
        if let Some(params) = super::seen(&session, from, method).first() {
            return violation(
                &format!("no {method} after the answer"),
                format!("got {params}"),
            );
        }
    }
    Ok("nothing was sent for a request that had ended".to_owned())
}
