//! Resources under `https`:
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/resources#common-uri-schemes>.

use std::io::ErrorKind;

use super::{Check, Finding, Judgement, Tally};
use crate::bench::Bench;
use crate::discover::listing::List;

/// The checks of this section.
pub const CHECKS: &[Check] = &[check!(
    "resources/https",
    "Lists under https only what a client can fetch by itself.",
    ["resources.https-scheme", "resources.other-scheme"],
    can_be_fetched
)];

/// How many addresses are tried.
const MOST_ADDRESSES: usize = 20;

/// Whether somebody listens at the address is all that is judged. Where the
/// network itself fails, the server is not to blame.
async fn can_be_fetched(bench: &Bench) -> Judgement {
    let survey = bench.survey().await?;
    let uris = survey.resources.names(List::Resources).into_iter();
    let listed: Vec<&str> = uris.filter(|uri| uri.starts_with("https://")).collect();
    let mut tally = Tally::default();
    for uri in listed.iter().take(MOST_ADDRESSES) {
        let outcome = reach(uri, bench.timing().answer).await;
        tally.note(outcome.map_err(|kind| match kind {
            ErrorKind::ConnectionRefused => Finding::Violation(format!(
                "{uri} is listed, but nobody listens there; expected another scheme, \
                 or a server at that address"
            )),
            kind => Finding::Skip(kind.to_string()),
        }));
    }
    let nothing = if listed.is_empty() {
        "the server lists no resource under https"
    } else {
        "no server under https could be looked for from here"
    };
    tally.judge("resources under https have a server", nothing)
}

async fn reach(uri: &str, within: std::time::Duration) -> Result<(), ErrorKind> {
    let uri: ::http::Uri = uri.parse().map_err(|_| ErrorKind::InvalidInput)?;
    let host = uri.host().ok_or(ErrorKind::InvalidInput)?;
    let host = host.trim_matches(['[', ']']);
    let connecting = tokio::net::TcpStream::connect((host, uri.port_u16().unwrap_or(443)));
    match tokio::time::timeout(within, connecting).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.kind()),
        Err(_) => Err(ErrorKind::TimedOut),
    }
}
