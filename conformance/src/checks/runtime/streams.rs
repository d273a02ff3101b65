//! Resources whose bytes are streamed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{RuntimeCheck, begun, compare, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, invoke};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::{Body, Reply, Session};
use crate::runtime::Base;

const STREAMING: &[Base] = &[Base::Concurrent];

/// Resources that show whether a runtime asks for streams: one that the component does not stream,
/// and one that it does.
const TRIED: [&str; 2] = ["probe:///text", "probe:///streamed/0"];

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-streams/first",
        "Asks for a stream first, and reads other resources as usual.",
        ["wit.streams.first"],
        STREAMING,
        first
    ),
    runtime_check!(
        "runtime-streams/bytes",
        "Writes the bytes of the result and those of the stream as one blob.",
        ["wit.streams.bytes"],
        STREAMING,
        bytes
    ),
    runtime_check!(
        "runtime-streams/refused",
        "Answers with an error where the component refuses, or streams something other than a blob.",
        ["wit.streams.refused"],
        STREAMING,
        refused
    ),
    runtime_check!(
        "runtime-streams/context",
        "Refuses requests to the client after the first byte, and accepts progress and log messages.",
        ["wit.streams.context"],
        STREAMING,
        context
    ),
    runtime_check!(Http "runtime-streams/cancelled", "Drops a stream whose request was cancelled.",
        ["wit.streams.cancelled"], STREAMING, cancelled),
    runtime_check!(
        "runtime-streams/broken",
        "Aborts the body, or ends the session on stdio, where a stream fails.",
        ["wit.streams.failure"],
        STREAMING,
        broken
    ),
];

async fn read(session: &Session, uri: &str) -> Reply {
    session.request("resources/read", json!({"uri": uri})).await
}

/// Fails unless the runtime supports streams, which it need not.
async fn supports(session: &Session) -> Result<(), Finding> {
    for uri in TRIED {
        read(session, uri).await.result()?;
    }
    let streamed = ask(session, "tell-instance").await?["streamed"].clone();
    if streamed == json!([]) {
        return Err(Finding::Skip(
            "the runtime ignores the interface resource-streams".to_owned(),
        ));
    }
    Ok(())
}

async fn first(stand: &Stand) -> Judgement {
    const READ: [&str; 3] = ["probe:///bytes", "probe:///streamed/3", "probe:///any"];
    let session = stand.session().await?;
    supports(&session).await?;
    for uri in READ {
        let reply = read(&session, uri).await;
        let contents = reply.result()?["contents"].as_array();
        if contents
            .and_then(|items| items.last())
            .map(|item| &item["uri"])
            != Some(&json!(uri))
        {
            return Err(reply.unexpected("the contents of this URI"));
        }
    }
    let streamed = ask(&session, "tell-instance").await?["streamed"].clone();
    let expected = json!([TRIED.as_slice(), &READ].concat());
    if streamed != expected {
        return violation(
            &format!("read-resource-stream to be called for {expected}"),
            format!("it was called for {streamed}"),
        );
    }
    Ok("each read asked for a stream first".to_owned())
}

async fn bytes(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    supports(&session).await?;
    let mut tally = Tally::default();
    // Every remainder of three, less than what comes with the result, and more than one piece.
    for count in [0, 1, 2, 3, 4, 5, 6, 7, 100, 70_000, 1_000_000] {
        let reply = read(&session, &format!("probe:///streamed/{count}")).await;
        let contents = &reply.result()?["contents"];
        let blob = contents[1]["blob"].as_str();
        let right: Vec<u8> = (0..=250).cycle().take(count).collect();
        tally.expect(blob == Some(&STANDARD.encode(&right)), || {
            format!(
                "read a stream of {count} bytes; expected them in base64; got other text, of {} characters",
                blob.map_or(0, str::len)
            )
        });
        tally.expect(contents[0]["uri"] == "probe:///streamed-head", || {
            format!("expected the item before the blob; got {}", contents[0])
        });
        tally.expect(
            contents[1]["mimeType"] == "application/octet-stream",
            || {
                format!(
                    "expected the blob's media type; got {}",
                    contents[1]["mimeType"]
                )
            },
        );
    }
    tally.judge("streams were written", "")
}

async fn refused(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    supports(&session).await?;
    let reply = read(&session, "probe:///streamed-missing").await;
    reply.error_with(&[-32002])?;
    let reply = read(&session, "probe:///streamed-no-blob").await;
    reply.error_with(&[-32603])?;
    invoke(&session, "echo", json!({})).await.result()?;
    Ok("a refusal and a stream without a blob were answered with errors".to_owned())
}

async fn broken(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    supports(&session).await?;
    let reply = read(&session, "probe:///streamed-broken").await;
    if !matches!(reply.body, Body::Closed(_) | Body::Refused(_)) {
        return Err(reply.unexpected(
            "no complete answer: the body to be aborted over HTTP, the session to end on stdio",
        ));
    }
    let session = stand.session().await?;
    let reply = session.request("ping", Value::Null).await;
    reply.result()?;
    Ok("a stream that failed was not completed".to_owned())
}

async fn context(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    supports(&session).await?;
    read(&session, "probe:///streamed-asking").await.result()?;
    let seen = ask(&session, "tell-instance").await?["stream"].clone();
    let seen = seen.as_object().cloned().unwrap_or_default();
    let mut tally = Tally::default();
    let expected = [
        ("create-message", "invalid-state"),
        ("report-progress", "ok"),
        ("log", "ok"),
    ];
    compare(&mut tally, "tell-instance", &seen, &expected);
    tally.judge("uses of a context after the first byte were answered", "")
}

async fn cancelled(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    supports(&session).await?;
    let params = json!({"uri": "probe:///streamed-endless"});
    let pending = session.begin("resources/read", params).await;
    begun(&session).await;
    session.cancel(&pending.id).await;
    let patience = session.timing().answer;
    let began = tokio::time::Instant::now();
    while ask(&session, "tell-instance").await?["stream"]["given-up"] != true {
        if began.elapsed() >= patience {
            return violation(
                "the stream of a cancelled request to be dropped",
                "the component continued to write",
            );
        }
        tokio::time::sleep(session.timing().quiet).await;
    }
    Ok("a stream was dropped with its request".to_owned())
}
