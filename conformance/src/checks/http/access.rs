//! Access to servers.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue, ORIGIN};
use ::http::{HeaderMap, Method, Uri};
use serde_json::json;
use tokio::net::TcpStream;

use super::{expected, ping};
use crate::checks::authorization::{addresses, attempt, document, fetch, home};
use crate::checks::context::CheckContext;
use crate::checks::tally::Tally;
use crate::driver::Session;
use crate::driver::http::{BOTH_TYPES, same_origin};
use crate::driver::log::{Entry, Exchange};
use crate::driver::session::request_text;
use crate::model::requirements::REVISION;
use crate::model::{Finding, Judgement};

pub(super) async fn origin(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for origin in [
        "http://evil.example",
        "https://evil.example:8443",
        "http://localhost.evil.example",
    ] {
        let mut headers = session.post_headers()?;
        headers.insert(ORIGIN, HeaderValue::from_static(origin));
        let exchange = ping(&session, headers).await?;
        let refused = exchange
            .status
            .is_some_and(|status| (400..500).contains(&status));
        tally.expect(refused, || expected("status 403", &exchange));
    }
    tally.judge("foreign origins were refused", "")
}

/// Returns the address of a local server: one on the loopback interface. Skips others.
async fn local(context: &CheckContext) -> Result<Uri, Finding> {
    let home = home(context).await?;
    let host = home.host().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    if host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|one| one.is_loopback()) {
        return Ok(home);
    }
    Err(Finding::Skip(format!(
        "the server is reached at {host}, so it is not local"
    )))
}

/// Finds other addresses of this machine with an HTTP server at the same port and path.
async fn open_addresses(context: &CheckContext, home: &Uri) -> Result<Vec<IpAddr>, Finding> {
    const LIMIT: Duration = Duration::from_millis(500);
    let interfaces = if_addrs::get_if_addrs().map_err(|error| {
        Finding::Broken(format!("the network interfaces cannot be listed: {error}"))
    })?;
    let others = interfaces.iter().map(if_addrs::Interface::ip);
    // A link-local address does not identify a machine by itself.
    let others = others.filter(|one| {
        let link_local = matches!(one, IpAddr::V6(six) if six.is_unicast_link_local());
        !one.is_loopback() && !link_local
    });
    let others: Vec<IpAddr> = others.collect();
    if others.is_empty() {
        return Err(Finding::Skip(
            "this machine has only the loopback interface".to_owned(),
        ));
    }
    let port = home.port_u16().unwrap_or(80);
    let mut open = Vec::new();
    for other in others {
        let address = SocketAddr::new(other, port);
        let connection = tokio::time::timeout(LIMIT, TcpStream::connect(address)).await;
        if matches!(connection, Ok(Ok(_))) && answers(context, home, address).await? {
            open.push(other);
        }
    }
    Ok(open)
}

/// Returns true if an HTTP server answers at an address. Something else may listen there.
async fn answers(context: &CheckContext, home: &Uri, address: SocketAddr) -> Result<bool, Finding> {
    let mut parts = home.clone().into_parts();
    parts.authority = address.to_string().parse().ok();
    let Ok(uri) = Uri::from_parts(parts) else {
        return Ok(false);
    };
    let exchange = fetch(context, &uri).await;
    Ok(exchange.is_ok_and(|exchange| exchange.status.is_some()))
}

/// Judges servers that run locally, as the specification requires. The address decides which do.
pub(super) async fn loopback_only(context: &CheckContext) -> Judgement {
    let home = local(context).await?;
    let open = open_addresses(context, &home).await?;
    if open.is_empty() {
        return Ok("other addresses of this machine are closed".to_owned());
    }
    Err(Finding::Violation(format!(
        "reached the server of {home} at {open:?} too; expected only the loopback interface"
    )))
}

/// Judges servers that declare authorization, by metadata or because a token was given. Only these
/// must reject clients without a token: a public server breaks no rule.
pub(super) async fn authenticated(context: &CheckContext) -> Judgement {
    let attempt = attempt(context, None).await?;
    if !attempt.admitted {
        return Ok("initialize without a token was rejected".to_owned());
    }
    let mut declared = context
        .tokens()
        .is_some_and(|tokens| tokens.valid.is_some());
    for address in addresses(&home(context).await?, None) {
        declared = declared || document(&fetch(context, &address).await?).is_some();
    }
    if declared {
        let came = attempt.expected("no token", "a refusal");
        return Err(Finding::Violation(came));
    }
    Err(Finding::Skip(
        "the server declares no authorization: it may be public".to_owned(),
    ))
}

/// Accepts a local server without a token if only programs of this machine can reach it, and no
/// foreign page in a browser.
pub(super) async fn restricted(context: &CheckContext) -> Judgement {
    let home = local(context).await?;
    if !attempt(context, None).await?.admitted {
        return Ok("the local server requires a token".to_owned());
    }
    let open = match open_addresses(context, &home).await {
        Err(Finding::Skip(_)) => Vec::new(),
        other => other?,
    };
    if !open.is_empty() {
        return Err(Finding::Violation(format!(
            "a local server requires no token and is open to other machines at {open:?}"
        )));
    }
    origin(context).await.map_err(|finding| match finding {
        Finding::Violation(what) => Finding::Violation(format!(
            "a local server requires no token and is open to foreign pages: {what}"
        )),
        other => other,
    })?;
    Ok("a local server is closed to other machines and foreign pages".to_owned())
}

/// Returns possible addresses of the replaced transport's endpoints: beside the new one, and at the
/// root.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#backwards-compatibility>
fn old_addresses(home: &Uri) -> Vec<Uri> {
    let folder = home
        .path()
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    let mut paths = vec![format!("{folder}/sse"), "/sse".to_owned()];
    paths.dedup();
    let uris = paths.iter().map(|path| at(home, path));
    uris.flatten().collect()
}

fn at(home: &Uri, path: &str) -> Option<Uri> {
    let mut parts = home.clone().into_parts();
    parts.path_and_query = Some(path.parse().ok()?);
    Uri::from_parts(parts).ok()
}

async fn elsewhere(context: &CheckContext, uri: Uri) -> Result<Session, Finding> {
    let change = |endpoint: crate::driver::http::Endpoint| endpoint.elsewhere(uri);
    context.connect_through(change).await
}

/// Opens the old stream, and returns the target for messages that its first event names. Targets of
/// another origin are skipped: the suite contacts no other server.
async fn advertised(session: &Session, home: &Uri) -> Result<Option<Uri>, Finding> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    let (_, head) = session.http(Method::GET, headers, b"").await?;
    if head.status != Some(200) || !head.is_stream {
        return Ok(None);
    }
    let timing = session.timing();
    let first = session.log().wait_for(0, timing.call, |_| true).await;
    let text = first.map(|entry| entry.text()).unwrap_or_default();
    let named = match text.strip_prefix('/') {
        Some(_) => at(home, &text),
        None => text.parse().ok().filter(|uri: &Uri| uri.host().is_some()),
    };
    match named {
        Some(named) if !same_origin(&named, home) => Err(Finding::Skip(format!(
            "the old stream names {named}, of another origin: nothing is sent there"
        ))),
        named => Ok(named),
    }
}

pub(super) async fn old_endpoint(context: &CheckContext) -> Judgement {
    let home = home(context).await?;
    for address in old_addresses(&home) {
        let stream = elsewhere(context, address.clone()).await?;
        let Some(target) = advertised(&stream, &home).await? else {
            continue;
        };
        let messages = elsewhere(context, target.clone()).await?;
        let id = messages.fresh_id();
        let params = json!({"protocolVersion": "2024-11-05", "capabilities": {},
            "clientInfo": {"name": "wasi-mcp-conformance", "version": REVISION}});
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static(BOTH_TYPES));
        let body = request_text(&id, "initialize", &params);
        let sent = messages.http(Method::POST, headers, body.as_bytes());
        let exchange: Exchange = sent.await?.1;
        let is_answer = |entry: &Entry| entry.answers(&id);
        let answer = stream.log().wait_for(0, context.timing().answer, is_answer);
        if exchange.is_success() && answer.await.is_some() {
            return Ok(format!("an old client is served at {address}"));
        }
        return Err(Finding::Violation(format!(
            "GET {address} named {target}; sent initialize there; expected the response on the \
             first stream; got nothing, and {}",
            exchange.describe()
        )));
    }
    Ok("no old endpoint is advertised to old clients".to_owned())
}
