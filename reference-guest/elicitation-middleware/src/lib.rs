//! A middleware that narrows what another component can ask of its client.
//!
//! It provides `elicitation` to the component behind it, refuses its questions, and passes on only
//! those that begin with [`ALLOWED`]. The component has no other way to ask: its import is linked
//! here instead of to the host.

#[cfg(not(any(
    all(feature = "p2", not(feature = "p3")),
    all(feature = "p3", not(feature = "p2"))
)))]
compile_error!("choose one variant: feature `p2` (WASI 0.2) or `p3` (WASI 0.3)");

#[cfg(feature = "p2")]
wit_bindgen::generate!({
    path: "../../wit/preview2",
    world: "wasi:mcp/elicitation-middleware",
    generate_all,
});
#[cfg(feature = "p3")]
wit_bindgen::generate!({
    path: "../../wit",
    world: "wasi:mcp/elicitation-middleware",
    generate_all,
});

use exports::wasi::mcp::elicitation::Guest;
use wasi::mcp::content::{ElicitParams, ElicitResult};
use wasi::mcp::context::RequestContext;
use wasi::mcp::elicitation::elicit;
use wasi::mcp::types::{Error, ErrorCode};

/// The beginning of the questions that this policy allows.
const ALLOWED: &str = "[allowed] ";

struct Policy;

/// Answers as a host does for a client without the capability.
fn check(params: &ElicitParams) -> Result<(), Error> {
    if params.message.starts_with(ALLOWED) {
        return Ok(());
    }
    Err(Error {
        code: ErrorCode::MethodNotFound,
        message: "elicitation is refused by a policy".into(),
        data: None,
    })
}

#[cfg(feature = "p2")]
impl Guest for Policy {
    fn elicit(ctx: &RequestContext, params: ElicitParams) -> Result<ElicitResult, Error> {
        check(&params)?;
        elicit(ctx, &params)
    }
}

#[cfg(feature = "p3")]
impl Guest for Policy {
    async fn elicit(ctx: &RequestContext, params: ElicitParams) -> Result<ElicitResult, Error> {
        check(&params)?;
        elicit(ctx, params).await
    }
}

export!(Policy);
