// A middleware that withholds elicitation.

wit_bindgen::generate!({ path: "WIT", world: "no-questions", generate_all });

use exports::wasi::mcp::elicitation::Guest;
use wasi::mcp::content::{ElicitParams, ElicitResult};
use wasi::mcp::context::RequestContext;
use wasi::mcp::types::{Error, ErrorCode};

struct NoQuestions;

impl Guest for NoQuestions {
    async fn elicit(ctx: &RequestContext, params: ElicitParams) -> Result<ElicitResult, Error> {
        elicit(ctx, params).await
    }
}

export!(NoQuestions);

// @block A middleware that withholds a power: rust 1
