//! A question to the user and to the model at the same time, of which the slower one is withdrawn.

use std::pin::pin;

use futures::future::{Either, select};
use serde_json::json;

use super::client_requests::failed;
use super::elicitation::describe;
use super::entry::{Call, Entry, Outcome, no_arguments};
use super::sampling::text_request;
use crate::bindings::wasi::mcp::content::{
    BooleanSchema, ElicitParams, PrimitiveSchema, RequestedSchema, StringSchema,
};
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::types::Error;
use crate::content::structured_result;
use crate::edge;

pub fn entries() -> Vec<Entry> {
    vec![Entry::new(
        "ask-user-and-model",
        "Asks the user and the model at once, withdraws the slower question, and asks the user to confirm.",
        no_arguments(),
        |call| Box::pin(ask(call)),
    )]
}

async fn ask(call: Call) -> Outcome {
    let confirmed = async {
        let first = first(&call.context).await?;
        let field = PrimitiveSchema::Boolean(BooleanSchema::default());
        let question = form(format!("Is the {first} right?"), "agreed", field);
        let answer = edge::elicit(&call.context, question).await?;
        Ok(json!({ "first": first, "confirmation": describe(answer) }))
    };
    match confirmed.await {
        Ok(result) => Ok(structured_result(result.to_string())),
        Err(error) => failed(error),
    }
}

/// Returns who answers first. The other question is withdrawn, because its future is dropped.
async fn first(context: &RequestContext) -> Result<&'static str, Error> {
    let field = PrimitiveSchema::Text(StringSchema::default());
    let question = form("What is the answer?".into(), "answer", field);
    let user = pin!(edge::elicit(context, question));
    let model = pin!(edge::create_message(
        context,
        text_request("What is the answer?")
    ));
    match select(user, model).await {
        Either::Left((answer, _)) => answer.map(|_| "user"),
        Either::Right((answer, _)) => answer.map(|_| "model"),
    }
}

fn form(message: String, name: &str, field: PrimitiveSchema) -> ElicitParams {
    ElicitParams {
        message,
        requested_schema: RequestedSchema {
            properties: vec![(name.to_owned(), field)],
            required: Some(vec![name.to_owned()]),
            extra: None,
        },
        ..ElicitParams::default()
    }
}
