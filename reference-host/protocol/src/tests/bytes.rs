//! Held-back notifications are bounded in bytes, not in number alone.

use super::*;

#[test]
fn updates_that_wait_are_bounded() {
    let limits = Limits {
        notifications_per_second: 1,
        subscription_bytes: 1000,
        ..Limits::default()
    };
    let mut driver = Driver::operating(Framing::Stdio, limits, service_offer());
    let uri = "test://a";
    let key = driver
        .request("resources/subscribe", json!({"uri": uri}))
        .key();
    driver.response(key, Outcome::Empty);
    for number in 0..1000 {
        let part = format!("{uri}/{number:0>91}");
        driver
            .session
            .resource_updated(driver.now, uri, Some(&part));
    }
    let mut sent = driver.sent_json();
    for _ in 0..100 {
        driver.pass(1.0);
        sent.extend(driver.sent_json());
    }
    let of_parts = sent.iter().filter(|it| it["params"]["uri"] != uri).count();
    // One at once, and those of 108 bytes that fit.
    assert_eq!(
        (sent.len(), of_parts),
        (11, 10),
        "the rest is one of the whole"
    );
}

#[test]
fn requests_to_a_client_that_is_not_initialized_are_bounded() {
    let limits = Limits {
        unread_bytes: 1000,
        ..Limits::default()
    };
    let mut driver = Driver::with(Framing::Stdio, limits);
    driver.initialize(service_offer(), r#"{"elicitation":{}}"#);
    let key = driver.request("tools/call", json!({"name": "x"})).key();
    let params = json!({"message": "x".repeat(400)}).to_string();
    let mut ask = || {
        driver
            .session
            .ask(driver.now, key, AskMethod::Elicit, Some(&params))
    };
    for _ in 0..2 {
        ask().unwrap();
    }
    let refused = ask();
    assert!(
        matches!(&refused, Err(ContextError::Busy(reason)) if reason.contains("1000 bytes")),
        "{refused:?}"
    );
    driver.send(INITIALIZED);
    let asked = driver.effects().into_iter();
    let asked = asked.filter(|effect| matches!(effect, Effect::Send { .. }));
    assert_eq!(asked.count(), 2);
    let again = driver
        .session
        .ask(driver.now, key, AskMethod::Elicit, Some(&params));
    assert!(again.is_ok(), "{again:?}");
}

#[test]
fn what_a_component_says_besides_is_bounded() {
    let limits = Limits {
        result_bytes: 6000,
        ..Limits::default()
    };
    let mut driver = Driver::operating(Framing::Stdio, limits, service_offer());
    let params = json!({"name": "x", "_meta": {"progressToken": 1}});
    let key = driver.request("tools/call", params).key();
    let too_large = |said: Result<(), ContextError>| matches!(said, Err(ContextError::InvalidParams(reason)) if reason.contains("bytes"));
    let data = format!("\"{}\"", "x".repeat(998));
    for (logger, fits) in [(None, true), (Some("x"), false)] {
        let said = driver
            .session
            .log(driver.now, Some(key), LogLevel::Error, logger, &data);
        assert_eq!(too_large(said), !fits);
    }
    let long = "x".repeat((64 << 10) + 1);
    for (progress, message) in [(1.0, &long[1..]), (2.0, &long)] {
        let said = driver
            .session
            .report_progress(driver.now, key, progress, None, Some(message));
        assert_eq!(too_large(said), progress > 1.0);
    }
    assert_eq!(driver.sent().len(), 2);
}
