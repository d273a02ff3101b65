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
fn a_ping_that_is_not_answered_is_reported_after_each_interval_until_the_client_is_heard() {
    let unanswered = |driver: &mut Driver| {
        let effects = driver.effects();
        assert!(
            effects
                .iter()
                .all(|effect| matches!(effect, Effect::PingUnanswered)),
            "{effects:?}"
        );
        effects.len()
    };
    for framing in [Framing::Stdio, Framing::Http] {
        let mut driver = pinging(framing);
        driver.pass(10.0);
        assert_eq!(driver.sent().len(), 1);
        driver.pass(9.0);
        assert_eq!(unanswered(&mut driver), 0);
        driver.pass(1.0);
        assert_eq!(unanswered(&mut driver), 1);
        driver.pass(10.0);
        assert_eq!(unanswered(&mut driver), 1);
        driver.session.heard(driver.now);
        driver.pass(9.0);
        assert_eq!(unanswered(&mut driver), 0);
        driver.pass(1.0);
        assert_eq!(driver.sent().len(), 1, "another ping");
        driver.request("ping", json!({}));
        driver.pass(10.0);
        assert_eq!(driver.sent().len(), 1, "and another");
    }
}

#[test]
fn a_session_that_stops_pings_nobody() {
    let mut driver = pinging(Framing::Stdio);
    driver.session.stop(driver.now, "the host stops");
    driver.pass(100.0);
    assert!(driver.effects().is_empty());
}

/// Pings are what a server may ask before `notifications/initialized`
/// ([lifecycle](https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#initialization)).
#[test]
fn a_client_that_never_says_that_it_is_initialized_is_pinged() {
    for framing in [Framing::Stdio, Framing::Http] {
        let limits = Limits {
            ping_interval: Some(Duration::from_secs(10)),
            ..Limits::default()
        };
        let mut driver = Driver::with(framing, limits);
        driver.pass(100.0);
        assert_eq!(driver.sent(), [""; 0], "nothing comes before `initialize`");
        driver.initialize(service_offer(), "{}");
        assert!(!driver.session.is_initialized());
        driver.pass(10.0);
        let [ping] = <[Value; 1]>::try_from(driver.sent_json()).expect("one message");
        assert_eq!(ping["method"], "ping");
        driver.pass(10.0);
        let effects = driver.effects();
        assert!(
            matches!(effects[..], [Effect::PingUnanswered]),
            "{effects:?}"
        );
    }
}
