//! `wasi:http/outgoing-handler`

use wasip2::http::outgoing_handler;
use wasip2::http::types::{Fields, IncomingBody, OutgoingRequest, Scheme};
use wasip2::io::streams::StreamError;

const CHUNK_BYTES: u64 = 1 << 16;

pub async fn get(url: &str) -> Result<(u16, String), String> {
    let (authority, path) = crate::tools::authority_and_path(url)?;
    let request = OutgoingRequest::new(Fields::new());
    request
        .set_scheme(Some(&Scheme::Http))
        .map_err(|()| "the scheme is refused")?;
    request
        .set_authority(Some(authority))
        .map_err(|()| "the authority is refused")?;
    request
        .set_path_with_query(Some(path))
        .map_err(|()| "the path is refused")?;
    let response = outgoing_handler::handle(request, None).map_err(|error| format!("{error:?}"))?;
    response.subscribe().block();
    let response = response
        .get()
        .ok_or("the response is not there")?
        .map_err(|()| "the response was taken before")?
        .map_err(|error| format!("{error:?}"))?;
    let status = response.status();
    let body = response.consume().map_err(|()| "there is no body")?;
    Ok((status, read(&body)?))
}

fn read(body: &IncomingBody) -> Result<String, String> {
    let stream = body.stream().map_err(|()| "the body was read before")?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(CHUNK_BYTES) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => break,
            Err(error) => return Err(format!("{error:?}")),
        }
    }
    String::from_utf8(bytes).map_err(|error| error.to_string())
}
