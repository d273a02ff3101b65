//! Authorization: <https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization>.
//!
//! It is optional. A server that answers initialize without a token is not protected, and these
//! checks are skipped.

use ::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, WWW_AUTHENTICATE};
use ::http::{HeaderMap, Method, Uri};
use serde_json::Value;

use super::check::Check;
use super::context::CheckContext;
use super::lifecycle::offered_lists;
use super::tally::Tally;
use crate::driver::http::{Endpoint, same_origin};
use crate::driver::log::Exchange;
use crate::driver::session::request_text;
use crate::driver::tokens::bearer;
use crate::driver::{Body, ClientRole, Session, Tokens};
use crate::model::requirements::REVISION;
use crate::model::{Finding, Judgement};
use crate::wire::challenge::{self, Challenge};
use crate::wire::envelope::Message;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(Http "authorization/challenge", "Answers a request without a token with 401 and a challenge, as the OAuth framework requires.",
        ["auth.http-conform"], challenge_flow),
    check!(Http "authorization/missing-token", "Answers a request without a token with 401.",
        ["auth.rs.status-401"], missing_token),
    check!(Http "authorization/challenge-names-metadata", "Names the address of its metadata in the challenge.",
        ["auth.rs.www-authenticate"], challenge_names_metadata),
    check!(Http "authorization/metadata", "Publishes metadata that name the protected resource.",
        ["auth.rs.prm"], metadata),
    check!(Http "authorization/authorization-servers", "Names at least one authorization server in its metadata.",
        ["auth.rs.prm-authorization-servers"], authorization_servers),
    check!(Http "authorization/trailing-slash", "Names itself without a meaningless trailing slash.",
        ["auth.resource-trailing-slash"], trailing_slash),
    check!(Http "authorization/upper-case-host", "Accepts its host name in capital letters.",
        ["auth.resource-case"], upper_case_host),
    check!(Http "authorization/bearer-scheme", "Accepts tokens in the header only, with the scheme in any case.",
        ["auth.token.oauth21-s5"], bearer_scheme),
    check!(Http "authorization/invalid-tokens", "Rejects forged, altered and expired tokens.",
        ["auth.rs.validate"], invalid_tokens),
    check!(Http "authorization/invalid-token-status", "Answers invalid and expired tokens with 401.",
        ["auth.rs.invalid-401"], invalid_token_status),
    check!(Http "authorization/refusal-form", "Reports an invalid token with a challenge.",
        ["auth.rs.error-form"], refusal_form),
    check!(Http "authorization/malformed", "Answers malformed credentials with 400.",
        ["auth.rs.status-400"], malformed),
    check!(Http "authorization/other-audience", "Rejects tokens issued for another server.",
        ["auth.rs.audience", "auth.rs.no-other-tokens", "security.rs.issued-for-server"], other_audience),
    check!(Http "authorization/no-audience", "Rejects tokens without an audience.",
        ["auth.rs.reject-missing-audience"], no_audience),
    check!(Http "authorization/insufficient-scope", "Answers a token that lacks a scope with 403.",
        ["auth.rs.status-403"], insufficient_scope),
    check!(Http "authorization/validate-first", "Does not act on rejected requests.",
        ["auth.rs.validate-first"], validate_first),
    check!(Http "authorization/no-data", "Reveals nothing in refusals.",
        ["auth.rs.no-data-leak"], no_data),
    check!(Http "authorization/session-alone", "Requires the token with every request: a session does not authenticate.",
        ["security.session.verify-inbound", "security.session.not-auth"], session_alone),
    check!(Http "authorization/session-of-another", "Serves a session only to the user who began it.",
        ["security.session.bind-user"], session_of_another),
];

/// The answer to an initialize with unusual credentials.
pub(super) struct Attempt {
    session: Session,
    exchange: Exchange,
    /// True if the request was accepted.
    pub(super) admitted: bool,
}

impl Attempt {
    pub(super) fn expected(&self, with: &str, what: &str) -> String {
        let came = self.exchange.describe();
        format!("sent initialize with {with}; expected {what}; got {came}")
    }

    fn status_is(&self, with: &str, status: u16) -> Judgement {
        if self.exchange.status == Some(status) {
            return Ok(format!("initialize with {with} was answered with {status}"));
        }
        let what = format!("status {status}");
        Err(Finding::Violation(self.expected(with, &what)))
    }

    fn is_refused(&self, with: &str) -> Judgement {
        if !self.admitted {
            return Ok(format!("initialize with {with} was rejected"));
        }
        Err(Finding::Violation(self.expected(with, "a refusal")))
    }
}

/// Sends initialize with these credentials instead of the usual ones.
pub(super) async fn attempt(
    context: &CheckContext,
    credentials: Option<HeaderValue>,
) -> Result<Attempt, Finding> {
    let change = |endpoint: Endpoint| endpoint.with_header(AUTHORIZATION, credentials);
    enter(context.connect_through(change).await?).await
}

async fn enter(session: Session) -> Result<Attempt, Finding> {
    let reply = session.initialize(REVISION).await;
    let exchange = session.log().read().exchanges.first().cloned();
    let exchange = exchange.ok_or_else(|| Finding::Broken("nothing was sent".to_owned()))?;
    let admitted = matches!(reply.body, Body::Result(_)) && exchange.is_success();
    Ok(Attempt {
        session,
        exchange,
        admitted,
    })
}

const UNPROTECTED: &str = "the server is not protected: initialize without a token is answered";
const NO_TOKEN: &str = "no token";

/// Sends initialize without a token. A skip if the server is not protected.
async fn rejected_without_token(context: &CheckContext) -> Result<Attempt, Finding> {
    let attempt = attempt(context, None).await?;
    if attempt.admitted {
        return Err(Finding::Skip(UNPROTECTED.to_owned()));
    }
    Ok(attempt)
}

/// Returns the token that a check needs. A skip if it is unknown or the server is not protected.
async fn token(
    context: &CheckContext,
    kind: &str,
    pick: impl Fn(&Tokens) -> Option<&String>,
) -> Result<String, Finding> {
    rejected_without_token(context).await?;
    let token = context.tokens().and_then(pick).cloned();
    token.ok_or_else(|| Finding::Skip(format!("no `{kind}` token was given (--auth-tokens)")))
}

fn credentials(token: &str) -> Result<Option<HeaderValue>, Finding> {
    let value = bearer(token);
    let value = value.map_err(|error| Finding::Broken(format!("no header: {error:#}")));
    value.map(Some)
}

/// Returns the challenge of an answer for a bearer token.
fn challenge_of(exchange: &Exchange) -> Option<Challenge> {
    let headers = exchange.headers.get_all(WWW_AUTHENTICATE).iter();
    let texts = headers.filter_map(|value| value.to_str().ok());
    let mut challenges = texts.flat_map(challenge::read);
    challenges.find(|challenge| challenge.scheme == "bearer")
}

/// Formats `WWW-Authenticate` for a message.
fn challenges_in(exchange: &Exchange) -> String {
    match exchange.header(WWW_AUTHENTICATE.as_str()) {
        Some(text) => format!("WWW-Authenticate: {text}"),
        None => "no WWW-Authenticate".to_owned(),
    }
}

async fn challenge_flow(context: &CheckContext) -> Judgement {
    let attempt = attempt(context, None).await?;
    let declared = context
        .tokens()
        .is_some_and(|tokens| tokens.valid.is_some());
    if attempt.admitted && !declared {
        return Err(Finding::Skip(UNPROTECTED.to_owned()));
    }
    attempt.status_is(NO_TOKEN, 401)?;
    if challenge_of(&attempt.exchange).is_some() {
        return Ok("initialize without a token was answered with 401 and a challenge".to_owned());
    }
    let found = challenges_in(&attempt.exchange);
    let expected = attempt.expected(NO_TOKEN, "a challenge of the scheme Bearer");
    Err(Finding::Violation(format!("{expected}, {found}")))
}

async fn missing_token(context: &CheckContext) -> Judgement {
    rejected_without_token(context)
        .await?
        .status_is(NO_TOKEN, 401)
}

/// Returns the address of the metadata in a challenge.
fn metadata_address(exchange: &Exchange) -> Option<Uri> {
    let challenge = challenge_of(exchange)?;
    let address: Uri = challenge.parameter("resource_metadata")?.parse().ok()?;
    address.authority().is_some().then_some(address)
}

async fn challenge_names_metadata(context: &CheckContext) -> Judgement {
    let attempt = rejected_without_token(context).await?;
    let found = challenges_in(&attempt.exchange);
    let Some(address) = metadata_address(&attempt.exchange) else {
        let what = "WWW-Authenticate with the URL of the metadata as resource_metadata";
        let expected = attempt.expected(NO_TOKEN, what);
        return Err(Finding::Violation(format!("{expected}, {found}")));
    };
    // A server behind a proxy may name an address that does not lead to it from here.
    if !same_origin(&address, &home(context).await?) {
        return Ok(format!("the challenge names {address}"));
    }
    let exchange = fetch(context, &address).await?;
    match document(&exchange) {
        Some(_) => Ok(format!(
            "the challenge names {address}, where the metadata are"
        )),
        None => Err(Finding::Violation(format!(
            "the challenge names {address}; expected metadata there; got {}",
            exchange.describe()
        ))),
    }
}

/// Returns the address of the server, without potential secrets, as messages show it.
pub(super) async fn home(context: &CheckContext) -> Result<Uri, Finding> {
    let mut address = None;
    let note = |endpoint: Endpoint| {
        address = endpoint.place();
        endpoint
    };
    context.connect_through(note).await?;
    address.ok_or_else(|| Finding::Broken("the server has no address".to_owned()))
}

/// Gets a document of the server without a token.
pub(super) async fn fetch(context: &CheckContext, address: &Uri) -> Result<Exchange, Finding> {
    let change = |endpoint: Endpoint| {
        endpoint
            .with_header(AUTHORIZATION, None)
            .elsewhere(address.clone())
    };
    let session = context.connect_through(change).await?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let (index, head) = session.http(Method::GET, headers, b"").await?;
    let whole = session.end_of(index, session.timing().answer).await;
    Ok(whole.unwrap_or(head))
}

/// Parses metadata, which must name the resource.
///
/// <https://www.rfc-editor.org/rfc/rfc9728#section-3.2>
pub(super) fn document(exchange: &Exchange) -> Option<Value> {
    let value: Value = serde_json::from_slice(&exchange.body).ok()?;
    let good = exchange.status == Some(200) && value["resource"].is_string();
    good.then_some(value)
}

/// Returns candidate addresses of the metadata: the one in the challenge, and the well-known ones
/// with and without the path of the endpoint.
pub(super) fn addresses(home: &Uri, named: Option<Uri>) -> Vec<Uri> {
    const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
    let path = home.path().trim_end_matches('/');
    let mut paths = vec![format!("{WELL_KNOWN}{path}"), WELL_KNOWN.to_owned()];
    paths.dedup();
    let near = paths.iter().filter_map(|path| {
        let mut parts = home.clone().into_parts();
        parts.path_and_query = Some(path.parse().ok()?);
        Uri::from_parts(parts).ok()
    });
    named.into_iter().chain(near).collect()
}

/// Gets the metadata, or what was found instead. Metadata of another origin are not judged: a
/// challenge may name any address, and the suite contacts no other server.
async fn published(context: &CheckContext) -> Result<Result<Value, String>, Finding> {
    let attempt = rejected_without_token(context).await?;
    let named = metadata_address(&attempt.exchange);
    let home = home(context).await?;
    let is_near = |address: &Uri| same_origin(address, &home);
    let foreign = named.clone().filter(|address| !is_near(address));
    let mut came = Vec::new();
    for address in addresses(&home, named.filter(is_near)) {
        let exchange = fetch(context, &address).await?;
        if let Some(document) = document(&exchange) {
            return Ok(Ok(document));
        }
        came.push(format!("GET {address}: {}", exchange.describe()));
    }
    if let Some(foreign) = foreign {
        return Err(Finding::Skip(format!(
            "the challenge names {foreign}, of another origin: nothing is fetched from there"
        )));
    }
    Ok(Err(came.join("\n")))
}

async fn metadata(context: &CheckContext) -> Judgement {
    match published(context).await? {
        Ok(document) => Ok(format!("the metadata name {}", document["resource"])),
        Err(came) => Err(Finding::Violation(format!(
            "expected metadata in JSON that name the resource; got\n{came}"
        ))),
    }
}

async fn found(context: &CheckContext) -> Result<Value, Finding> {
    let found = published(context).await?;
    found.map_err(|_| Finding::Skip("there are no metadata".to_owned()))
}

async fn authorization_servers(context: &CheckContext) -> Judgement {
    let document = found(context).await?;
    let servers = &document["authorization_servers"];
    let is_named = |all: &Vec<Value>| !all.is_empty() && all.iter().all(Value::is_string);
    if servers.as_array().is_some_and(is_named) {
        return Ok(format!("the metadata name {servers}"));
    }
    Err(Finding::Violation(format!(
        "expected authorization_servers with at least one URL; got {document}"
    )))
}

async fn trailing_slash(context: &CheckContext) -> Judgement {
    let document = found(context).await?;
    let resource = document["resource"].as_str().unwrap_or_default();
    let home = home(context).await?;
    // The slash of an endpoint such as `/mcp/` distinguishes it from `/mcp`.
    let meant = home.path() != "/" && home.path().ends_with('/');
    if resource.ends_with('/') && !meant {
        return Err(Finding::Violation(format!(
            "expected a resource without a slash at the end; got {resource:?}"
        )));
    }
    Ok(format!("the metadata name {resource:?}"))
}

async fn upper_case_host(context: &CheckContext) -> Judgement {
    rejected_without_token(context).await?;
    let home = home(context).await?;
    let host = home.authority().map_or("", |authority| authority.as_str());
    let upper = host.to_ascii_uppercase();
    if upper == host {
        return Err(Finding::Skip(format!("the address {host} has no letters")));
    }
    let value = HeaderValue::from_str(&upper);
    let value = value.map_err(|error| Finding::Broken(error.to_string()))?;
    let change = |endpoint: Endpoint| endpoint.with_header(HOST, Some(value));
    let attempt = enter(context.connect_through(change).await?).await?;
    if attempt.admitted {
        return Ok(format!("initialize with Host: {upper} was answered"));
    }
    let with = format!("Host: {upper}");
    Err(Finding::Violation(attempt.expected(&with, "a result")))
}

async fn bearer_scheme(context: &CheckContext) -> Judgement {
    let token = token(context, "valid", |tokens| tokens.valid.as_ref()).await?;
    let mut tally = Tally::default();
    let value = HeaderValue::from_str(&format!("bearer {token}"));
    let value = value.map_err(|error| Finding::Broken(error.to_string()))?;
    let lower = attempt(context, Some(value)).await?;
    tally.expect(lower.admitted, || {
        lower.expected("the valid token and the scheme `bearer`", "a result")
    });
    // Plain text can be sent in a query.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if token.bytes().all(is_plain) {
        let query = format!("access_token={token}");
        let change = |endpoint: Endpoint| {
            let bare = endpoint.with_header(AUTHORIZATION, None);
            bare.clone().with_query(&query).unwrap_or(bare)
        };
        let queried = enter(context.connect_through(change).await?).await?;
        tally.note(queried.is_refused("the valid token in the query alone"));
    }
    tally.judge("ways to send the token were distinguished", "")
}

/// Changes one letter in the last part of a token, which is often a signature.
fn tampered(token: &str) -> String {
    let start = token.rfind('.').map_or(0, |dot| dot + 1);
    let position = start + (token.len() - start) / 2;
    let change = |(index, letter): (usize, char)| match letter {
        _ if index != position => letter,
        'A' => 'B',
        _ => 'A',
    };
    token.char_indices().map(change).collect()
}

/// Returns invalid tokens with descriptions.
async fn invalid(context: &CheckContext) -> Result<Vec<(&'static str, String)>, Finding> {
    rejected_without_token(context).await?;
    let mut tokens = vec![("a forged token", "bm8tc3VjaC10b2tlbg".to_owned())];
    let given = context.tokens();
    let valid = given.and_then(|tokens| tokens.valid.as_deref());
    tokens.extend(valid.map(|token| ("the valid token with a letter changed", tampered(token))));
    let expired = given.and_then(|tokens| tokens.expired.clone());
    tokens.extend(expired.map(|token| ("an expired token", token)));
    Ok(tokens)
}

async fn invalid_tokens(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for (what, token) in invalid(context).await? {
        tally.note(
            attempt(context, credentials(&token)?)
                .await?
                .is_refused(what),
        );
    }
    tally.judge("invalid tokens were rejected", "")
}

async fn invalid_token_status(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for (what, token) in invalid(context).await? {
        let attempt = attempt(context, credentials(&token)?).await?;
        tally.note(attempt.status_is(what, 401));
    }
    tally.judge("invalid tokens were answered with 401", "")
}

async fn refusal_form(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for (what, token) in invalid(context).await? {
        let attempt = attempt(context, credentials(&token)?).await?;
        if attempt.admitted {
            continue;
        }
        let challenge = challenge_of(&attempt.exchange);
        let expected = || {
            let what =
                attempt.expected(what, "a challenge of the scheme Bearer with invalid_token");
            format!("{what}, {}", challenges_in(&attempt.exchange))
        };
        // The challenge is a MUST, its error code a SHOULD:
        // https://www.rfc-editor.org/rfc/rfc6750#section-3
        match challenge
            .as_ref()
            .map(|challenge| challenge.parameter("error"))
        {
            None => tally.fail(expected()),
            Some(Some("invalid_token")) => tally.tried += 1,
            Some(_) => drop(tally.note::<()>(Err(Finding::Warning(expected())))),
        }
    }
    tally.judge("refusals named the error", "no invalid token was rejected")
}

async fn malformed(context: &CheckContext) -> Judgement {
    rejected_without_token(context).await?;
    let mut tally = Tally::default();
    for text in ["Bearer", "Bearer one two", "Bearer one, Bearer two"] {
        let attempt = attempt(context, Some(HeaderValue::from_static(text))).await?;
        // It is undefined whether this is a malformed token or none.
        let refused = matches!(attempt.exchange.status, Some(400 | 401));
        tally.expect(refused, || {
            attempt.expected(&format!("Authorization: {text}"), "status 400")
        });
    }
    tally.judge("malformed credentials were answered with 400 or 401", "")
}

async fn other_audience(context: &CheckContext) -> Judgement {
    let token = token(context, "wrong-audience", |tokens| {
        tokens.wrong_audience.as_ref()
    })
    .await?;
    let attempt = attempt(context, credentials(&token)?).await?;
    attempt.is_refused("a token for another server")
}

async fn no_audience(context: &CheckContext) -> Judgement {
    let token = token(context, "no-audience", |tokens| tokens.no_audience.as_ref()).await?;
    let attempt = attempt(context, credentials(&token)?).await?;
    attempt.is_refused("a token without an audience")
}

async fn insufficient_scope(context: &CheckContext) -> Judgement {
    let token = token(context, "insufficient-scope", |tokens| {
        tokens.insufficient_scope.as_ref()
    })
    .await?;
    let with = "a token that lacks a scope";
    let attempt = attempt(context, credentials(&token)?).await?;
    if !attempt.admitted {
        return attempt.status_is(with, 403);
    }
    // Perhaps only some requests require the scope.
    let survey = context.survey().await?;
    let calls = survey
        .calls
        .iter()
        .map(|call| ("tools/call", call.params()));
    let lists = offered_lists(&attempt.session);
    let lists = lists.into_iter().map(|list| (list.method(), Value::Null));
    for (method, params) in lists.chain(calls) {
        let reply = attempt.session.request(method, params).await;
        match reply.status {
            Some(403) => return Ok(format!("{method} with {with} was answered with 403")),
            Some(401) => return Err(reply.unexpected("status 403")),
            // Any other error is unrelated to the scope.
            _ => {}
        }
    }
    Err(Finding::Skip("no request required the scope".to_owned()))
}

/// A client without a token that knows the session of another.
struct Stranger {
    session: Session,
    headers: HeaderMap,
}

impl Stranger {
    async fn in_session_of(context: &CheckContext, victim: &Session) -> Result<Self, Finding> {
        let change = |endpoint: Endpoint| endpoint.with_header(AUTHORIZATION, None);
        Ok(Self {
            session: context.connect_through(change).await?,
            headers: victim.post_headers()?,
        })
    }

    async fn asks(&self, method: Method, body: &str) -> Result<Exchange, Finding> {
        let mut headers = self.headers.clone();
        if method != Method::POST {
            headers.remove(CONTENT_TYPE);
        }
        if method == Method::GET {
            headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        }
        let lasting = method == Method::GET;
        let (index, head) = self.session.http(method, headers, body.as_bytes()).await?;
        if lasting && head.is_stream {
            tokio::time::sleep(self.session.timing().quiet).await;
            self.session.cut(index);
        }
        let whole = self
            .session
            .end_of(index, self.session.timing().answer)
            .await;
        Ok(whole.unwrap_or(head))
    }

    async fn requests(&self, method: &str) -> Result<Exchange, Finding> {
        let text = request_text(&self.session.fresh_id(), method, &Value::Null);
        self.asks(Method::POST, &text).await
    }
}

async fn validate_first(context: &CheckContext) -> Judgement {
    rejected_without_token(context).await?;
    let victim = context.fresh(ClientRole::complete()).await?;
    if victim.log().read().session_id.is_none() {
        return Err(Finding::Skip(
            "the server issues no session ids: nothing can be ended".to_owned(),
        ));
    }
    let stranger = Stranger::in_session_of(context, &victim).await?;
    let exchange = stranger.asks(Method::DELETE, "").await?;
    let after = format!("DELETE without a token, which got {}", exchange.describe());
    victim.expect_alive(&after).await?;
    Ok("DELETE without a token ended no session".to_owned())
}

async fn no_data(context: &CheckContext) -> Judgement {
    let attempt = rejected_without_token(context).await?;
    let victim = context.fresh(ClientRole::complete()).await?;
    let stranger = Stranger::in_session_of(context, &victim).await?;
    let mut tally = Tally::default();
    let mut judge = |what: &str, exchange: &Exchange| {
        let body = serde_json::from_slice::<Value>(&exchange.body).unwrap_or_default();
        let nothing = body.get("result").is_none() && exchange.events.is_empty();
        tally.expect(
            nothing && !(exchange.is_stream && exchange.is_success()),
            || {
                let came = exchange.describe();
                format!("sent {what} without a token; expected only a refusal; got {came}")
            },
        );
    };
    judge("initialize", &attempt.exchange);
    for method in ["tools/list", "resources/list", "prompts/list"] {
        judge(method, &stranger.requests(method).await?);
    }
    judge("GET", &stranger.asks(Method::GET, "").await?);
    tally.judge("refusals revealed nothing", "")
}

async fn session_alone(context: &CheckContext) -> Judgement {
    rejected_without_token(context).await?;
    let victim = context.fresh(ClientRole::complete()).await?;
    let stranger = Stranger::in_session_of(context, &victim).await?;
    let exchange = stranger.requests("ping").await?;
    if exchange.is_success() {
        return Err(Finding::Violation(format!(
            "sent ping in another client's session without a token; expected a refusal; got {}",
            exchange.describe()
        )));
    }
    Ok("a request without a token was rejected in a session".to_owned())
}

async fn session_of_another(context: &CheckContext) -> Judgement {
    let token = token(context, "other-user", |tokens| tokens.other_user.as_ref()).await?;
    let other = attempt(context, credentials(&token)?).await?;
    if !other.admitted {
        let why = "the `other-user` token is rejected everywhere";
        return Err(Finding::Skip(why.to_owned()));
    }
    let victim = context.fresh(ClientRole::complete()).await?;
    if victim.log().read().session_id.is_none() {
        return Err(Finding::Skip("the server issues no session ids".to_owned()));
    }
    let id = other.session.fresh_id();
    let body = request_text(&id, "ping", &Value::Null);
    let headers = victim.post_headers()?;
    let from = other.session.log().len();
    let sent = other.session.http(Method::POST, headers, body.as_bytes());
    let (index, head) = sent.await?;
    let exchange = other.session.end_of(index, context.timing().answer).await;
    let exchange = exchange.unwrap_or(head);
    let log = other.session.log().since(from);
    let answer = log.iter().find(|entry| entry.answers(&id));
    let served = answer.is_some_and(|entry| {
        let message = &entry.envelope.message;
        matches!(message, Message::Response { answer: Ok(_), .. })
    });
    if served {
        return Err(Finding::Violation(format!(
            "sent ping in a session of another user; expected a refusal; got {}",
            exchange.describe()
        )));
    }
    Ok("a session was not served to another user".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_of_the_last_part_is_changed() {
        assert_eq!(tampered("abc.def.ghi"), "abc.def.gAi");
        assert_eq!(tampered("xAx"), "xBx");
    }

    #[test]
    fn metadata_are_searched_with_and_without_the_path() {
        let home = |text: &str| text.parse::<Uri>().expect("a URL");
        let texts = |all: Vec<Uri>| -> Vec<String> { all.iter().map(Uri::to_string).collect() };
        let well_known = "http://a/.well-known/oauth-protected-resource";
        assert_eq!(
            texts(addresses(&home("http://a/b/c"), None)),
            [format!("{well_known}/b/c"), well_known.to_owned()]
        );
        assert_eq!(texts(addresses(&home("http://a/"), None)), [well_known]);
    }
}
