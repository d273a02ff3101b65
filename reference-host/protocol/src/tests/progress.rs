//! Progress of a request.

use super::*;

fn call(driver: &mut Driver, token: Value) -> RequestKey {
    driver
        .request(
            "tools/call",
            json!({"name": "x", "_meta": {"progressToken": token}}),
        )
        .key()
}

#[test]
fn progress_carries_the_token_as_it_came() {
    for token in [
        "0",
        "7",
        "\"7\"",
        "\"\"",
        "\"a b\"",
        "-1",
        "123456789012345678901234567890",
        r#""\u00e9""#,
        "1.0",
    ] {
        let mut driver = Driver::service();
        let params = format!(r#"{{"name":"x","_meta":{{"progressToken":{token}}}}}"#);
        let key = driver
            .send(format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#
            ))
            .key();
        driver
            .session
            .report_progress(driver.now, key, 0.5, Some(2.0), Some("half \"way\""))
            .unwrap();
        let effects = driver.effects();
        let [
            Effect::Send {
                route: Route::Stream(StreamId(stream)),
                message:
                    Outgoing {
                        kind: MessageKind::Report,
                        text: message,
                    },
            },
        ] = &effects[..]
        else {
            panic!("{effects:?}");
        };
        assert_eq!(*stream, driver.stream);
        let expected = format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{token},"progress":0.5,"total":2,"message":"half \"way\""}}}}"#
        );
        assert_eq!(std::str::from_utf8(message).unwrap(), expected);
    }
}

#[test]
fn any_request_may_have_a_token() {
    let mut driver = Driver::service();
    for (method, params) in [
        ("tools/list", json!({})),
        ("resources/read", json!({"uri": "x:y"})),
        ("prompts/get", json!({"name": "x"})),
    ] {
        let mut params = params;
        params["_meta"] = json!({"progressToken": method});
        let key = driver.request(method, params).key();
        driver
            .session
            .report_progress(driver.now, key, 1.0, None, None)
            .unwrap();
        assert_eq!(
            driver.sent_json()[0]["params"],
            json!({"progressToken": method, "progress": 1})
        );
    }
    assert_eq!(
        driver
            .request("ping", json!({"_meta": {"progressToken": 1}}))
            .result(),
        json!({})
    );
}

#[test]
fn progress_that_does_not_grow_is_an_error() {
    let mut driver = Driver::service();
    let key = call(&mut driver, json!(1));
    let mut report = |progress: f64, total: Option<f64>| {
        driver
            .session
            .report_progress(driver.now, key, progress, total, None)
    };
    assert_eq!(report(-1.0, None), Ok(()));
    for (progress, total) in [
        (-1.0, None),
        (-2.0, None),
        (f64::NAN, None),
        (f64::INFINITY, None),
        (5.0, Some(f64::NAN)),
        (5.0, Some(f64::NEG_INFINITY)),
    ] {
        assert!(
            matches!(report(progress, total), Err(ContextError::InvalidParams(_))),
            "{progress} {total:?}"
        );
    }
    // Refused reports do not count and are not sent.
    assert_eq!(report(0.0, None), Ok(()));
    assert!(matches!(
        report(0.0, None),
        Err(ContextError::InvalidParams(_))
    ));
    assert_eq!(driver.sent().len(), 2);
}

#[test]
fn without_a_token_nothing_happens() {
    let mut driver = Driver::service();
    let key = driver.request("tools/call", json!({"name": "x"})).key();
    assert_eq!(
        driver
            .session
            .report_progress(driver.now, key, f64::NAN, None, None),
        Ok(())
    );
    assert!(driver.effects().is_empty());
}

#[test]
fn after_the_end_nothing_is_sent() {
    let mut driver = Driver::service();
    let key = call(&mut driver, json!(1));
    driver.finish(key, Outcome::Empty);
    driver.effects();
    assert!(matches!(
        driver
            .session
            .report_progress(driver.now, key, 1.0, None, None),
        Err(ContextError::InvalidState(_))
    ));
    driver.pass(10.0);
    assert!(driver.effects().is_empty());
}

#[test]
fn progress_beyond_the_rate_is_the_newest_when_its_time_comes() {
    let mut driver = Driver::service();
    let key = call(&mut driver, json!(1));
    for step in 1..=100 {
        driver
            .session
            .report_progress(driver.now, key, step.into(), None, None)
            .unwrap();
    }
    let sent = driver.sent_json();
    assert_eq!(sent.len(), 20);
    assert_eq!(sent[19]["params"]["progress"], 20);
    assert_eq!(
        driver.session.next_timeout(),
        Some(driver.now + Duration::from_secs(1))
    );
    driver.pass(1.0);
    let sent = driver.sent_json();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["params"]["progress"], 100);
    // A held report is sent before the response.
    for step in 101..=120 {
        driver
            .session
            .report_progress(driver.now, key, step.into(), None, None)
            .unwrap();
    }
    assert_eq!(driver.effects().len(), 19);
    driver.finish(key, Outcome::Empty);
    let sent = driver.sent_json();
    assert_eq!(sent[0]["params"]["progress"], 120);
    assert_eq!(sent[1]["result"], json!({}));
}

#[test]
fn a_cancelled_request_says_no_more() {
    let mut driver = Driver::service();
    let key = call(&mut driver, json!(1));
    for step in 1..=21 {
        driver
            .session
            .report_progress(driver.now, key, step.into(), None, None)
            .unwrap();
    }
    driver.effects();
    driver.notify("notifications/cancelled", json!({"requestId": driver.ids}));
    driver.pass(10.0);
    driver.finish(key, Outcome::Empty);
    assert!(
        driver
            .effects()
            .iter()
            .all(|effect| !matches!(effect, Effect::Send { .. }))
    );
}
