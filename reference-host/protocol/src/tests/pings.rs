//! Pings of an idle client.

use super::*;

fn pinging(framing: Framing) -> Driver {
    let limits = Limits {
        ping_interval: Some(Duration::from_secs(10)),
        ..Limits::default()
    };
    Driver::operating(framing, limits, service_offer())
}

#[test]
fn no_client_is_pinged_by_default() {
    let mut driver = Driver::service();
    driver.pass(100_000.0);
    assert_eq!(driver.sent(), [""; 0]);
}

#[test]
fn a_client_that_was_not_heard_is_pinged() {
    let mut driver = pinging(Framing::Stdio);
    driver.pass(9.0);
    assert_eq!(driver.sent(), [""; 0]);
    driver.request("ping", json!({}));
    driver.pass(9.0);
    assert_eq!(driver.sent(), [""; 0]);
    driver.pass(1.0);
    let [ping] = <[Value; 1]>::try_from(driver.sent_json()).expect("one message");
    assert_eq!(
        ping,
        json!({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {}})
    );
    driver.send(json!({"jsonrpc": "2.0", "id": 1, "result": {}}).to_string());
    driver.pass(10.0);
    let [ping] = <[Value; 1]>::try_from(driver.sent_json()).expect("one message");
    assert_eq!(ping["id"], 2);
}

#[test]
fn a_client_that_answers_no_ping_is_left_alone_until_it_is_heard() {
    let mut driver = pinging(Framing::Stdio);
    driver.pass(10.0);
    assert_eq!(driver.sent().len(), 1);
    driver.pass(10.0);
    driver.pass(1000.0);
    assert_eq!(driver.sent(), [""; 0]);
    driver.request("ping", json!({}));
    driver.pass(10.0);
    assert_eq!(driver.sent().len(), 1);
}

fn ask_of_a_client_that_is_gone(framing: Framing) -> Vec<Effect> {
    let mut driver = pinging(framing);
    let key = driver.request("tools/call", json!({"name": "x"})).key();
    let ask = driver
        .session
        .ask(driver.now, key, AskMethod::ListRoots, None);
    assert!(ask.is_ok());
    driver.pass(10.0);
    driver.effects();
    driver.pass(10.0);
    driver.effects()
}

#[test]
fn what_a_client_that_is_gone_was_asked_fails() {
    let effects = ask_of_a_client_that_is_gone(Framing::Stdio);
    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::AskAnswered {
            answer: Err(AskFailure::TimedOut),
            ..
        }
    )));
    assert!(ask_of_a_client_that_is_gone(Framing::Http).is_empty());
}
