//! The authenticated party behind a request.

use std::time::Instant;

use http::Method;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::{RuntimeCheck, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, call, invoke};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::Session;
use crate::driver::session::request_text;
use crate::runtime::{Base, Setting, issuer};

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-identity/none",
        "Shows no principal where the transport does not authenticate.",
        ["wit.identity.none"],
        Base::BACKENDS,
        none
    ),
    runtime_check!(Http "runtime-identity/token", "Shows the principal of the token of the very request, with the granted claims alone.",
        ["wit.identity.request", "wit.identity.same", "wit.identity.fields", "wit.identity.claims"], Base::BACKENDS, token),
    runtime_check!(Http "runtime-identity/repeated", "Shows the principal that subscribed when it repeats a subscription.",
        ["wit.identity.repeated"], Base::BACKENDS, repeated),
];

async fn none(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let seen = ask(&session, "whoami").await?;
    invoke(&session, "keep-context", json!({})).await.result()?;
    let late = ask(&session, "use-kept-context").await?;
    let told = [
        seen.get("principal"),
        seen.get("again"),
        late.get("principal"),
    ];
    for principal in told {
        if principal != Some(&Value::Null) {
            let principal = principal.unwrap_or(&Value::Null);
            return violation(
                "no principal without authentication",
                format!("the probe saw {principal}"),
            );
        }
    }
    Ok("no request had a principal".to_owned())
}

/// The principal that the component sees for a token with these claims.
fn principal(claims: &Value) -> Value {
    let scopes: Vec<&str> = claims["scope"]
        .as_str()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let granted = match claims.get(issuer::GRANTED) {
        Some(value) => json!({ (issuer::GRANTED): value }),
        None => json!({}),
    };
    json!({
        "issuer": issuer::ISSUER,
        "subject": claims["sub"],
        "client-id": claims["client_id"],
        "scopes": scopes,
        "claims": granted,
    })
}

/// Calls a tool in the session with a token of its own.
async fn ask_with(
    session: &Session,
    audience: &str,
    claims: &Value,
    tool: &str,
) -> Result<Value, Finding> {
    let mut headers = session.post_headers()?;
    let token = issuer::authorization(audience, claims)
        .map_err(|error| Finding::Broken(format!("no token can be issued: {error:#}")))?;
    headers.insert(AUTHORIZATION, token);
    let id = session.fresh_id();
    let message = request_text(&id, "tools/call", &call(tool, json!({})));
    let from = session.log().len();
    let (_, exchange) = session
        .http(Method::POST, headers, message.as_bytes())
        .await?;
    let entry = session
        .log()
        .wait_for(from, session.timing().answer, |entry| entry.answers(&id))
        .await;
    let Some(entry) = entry else {
        return violation(
            &format!("an answer to the tool {tool} with a renewed token"),
            format!("got {}", exchange.describe()),
        );
    };
    let message: Value = serde_json::from_slice(&entry.bytes).unwrap_or_default();
    Ok(message["result"]["structuredContent"].clone())
}

/// Skips the check where the suite cannot make the runtime require tokens.
fn protects(stand: &Stand) -> Result<(), Finding> {
    if stand.knows(Setting::Protected) {
        return Ok(());
    }
    Err(Finding::Skip(
        "the adapter does not say how the runtime requires tokens (http.protect)".to_owned(),
    ))
}

async fn repeated(stand: &Stand) -> Judgement {
    protects(stand)?;
    let subscriber = json!({"sub": "alice", "client_id": "app", "scope": "read write"});
    let renewed = json!({"sub": "alice", "scope": "read"});
    let (session, audience) = stand.protected_session(&subscriber).await?;
    session
        .request("resources/subscribe", json!({"uri": "probe:///live"}))
        .await
        .result()?;
    invoke(&session, "trap", json!({}))
        .await
        .error_with(&[-32603])?;
    let right = json!([principal(&subscriber)]);
    let began = Instant::now();
    loop {
        // The request that needs the new instance has another token.
        let told = ask_with(&session, &audience, &renewed, "tell-instance").await?;
        let came = &told["repeated-for"];
        if *came == right {
            return Ok("the subscription was repeated for its subscriber".to_owned());
        }
        if *came != json!([]) || began.elapsed() >= session.timing().answer {
            return violation(
                &format!("the subscription to be repeated for the principals {right}"),
                format!("the probe saw {came}"),
            );
        }
        tokio::time::sleep(session.timing().quiet).await;
    }
}

async fn token(stand: &Stand) -> Judgement {
    protects(stand)?;
    let first = json!({
        "sub": "alice", "client_id": "app", "scope": "read write read",
        (issuer::GRANTED): {"id": 7}, "email": "alice@example.com",
    });
    let renewed = json!({"sub": "alice", "scope": "read"});
    let other = json!({"sub": "bob", "client_id": "other"});
    let mut tally = Tally::default();
    let mut expect = |what: &str, seen: Option<&Value>, right: &Value| {
        tally.expect(seen == Some(right), || {
            let seen = seen.unwrap_or(&Value::Null);
            format!("{what}: expected the principal {right}; the probe saw {seen}")
        });
    };
    let (session, audience) = stand.protected_session(&first).await?;
    let mut alice = principal(&first);
    alice["scopes"] = json!(["read", "write"]);
    let seen = ask(&session, "whoami").await?;
    for step in ["principal", "again"] {
        expect("the first token", seen.get(step), &alice);
    }
    invoke(&session, "keep-context", json!({})).await.result()?;
    let seen = ask_with(&session, &audience, &renewed, "whoami").await?;
    expect(
        "a renewed token",
        seen.get("principal"),
        &principal(&renewed),
    );
    let late = ask_with(&session, &audience, &renewed, "use-kept-context").await?;
    expect("a request that has ended", late.get("principal"), &alice);
    let (session, _) = stand.protected_session(&other).await?;
    let seen = ask(&session, "whoami").await?;
    expect("another user", seen.get("principal"), &principal(&other));
    tally.judge("principals were those of their requests", "")
}
