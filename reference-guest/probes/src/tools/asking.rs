//! Requests to the client.

use super::{Call, Entry, Outcome};
use serde_json::{Value, json};

use crate::bindings::wasi::mcp::content::{
    Annotations, CreateMessageParams, CreateMessageResult, ElicitAction, ElicitParams,
    ElicitResult, ElicitValue, ModelPreferences, NumberSchema, NumberType, PrimitiveSchema,
    RequestedSchema, SamplingContent, SamplingMessage, StringSchema, TextContent,
};
use crate::bindings::wasi::mcp::types::{Error, Role};
use crate::edge;
use crate::report::Report;

pub const ENTRIES: &[Entry] = &[
    Entry::new("ask", |call| Box::pin(ask(call))),
    Entry::new("ask-openly", |call| Box::pin(ask_openly(call))),
    Entry::new("ask-wrongly", |call| Box::pin(ask_wrongly(call))),
    Entry::new("ask-and-leave", |call| Box::pin(ask_and_leave(call))),
    Entry::new("ask-and-drop", |call| Box::pin(ask_and_drop(call))),
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

/// A question with parameters that no host may send.
pub fn broken_question() -> CreateMessageParams {
    CreateMessageParams {
        metadata: Some("{".into()),
        ..question()
    }
}

/// A form with parameters that no host may send.
pub fn broken_form() -> ElicitParams {
    ElicitParams {
        meta: Some("[]".into()),
        ..form()
    }
}

/// `_meta` that no host may send.
pub fn broken_meta() -> Option<String> {
    Some("[]".into())
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
        tell_message(&mut report, answer);
    }
    if wanted("elicitation") {
        let answer = edge::elicit(&call.context, form()).await;
        tell_submission(&mut report, answer);
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

/// Asks with content or a field of a kind that the interface does not name: the argument `json`.
async fn ask_openly(call: Call) -> Outcome {
    let mut report = Report::default();
    let json = call
        .argument("json")
        .as_str()
        .unwrap_or_default()
        .to_owned();
    if call.argument("what") == "sampling" {
        let mut params = question();
        params.messages[0].content = SamplingContent::Other(json);
        let answer = edge::create_message(&call.context, params).await;
        tell_message(&mut report, answer);
    } else {
        let params = ElicitParams {
            requested_schema: RequestedSchema {
                properties: vec![("field".into(), PrimitiveSchema::Other(json))],
                ..RequestedSchema::default()
            },
            ..form()
        };
        let answer = edge::elicit(&call.context, params).await;
        tell_submission(&mut report, answer);
    }
    Ok(report.result())
}

fn tell_message(report: &mut Report, answer: Result<CreateMessageResult, Error>) {
    if let Ok(result) = &answer {
        match &result.content {
            SamplingContent::Text(text) => report.tell("sampled", text.text.clone()),
            SamplingContent::Other(json) => report.tell("sampled-other", json.clone()),
            SamplingContent::Image(_) | SamplingContent::Audio(_) => {}
        }
    }
    tell(report, "create-message", answer);
}

fn tell_submission(report: &mut Report, answer: Result<ElicitResult, Error>) {
    if let Ok(result) = &answer {
        let action = match result.action {
            ElicitAction::Accept => "accept",
            ElicitAction::Decline => "decline",
            ElicitAction::Cancel => "cancel",
        };
        report.tell("action", action);
        let content = result.content.as_ref().map(|content| {
            let values = content
                .iter()
                .map(|(name, value)| (name.clone(), told(value)));
            Value::Object(values.collect())
        });
        report.tell("content", content);
    }
    tell(report, "elicit", answer);
}

fn told(value: &ElicitValue) -> Value {
    match value {
        ElicitValue::Text(text) => json!({ "text": text }),
        ElicitValue::Number(number) => json!({ "number": number }),
        ElicitValue::Boolean(value) => json!({ "boolean": value }),
        ElicitValue::Other(text) => json!({ "other": text }),
    }
}

fn tell<T>(report: &mut Report, step: &str, answer: Result<T, Error>) {
    if let Err(error) = &answer {
        report.tell(&format!("{step}-message"), error.message.clone());
        report.tell(&format!("{step}-data"), error.data.clone());
    }
    report.note(step, answer);
}

fn further_questions() -> Vec<(&'static str, CreateMessageParams)> {
    let preferring = |model_preferences| CreateMessageParams {
        model_preferences: Some(model_preferences),
        ..question()
    };
    let mut important = question();
    important.messages[0].content = SamplingContent::Text(TextContent {
        annotations: Some(Annotations {
            priority: Some(1.5),
            ..Annotations::default()
        }),
        ..TextContent::default()
    });
    vec![
        (
            "speed-beyond-1",
            preferring(ModelPreferences {
                speed_priority: Some(1.1),
                ..ModelPreferences::default()
            }),
        ),
        (
            "intelligence-negative",
            preferring(ModelPreferences {
                intelligence_priority: Some(-0.1),
                ..ModelPreferences::default()
            }),
        ),
        (
            "cost-nan",
            preferring(ModelPreferences {
                cost_priority: Some(f64::NAN),
                ..ModelPreferences::default()
            }),
        ),
        ("content-priority-beyond-1", important),
        (
            "question-meta-no-object",
            CreateMessageParams {
                meta: broken_meta(),
                ..question()
            },
        ),
        (
            "question-extra-no-json",
            CreateMessageParams {
                extra: Some("{".into()),
                ..question()
            },
        ),
    ]
}

fn further_forms() -> Vec<(&'static str, ElicitParams)> {
    let with = |field| ElicitParams {
        requested_schema: RequestedSchema {
            properties: vec![("field".into(), field)],
            ..RequestedSchema::default()
        },
        ..form()
    };
    let number = |minimum, maximum| {
        with(PrimitiveSchema::Number(NumberSchema {
            type_: NumberType::Number,
            title: None,
            description: None,
            minimum,
            maximum,
            extra: None,
        }))
    };
    vec![
        (
            "form-extra-no-object",
            ElicitParams {
                extra: broken_meta(),
                ..form()
            },
        ),
        (
            "field-extra-no-json",
            with(PrimitiveSchema::Text(StringSchema {
                extra: Some("}".into()),
                ..StringSchema::default()
            })),
        ),
        ("minimum-nan", number(Some(f64::NAN), None)),
        ("maximum-infinite", number(None, Some(f64::INFINITY))),
        ("fields-twice", crate::records::form("twice")),
    ]
}

/// Makes requests that the host must refuse without asking the client.
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
    let cases = [
        ("priority-beyond-1", preferring(1.5)),
        ("priority-negative", preferring(-0.5)),
        ("temperature-nan", hot),
        ("metadata-no-json", broken_question()),
    ];
    for (step, params) in cases.into_iter().chain(further_questions()) {
        report.note(step, edge::create_message(&call.context, params).await);
    }
    for (step, params) in further_forms() {
        report.note(step, edge::elicit(&call.context, params).await);
    }
    report.note(
        "form-meta-no-object",
        edge::elicit(&call.context, broken_form()).await,
    );
    report.note(
        "meta-no-object",
        edge::list_roots(&call.context, broken_meta()).await,
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

/// Cancels a request to the client, and works on.
#[cfg(all(feature = "p3", not(feature = "blocking")))]
async fn ask_and_drop(call: Call) -> Outcome {
    let import = edge::list_roots(&call.context, None);
    let answer = edge::dropped_after(300, import).await;
    // The client learns of it before this call ends.
    edge::sleep(400).await;
    let mut report = Report::default();
    report.tell("answered", answer.is_some());
    Ok(report.result())
}

#[cfg(any(feature = "p2", feature = "blocking"))]
async fn ask_and_drop(_call: Call) -> Outcome {
    Ok(crate::report::text_result("This component can only block"))
}

#[cfg(any(feature = "p2", feature = "blocking"))]
async fn ask_and_leave(_call: Call) -> Outcome {
    Ok(crate::report::text_result(
        "Nothing goes on in the background of this component",
    ))
}
