//! Streamed responses.

use super::*;

fn begin(driver: &mut Driver) -> RequestKey {
    let params = json!({"uri": "test://a", "_meta": {"progressToken": 5}});
    let key = driver.request("resources/read", params).key();
    driver
        .session
        .begin_streaming(driver.now, key, br#"{"blob":""#, br#""}"#)
        .unwrap();
    key
}

fn streamed(bytes: usize, is_complete: bool) -> Outcome {
    Outcome::Streamed { bytes, is_complete }
}

#[test]
fn the_parts_make_one_response_and_nothing_else_is_sent() {
    let mut driver = Driver::backend();
    let key = begin(&mut driver);
    let effects = driver.effects();
    let [
        Effect::SendStreamed {
            key: streamed_key,
            stream,
            head,
            tail,
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!((*streamed_key, stream.0), (key, driver.stream));
    let text = [&head[..], b"AAAA", tail].concat();
    let message: Value = serde_json::from_slice(&text).unwrap();
    let expected = json!({"jsonrpc": "2.0", "id": driver.ids, "result": {"blob": "AAAA"}});
    assert_eq!(message, expected);
    driver.finish(key, streamed(10, true));
    assert!(driver.effects().is_empty());
    assert!(driver.session.is_idle());
}

#[test]
fn a_held_report_precedes_the_response() {
    let mut driver = Driver::backend();
    let params = json!({"uri": "test://a", "_meta": {"progressToken": 5}});
    let key = driver.request("resources/read", params).key();
    for progress in 0..40 {
        driver
            .session
            .report_progress(driver.now, key, f64::from(progress), None, None)
            .unwrap();
    }
    driver.effects();
    driver
        .session
        .begin_streaming(driver.now, key, b"{", b"}")
        .unwrap();
    let effects = driver.effects();
    assert!(
        matches!(&effects[..], [Effect::Send { message, .. }, Effect::SendStreamed { .. }]
            if message.kind == MessageKind::Report),
        "{effects:?}"
    );
}

#[test]
fn a_streamed_response_has_no_time_limit_and_takes_no_other_messages() {
    let mut driver = Driver::backend();
    let key = begin(&mut driver);
    driver.effects();
    driver.pass(100_000.0);
    assert!(driver.effects().is_empty());
    let session = &mut driver.session;
    let asked = session.ask(driver.now, key, AskMethod::Elicit, Some("{}"));
    assert!(
        matches!(asked, Err(ContextError::InvalidState(_))),
        "{asked:?}"
    );
    let reported = session.report_progress(driver.now, key, 1.0, None, None);
    assert_eq!(reported, Ok(()));
    let logged = session.log(driver.now, Some(key), LogLevel::Emergency, None, "1");
    assert_eq!(logged, Ok(()));
    assert!(driver.effects().is_empty());
    driver.finish(key, streamed(1, false));
    assert!(driver.effects().is_empty());
}

#[test]
fn a_request_that_has_ended_cannot_be_streamed() {
    let mut driver = Driver::backend();
    let params = json!({"uri": "test://a"});
    let key = driver.request("resources/read", params).key();
    driver.notify("notifications/cancelled", json!({"requestId": driver.ids}));
    driver.effects();
    let begun = driver.session.begin_streaming(driver.now, key, b"", b"");
    assert_eq!(begun, Err(ContextError::Cancelled));
    driver.finish(key, Outcome::Empty);
    let begun = driver.session.begin_streaming(driver.now, key, b"", b"");
    assert!(
        matches!(begun, Err(ContextError::InvalidState(_))),
        "{begun:?}"
    );
    assert!(driver.effects().is_empty());
}

#[test]
fn cancelling_ends_the_stream() {
    let mut driver = Driver::backend();
    let key = begin(&mut driver);
    driver.effects();
    driver.notify("notifications/cancelled", json!({"requestId": driver.ids}));
    let effects = driver.effects();
    assert!(
        matches!(&effects[..], [Effect::Cancel { key: cancelled, .. }, Effect::End { stream }]
            if *cancelled == key && stream.0 == driver.stream - 1),
        "{effects:?}"
    );
    driver.finish(key, streamed(1, false));
    assert!(driver.session.is_idle());
}
