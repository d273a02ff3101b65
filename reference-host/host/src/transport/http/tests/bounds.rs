//! The bounds of a session's streams, and the order of removal.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use serde_json::{Value, json};

use super::fake::outgoing;
use crate::session::Outlet;
use crate::transport::http::HttpOptions;
use crate::transport::http::streams::{Limits, StreamReader, Streams};
use wasi_mcp_protocol::{Route, StreamId};

const SESSION_BYTES: usize = 100_000;
const CALLS: u64 = 20;

fn streams() -> Arc<Streams> {
    let limits = Limits::from(&HttpOptions {
        max_session_bytes: SESSION_BYTES,
        ..HttpOptions::default()
    });
    Streams::new(limits, Arc::default())
}

fn send(streams: &Streams, route: Route, message: &Value) {
    streams.send(route, outgoing(message));
}

fn log(text: &str) -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": text}})
}

fn ask(id: u64) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "roots/list"})
}

fn cancelled(id: u64) -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
}

fn response(id: u64) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": {}})
}

fn read(reader: &mut StreamReader) -> Option<Value> {
    match reader.poll_next(&Context::from_waker(Waker::noop())) {
        Poll::Ready(Some(event)) => serde_json::from_slice(&event.message.text).ok(),
        Poll::Ready(None) | Poll::Pending => None,
    }
}

fn read_all(reader: &mut StreamReader) -> Vec<Value> {
    std::iter::from_fn(|| read(reader)).collect()
}

/// Begins a call and reads its first event.
fn begin(streams: &Arc<Streams>) -> (StreamId, StreamReader) {
    let call = streams.open_call().expect("the session is open");
    let id = call.id();
    let mut reader = call.into_reader();
    send(streams, Route::Stream(id), &log("first"));
    assert!(read(&mut reader).is_some());
    (id, reader)
}

/// Counts the notifications among the messages; all others must be these.
fn notifications(messages: &[Value], others: &[Value]) -> usize {
    let is_note = |message: &&Value| message["method"] == "notifications/message";
    let rest: Vec<&Value> = messages.iter().filter(|it| !is_note(it)).collect();
    assert_eq!(rest, others.iter().collect::<Vec<_>>());
    messages.len() - rest.len()
}

#[test]
fn calls_that_nobody_reads_do_not_exceed_the_bound_together() {
    for has_reader in [false, true] {
        let streams = streams();
        let mut readers = Vec::new();
        let text = "x".repeat(2000);
        for number in 0..CALLS {
            let (id, reader) = begin(&streams);
            send(&streams, Route::Stream(id), &ask(number));
            if has_reader {
                readers.push(reader);
            }
            for _ in 0..20 {
                send(&streams, Route::Stream(id), &log(&text));
                let bytes = streams.weight().bytes;
                assert!(bytes <= SESSION_BYTES, "{bytes} bytes are kept");
            }
        }
        for number in 0..CALLS {
            send(
                &streams,
                Route::Stream(StreamId(number + 1)),
                &response(number),
            );
        }
        if has_reader {
            let mut read = 0;
            for (reader, number) in readers.iter_mut().zip(0..) {
                let messages = read_all(reader);
                read += notifications(&messages, &[ask(number), response(number)]);
            }
            assert!(read > 20, "no more is dropped than must be");
        }
    }
}

#[test]
fn notifications_that_nobody_is_there_to_read_go_first() {
    let streams = streams();
    let text = "x".repeat(2000);
    let (read_by_someone, mut reader) = begin(&streams);
    for _ in 0..10 {
        send(&streams, Route::Stream(read_by_someone), &log(&text));
    }
    let (deserted, lost) = begin(&streams);
    drop(lost);
    for _ in 0..100 {
        send(&streams, Route::Stream(deserted), &log(&text));
        send(&streams, Route::Unrelated, &log(&text));
    }
    assert_eq!(notifications(&read_all(&mut reader), &[]), 10);
}

#[test]
fn a_request_moves_to_where_the_client_listens_if_its_stream_is_gone() {
    let streams = streams();
    let call = streams.open_call().expect("the session is open");
    let route = Route::Stream(call.id());
    let mut listener = streams.listen().expect("the session is open");
    send(&streams, route, &log("before"));
    send(&streams, route, &ask(1));
    assert_eq!(read(&mut listener), None, "the call's own stream is there");
    drop(call);
    assert_eq!(read(&mut listener), Some(ask(1)));
    send(&streams, route, &log("after"));
    send(&streams, route, &ask(2));
    assert_eq!(read(&mut listener), Some(ask(2)));
    send(&streams, route, &cancelled(2));
    assert_eq!(read(&mut listener), Some(cancelled(2)));
    send(&streams, route, &response(7));
    assert_eq!(read(&mut listener), None, "nothing else moves");
}

#[test]
fn a_request_whose_stream_can_be_resumed_stays_there() {
    let streams = streams();
    let (call, reader) = begin(&streams);
    let mut listener = streams.listen().expect("the session is open");
    drop(reader);
    send(&streams, Route::Stream(call), &ask(1));
    assert_eq!(read(&mut listener), None);
}

#[test]
fn requests_that_are_cancelled_unread_do_not_pile_up() {
    let streams = streams();
    let (with_log, reader) = begin(&streams);
    drop(reader);
    let gone = streams.open_call().expect("the session is open").id();
    let before = streams.weight();
    for id in 0..100 {
        for stream in [with_log, gone] {
            send(&streams, Route::Stream(stream), &ask(id));
            assert_ne!(streams.weight(), before, "it waits");
            send(&streams, Route::Stream(stream), &cancelled(id));
            assert_eq!(streams.weight(), before);
        }
    }
}

#[test]
fn what_must_stay_is_kept_beyond_the_bound_until_it_is_read() {
    let streams = streams();
    let (call, mut reader) = begin(&streams);
    let mut large = response(1);
    large["result"]["text"] = json!("x".repeat(2 * SESSION_BYTES));
    send(&streams, Route::Stream(call), &large);
    for _ in 0..100 {
        send(&streams, Route::Unrelated, &log(&"x".repeat(2000)));
        assert!(streams.weight().loose() <= SESSION_BYTES / 8);
    }
    assert_eq!(notifications(&read_all(&mut reader), &[large]), 0);
    drop(reader);
    assert!(streams.weight().bytes <= SESSION_BYTES);
}
