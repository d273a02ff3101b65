//! Requests of the component's own in WASI 0.3.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use http::Uri;
use wasi_mcp_authorization::jwt::{LARGEST, PATIENCE};
use wit_bindgen::StreamResult;

use crate::wasi::clocks::monotonic_clock::wait_for;
use crate::wasi::http::client;
use crate::wasi::http::types::{Fields, Request, Response, Scheme};
use crate::wit_future;

/// The most bytes that are read at once.
const AT_ONCE: usize = 64 << 10;

/// Runs a task beside others.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    wit_bindgen::spawn_local(task);
}

/// Returns the body at an address. Redirects are not followed.
pub async fn get(url: &Uri) -> Result<Vec<u8>, String> {
    let patience = u64::try_from(PATIENCE.as_nanos()).unwrap_or(u64::MAX);
    let (mut body, mut deadline) = (pin!(body(url)), pin!(wait_for(patience)));
    poll_fn(|context| {
        if let Poll::Ready(body) = body.as_mut().poll(context) {
            return Poll::Ready(body);
        }
        let late = deadline.as_mut().poll(context);
        late.map(|()| Err("it took too long".to_owned()))
    })
    .await
}

async fn body(url: &Uri) -> Result<Vec<u8>, String> {
    let request = request(url).map_err(|()| "the address is not accepted".to_owned())?;
    let response = client::send(request).await;
    let response = response.map_err(|error| error.to_string())?;
    let status = response.get_status_code();
    if !(200..300).contains(&status) {
        return Err(format!("status {status}"));
    }
    let (_read, result) = wit_future::new(|| Ok(()));
    let (mut stream, end) = Response::consume_body(response, result);
    let mut bytes = Vec::new();
    let mut buffer = Vec::with_capacity(AT_ONCE);
    loop {
        let (result, part) = stream.read(buffer).await;
        bytes.extend_from_slice(&part);
        buffer = part;
        buffer.clear();
        if bytes.len() > LARGEST {
            return Err(format!("it is larger than {LARGEST} bytes"));
        }
        if matches!(result, StreamResult::Dropped) {
            break;
        }
    }
    match end.await {
        Ok(_) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    }
}

fn request(url: &Uri) -> Result<Request, ()> {
    let headers = Fields::from_list(&[]).map_err(|_| ())?;
    let (trailing, trailers) = wit_future::new(|| Ok(None));
    let (request, _) = Request::new(headers, None, trailers, None);
    wit_bindgen::spawn_local(async move {
        // The server may be gone.
        let _ = trailing.write(Ok(None)).await;
    });
    let scheme = match url.scheme_str() {
        Some("http") => Scheme::Http,
        _ => Scheme::Https,
    };
    request.set_scheme(Some(&scheme))?;
    request.set_authority(url.authority().map(|it| it.as_str()))?;
    request.set_path_with_query(url.path_and_query().map(|it| it.as_str()))?;
    Ok(request)
}
