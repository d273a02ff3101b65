//! Log messages.

use super::*;

fn log(driver: &mut Driver, level: LogLevel) -> usize {
    driver
        .session
        .log(driver.now, None, level, Some("main"), "{\"a\":\n1.0}")
        .unwrap();
    driver.sent().len()
}

#[test]
fn a_log_message_has_the_data_exactly() {
    let mut driver = Driver::service();
    driver
        .session
        .log(
            driver.now,
            None,
            LogLevel::Error,
            Some("main"),
            " {\"a\":\r\n1.0}",
        )
        .unwrap();
    let effects = driver.effects();
    let [
        Effect::Send {
            route: Route::Unrelated,
            message:
                Outgoing {
                    kind: MessageKind::Report,
                    text: message,
                },
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    let expected = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","logger":"main","data":{"a":1.0}}}"#;
    assert_eq!(std::str::from_utf8(message).unwrap(), expected);
}

#[test]
fn the_level_is_a_threshold() {
    let mut driver = Driver::service();
    // Until the client chooses, `info` and above.
    let heard: Vec<usize> = LogLevel::ALL.map(|level| log(&mut driver, level)).into();
    assert_eq!(heard, [0, 1, 1, 1, 1, 1, 1, 1]);
    for (at, chosen) in LogLevel::ALL.into_iter().enumerate() {
        assert_eq!(
            driver
                .request("logging/setLevel", json!({"level": chosen.name()}))
                .result(),
            json!({})
        );
        assert_eq!(driver.session.log_level(), Some(chosen));
        let heard: Vec<usize> = LogLevel::ALL.map(|level| log(&mut driver, level)).into();
        let expected: Vec<usize> = (0..8).map(|other| usize::from(other >= at)).collect();
        assert_eq!(heard, expected, "{chosen:?}");
    }
}

#[test]
fn a_refused_level_changes_nothing() {
    let mut driver = Driver::service();
    driver
        .request("logging/setLevel", json!({"level": "error"}))
        .result();
    assert_eq!(
        driver
            .request("logging/setLevel", json!({"level": "Error"}))
            .code(),
        -32602
    );
    assert_eq!(driver.session.log_level(), Some(LogLevel::Error));
}

#[test]
fn logs_of_a_request_go_on_its_stream() {
    let mut driver = Driver::service();
    let key = driver.request("tools/call", json!({"name": "x"})).key();
    driver
        .session
        .log(driver.now, Some(key), LogLevel::Info, None, "null")
        .unwrap();
    let stream = StreamId(driver.stream);
    assert!(
        matches!(driver.effects()[..], [Effect::Send { route: Route::Stream(sent), .. }] if sent == stream)
    );
    driver.finish(key, Outcome::Empty);
    driver.effects();
    let late = driver
        .session
        .log(driver.now, Some(key), LogLevel::Info, None, "null");
    assert!(matches!(late, Err(ContextError::InvalidState(_))));
}

#[test]
fn data_that_is_no_json_is_an_error() {
    let mut driver = Driver::service();
    for data in ["", "{", "1 2", "NaN", r#""\ud800""#, "\"\n\""] {
        let refused = driver
            .session
            .log(driver.now, None, LogLevel::Debug, None, data);
        assert!(
            matches!(refused, Err(ContextError::InvalidParams(_))),
            "{data}"
        );
    }
    assert!(driver.effects().is_empty());
}

#[test]
fn too_many_are_dropped_and_counted() {
    let limits = Limits {
        logs_per_second: 5,
        ..Limits::default()
    };
    let mut driver = Driver::operating(Framing::Stdio, limits, service_offer());
    let heard: usize = (0..12).map(|_| log(&mut driver, LogLevel::Info)).sum();
    assert_eq!(heard, 5);
    driver.pass(1.0);
    let sent = driver.sent_json();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["params"]["level"], "warning");
    assert!(
        sent[0]["params"]["data"]
            .as_str()
            .unwrap()
            .starts_with("7 log messages were dropped")
    );
    assert_eq!(log(&mut driver, LogLevel::Info), 1);
    // Messages below the client's level do not count against the rate.
    driver
        .request("logging/setLevel", json!({"level": "error"}))
        .result();
    for _ in 0..100 {
        log(&mut driver, LogLevel::Info);
    }
    driver.pass(2.0);
    assert!(driver.effects().is_empty());
}

#[test]
fn before_the_answer_to_initialize_nothing_is_sent() {
    let mut driver = Driver::fresh();
    assert_eq!(log(&mut driver, LogLevel::Emergency), 0);
    let key = driver.send(initialize_with("{}")).key();
    assert_eq!(log(&mut driver, LogLevel::Emergency), 0);
    // Nor are they sent later.
    assert!(driver.session.started(driver.now, key, service_offer()));
    assert_eq!(driver.sent_json()[0]["id"], 0);
    driver.pass(2.0);
    assert!(driver.effects().is_empty());
    assert_eq!(log(&mut driver, LogLevel::Emergency), 1);
}

#[test]
fn a_line_for_a_terminal_has_no_control_characters() {
    let data = "\n{\"a\":\r\n\"\u{9b}2Jé\"}";
    let text = LogText::check(Some("\u{1b}[2J\n"), data, &Limits::default(), || {}).unwrap();
    assert_eq!(
        text.line(LogLevel::Warning),
        "warning: \\u{1b}[2J\\n: {\"a\":\\r\\n\"\\u{9b}2Jé\"}"
    );
}
