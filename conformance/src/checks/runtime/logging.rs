//! Log messages.

use serde_json::{Value, json};

use super::{RuntimeCheck, answers, compare_one, seen, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, invoke};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::Session;
use crate::runtime::Base;
use crate::wire::definitions::LOGGING_LEVELS;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-logging/data",
        "Refuses log data that is not JSON, and accepts everything else.",
        ["wit.log.data", "wit.json.checked-import"],
        Base::BACKENDS,
        data
    ),
    runtime_check!(
        "runtime-logging/threshold",
        "Drops messages below the threshold that the client set.",
        ["wit.log.threshold"],
        Base::BACKENDS,
        threshold
    ),
    runtime_check!(
        "runtime-logging/levels",
        "Sends each message at or above the threshold once, and none below it, inside and outside of requests.",
        [
            "wit.log.threshold",
            "wit.log.admitted",
            "wit.log.outside-sent"
        ],
        Base::BACKENDS,
        levels
    ),
    runtime_check!(
        "runtime-logging/other-sessions",
        "Sends the messages of a session only to this session, by its own threshold.",
        ["wit.log.threshold", "wit.log.own-session"],
        Base::BACKENDS,
        other_sessions
    ),
    runtime_check!(
        "runtime-logging/level-shown",
        "Shows the component the threshold of its client, at the time of the call.",
        ["wit.client.log-level"],
        Base::BACKENDS,
        level_shown
    ),
    runtime_check!(
        "runtime-logging/text",
        "Removes line breaks from a guest's JSON, and changes nothing else.",
        ["wit.json.line-breaks"],
        Base::BACKENDS,
        text
    ),
];

async fn data(stand: &Stand) -> Judgement {
    let expected = [
        ("debug", "ok"),
        ("emergency", "ok"),
        ("no-json", "invalid-params"),
        ("half-surrogate", "invalid-params"),
        ("line-breaks", "ok"),
        ("number", "ok"),
        ("outside", "ok"),
        ("outside-no-json", "invalid-params"),
    ];
    answers(stand, "log", &expected).await
}

async fn threshold(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    for (index, level) in LOGGING_LEVELS.iter().copied().enumerate().rev() {
        session
            .request("logging/setLevel", json!({"level": level}))
            .await
            .result()?;
        let from = session.log().len();
        invoke(&session, "log", json!({})).await.result()?;
        session.settle().await;
        let sent = seen(&session, from, "notifications/message");
        let below = sent.iter().find(|params| {
            let sent = params["level"].as_str().unwrap_or_default();
            LOGGING_LEVELS[..index].contains(&sent)
        });
        tally.expect(below.is_none(), || {
            format!(
                "set the level {level}; expected nothing below it; got {}",
                below.unwrap_or(&Value::Null)
            )
        });
        let heard = sent.iter().any(|params| params["level"] == "emergency");
        tally.expect(heard, || {
            format!("set the level {level}; expected a message of level emergency; none came")
        });
    }
    tally.judge("thresholds were kept", "")
}

async fn level_shown(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let seen = ask(&session, "describe").await?;
    let done = "the client has set no level";
    compare_one(&mut tally, done, &seen, "level", &Value::Null);
    for level in ["alert", "debug"] {
        session
            .request("logging/setLevel", json!({"level": level}))
            .await
            .result()?;
        let seen = ask(&session, "describe").await?;
        let done = format!("the client has set the level {level}");
        compare_one(&mut tally, &done, &seen, "level", &json!(level));
    }
    tally.judge("levels were shown", "")
}

async fn text(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let from = session.log().len();
    invoke(&session, "log", json!({})).await.result()?;
    session.settle().await;
    let entries = session.log().since(from);
    let texts: Vec<String> = entries
        .iter()
        .filter(|entry| entry.from_server() && entry.is("notifications/message"))
        .map(|entry| entry.text().replace(": ", ":"))
        .collect();
    for part in [r#""lines":[1,"#, r#""data":1.10"#] {
        if !texts
            .iter()
            .any(|text| text.replace(' ', "").contains(part))
        {
            return violation(
                &format!(
                    "a log message with `{part}`, as the component gave it but for line breaks"
                ),
                format!("got {}", texts.join(" and ")),
            );
        }
    }
    Ok("line breaks were taken out, and numbers kept their text".to_owned())
}

/// Logs once, and returns the messages that arrived.
async fn logged(
    session: &Session,
    level: &str,
    data: &str,
    outside: bool,
) -> Result<Vec<Value>, Finding> {
    let from = session.log().len();
    let arguments = json!({"level": level, "data": data, "outside": outside});
    invoke(session, "log-one", arguments).await.result()?;
    session.settle().await;
    Ok(seen(session, from, "notifications/message"))
}

async fn levels(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    for (index, level) in LOGGING_LEVELS.iter().copied().enumerate() {
        session
            .request("logging/setLevel", json!({"level": level}))
            .await
            .result()?;
        let below = index.checked_sub(1).map(|below| LOGGING_LEVELS[below]);
        let above = LOGGING_LEVELS.get(index + 1).copied();
        let cases = [(Some(level), true), (below, false), (above, true)];
        let cases = cases
            .into_iter()
            .filter_map(|(name, heard)| Some((name?, heard)));
        for (name, heard) in cases {
            for outside in [false, true] {
                let sent = logged(&session, name, "a message", outside).await?;
                let right = if heard {
                    vec![json!({"level": name, "data": "a message"})]
                } else {
                    Vec::new()
                };
                tally.expect(sent == right, || {
                    let place = if outside {
                        "outside of requests"
                    } else {
                        "in a request"
                    };
                    format!(
                        "set the level {level} and logged at {name} {place}; expected {}; got {}",
                        Value::from(right),
                        Value::from(sent)
                    )
                });
            }
        }
    }
    tally.judge("messages were sent or dropped, as required", "")
}

async fn other_sessions(stand: &Stand) -> Judgement {
    let one = stand.session().await?;
    let other = stand.session().await?;
    let mut tally = Tally::default();
    for (session, level) in [(&one, "debug"), (&other, "emergency")] {
        session
            .request("logging/setLevel", json!({"level": level}))
            .await
            .result()?;
    }
    for outside in [false, true] {
        let from = other.log().len();
        let sent = logged(&one, "debug", "of one session", outside).await?;
        tally.expect(sent.len() == 1, || {
            format!(
                "expected the one message of a session whose level is debug; got {}",
                Value::from(sent)
            )
        });
        let sent = logged(&other, "alert", "of the other", outside).await?;
        tally.expect(sent.is_empty(), || {
            format!(
                "expected nothing in a session whose level is emergency; got {}",
                Value::from(sent)
            )
        });
        other.settle().await;
        let sent = seen(&other, from, "notifications/message");
        // An instance may serve both, and then logs outside of requests to both.
        let foreign = sent.iter().any(|params| params["data"] == "of one session");
        tally.expect(outside || !foreign, || {
            "a message of one session's request came to another session".to_owned()
        });
    }
    tally.judge("messages came to their session", "")
}
