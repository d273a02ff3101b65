//! Requests of the component's own in WASI 0.2, which wait for their answer.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::Uri;
use wasi_mcp_authorization::jwt::{LARGEST, PATIENCE};

use crate::wasi::clocks::monotonic_clock::subscribe_duration;
use crate::wasi::http::outgoing_handler;
use crate::wasi::http::types::{Fields, IncomingBody, OutgoingRequest, Scheme};
use crate::wasi::io::poll::{Pollable, poll};
use crate::wasi::io::streams::StreamError;

/// The most bytes that are read at once.
const AT_ONCE: u64 = 64 << 10;

/// Runs a task. Nothing in it waits: its imports block.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    let Poll::Ready(()) = pin!(task).poll(&mut Context::from_waker(Waker::noop())) else {
        unreachable!("an import of WASI 0.2 returned without its result");
    };
}

/// Returns the body at an address. Redirects are not followed.
pub async fn get(url: &Uri) -> Result<Vec<u8>, String> {
    let request = request(url).map_err(|()| "the address is not accepted".to_owned())?;
    let deadline = u64::try_from(PATIENCE.as_nanos()).unwrap_or(u64::MAX);
    let deadline = subscribe_duration(deadline);
    let sent = outgoing_handler::handle(request, None);
    let sent = sent.map_err(|error| error.to_string())?;
    let response = loop {
        if let Some(response) = sent.get() {
            break response;
        }
        wait(&sent.subscribe(), &deadline)?;
    };
    let response = response.map_err(|()| "the response was taken".to_owned())?;
    let response = response.map_err(|error| error.to_string())?;
    let status = response.status();
    if !(200..300).contains(&status) {
        return Err(format!("status {status}"));
    }
    let body = response.consume();
    let body = body.map_err(|()| "the body was taken".to_owned())?;
    let read = read(&body, &deadline);
    drop(body);
    read
}

fn request(url: &Uri) -> Result<OutgoingRequest, ()> {
    let request = OutgoingRequest::new(Fields::new());
    let scheme = match url.scheme_str() {
        Some("http") => Scheme::Http,
        _ => Scheme::Https,
    };
    request.set_scheme(Some(&scheme))?;
    request.set_authority(url.authority().map(|it| it.as_str()))?;
    request.set_path_with_query(url.path_and_query().map(|it| it.as_str()))?;
    Ok(request)
}

fn read(body: &IncomingBody, deadline: &Pollable) -> Result<Vec<u8>, String> {
    let stream = body.stream();
    let stream = stream.map_err(|()| "the body was taken".to_owned())?;
    let mut bytes = Vec::new();
    loop {
        match stream.read(AT_ONCE) {
            Ok(part) if part.is_empty() => wait(&stream.subscribe(), deadline)?,
            Ok(part) => bytes.extend_from_slice(&part),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(error)) => return Err(error.to_debug_string()),
        }
        if bytes.len() > LARGEST {
            return Err(format!("it is larger than {LARGEST} bytes"));
        }
    }
}

/// Waits for progress, until the deadline.
fn wait(progress: &Pollable, deadline: &Pollable) -> Result<(), String> {
    // Those that are ready are returned by their place.
    if poll(&[progress, deadline]).contains(&0) {
        return Ok(());
    }
    Err("it took too long".to_owned())
}
