//! Log messages.

use serde_json::{Value, json};

use super::{RuntimeCheck, answers, compare_one, seen, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, invoke};
use crate::checks::{Judgement, Tally};
use crate::runtime::Base;
use crate::wire::definitions::LOGGING_LEVELS;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-logging/data",
        "Refuses log data that is no JSON, and takes everything else.",
        ["wit.log.data", "wit.json.checked-import"],
        Base::BACKENDS,
        data
    ),
    runtime_check!(
        "runtime-logging/threshold",
        "Drops what is below the threshold that the client set.",
        ["wit.log.threshold"],
        Base::BACKENDS,
        threshold
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
        "Takes line breaks out of a guest's JSON and leaves everything else.",
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
