//! `wasi:http/client`

use wasip3::http::client;
use wasip3::http::types::{ErrorCode, Fields, Request, Response, Scheme};
use wasip3::wit_future;

pub async fn get(url: &str) -> Result<(u16, String), String> {
    let (authority, path) = crate::tools::authority_and_path(url)?;
    // The writers are dropped, so that the defaults are what is read.
    let (_, no_trailers) = wit_future::new(|| Ok(None));
    let (request, _sent) = Request::new(Fields::new(), None, no_trailers, None);
    request
        .set_scheme(Some(&Scheme::Http))
        .map_err(|()| "the scheme is refused")?;
    request
        .set_authority(Some(authority))
        .map_err(|()| "the authority is refused")?;
    request
        .set_path_with_query(Some(path))
        .map_err(|()| "the path is refused")?;
    let response = client::send(request).await.map_err(text)?;
    let status = response.get_status_code();
    let (_, taken) = wit_future::new(|| Ok(()));
    let (body, trailers) = Response::consume_body(response, taken);
    let body = body.collect().await;
    trailers.await.map_err(text)?;
    String::from_utf8(body)
        .map(|body| (status, body))
        .map_err(|error| error.to_string())
}

fn text(error: ErrorCode) -> String {
    format!("{error:?}")
}
