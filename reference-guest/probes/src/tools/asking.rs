//! Requests to the client.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::{
    CreateMessageParams, ElicitParams, ModelPreferences, SamplingContent, SamplingMessage,
    TextContent,
};
use crate::bindings::wasi::mcp::types::{Error, Role};
use crate::edge;
use crate::report::Report;

pub const ENTRIES: &[Entry] = &[
    Entry::new("ask", |call| Box::pin(ask(call))),
    Entry::new("ask-wrongly", |call| Box::pin(ask_wrongly(call))),
    Entry::new("ask-and-leave", |call| Box::pin(ask_and_leave(call))),
];

pub fn question() -> CreateMessageParams {
    let content = TextContent {
        text: "A question".into(),
        ..TextContent::default()
    };
    CreateMessageParams {
        messages: vec![SamplingMessage {
            role: Role::User,
            content: SamplingContent::Text(content),
        }],
        max_tokens: 10,
        ..CreateMessageParams::default()
    }
}

pub fn form() -> ElicitParams {
    ElicitParams {
        message: "A form".into(),
        ..ElicitParams::default()
    }
}

/// Asks for what the argument `what` says; everything, where it says nothing.
async fn ask(call: Call) -> Outcome {
    let mut report = Report::default();
    let what = call.argument("what");
    let wanted = |name: &str| what.as_str().is_none_or(|what| what == name);
    if wanted("sampling") {
        let answer = edge::create_message(&call.context, question()).await;
        let text = answer.as_ref().map(|result| match &result.content {
            SamplingContent::Text(text) => text.text.clone(),
            _ => String::new(),
        });
        if let Ok(text) = text {
            report.tell("sampled", text);
        }
        tell(&mut report, "create-message", answer);
    }
    if wanted("elicitation") {
        let answer = edge::elicit(&call.context, form()).await;
        tell(&mut report, "elicit", answer);
    }
    if wanted("roots") {
        let meta = Some(r#"{"example.org/probe":1}"#.to_owned());
        let answer = edge::list_roots(&call.context, meta).await;
        if let Ok(roots) = &answer {
            report.tell("roots", roots.roots.len());
        }
        tell(&mut report, "list-roots", answer);
    }
    Ok(report.result())
}

fn tell<T>(report: &mut Report, step: &str, answer: Result<T, Error>) {
    if let Err(error) = &answer {
        report.tell(&format!("{step}-message"), error.message.clone());
        report.tell(&format!("{step}-data"), error.data.clone());
    }
    report.note(step, answer);
}

/// What the host refuses without asking the client.
async fn ask_wrongly(call: Call) -> Outcome {
    let mut report = Report::default();
    let preferring = |priority: f64| CreateMessageParams {
        model_preferences: Some(ModelPreferences {
            cost_priority: Some(priority),
            ..ModelPreferences::default()
        }),
        ..question()
    };
    let hot = CreateMessageParams {
        temperature: Some(f64::NAN),
        ..question()
    };
    let broken = CreateMessageParams {
        metadata: Some("{".into()),
        ..question()
    };
    let cases = [
        ("priority-beyond-1", preferring(1.5)),
        ("priority-negative", preferring(-0.5)),
        ("temperature-nan", hot),
        ("metadata-no-json", broken),
    ];
    for (step, params) in cases {
        report.note(step, edge::create_message(&call.context, params).await);
    }
    let meta = Some("[]".to_owned());
    report.note(
        "meta-no-object",
        edge::list_roots(&call.context, meta).await,
    );
    Ok(report.result())
}

/// Returns while a request to the client is still open, where calls can go on in the background.
#[cfg(all(feature = "p3", not(feature = "blocking")))]
async fn ask_and_leave(call: Call) -> Outcome {
    let context = call.context;
    wit_bindgen::spawn_local(async move {
        let mut report = Report::default();
        report.note("list-roots", edge::list_roots(&context, None).await);
        crate::state::with(|state| state.cancelled = Some(report));
    });
    // The request to the client is on its way before this call ends.
    edge::sleep(50).await;
    Ok(crate::report::text_result("Left"))
}

#[cfg(any(feature = "p2", feature = "blocking"))]
async fn ask_and_leave(_call: Call) -> Outcome {
    Ok(crate::report::text_result(
        "Nothing goes on in the background of this component",
    ))
}
