//! Support for what the macros expand to. No part of the interface: it changes without notice.

use std::fmt::Display;
use std::rc::Rc;
use std::str::FromStr;

pub use {schemars, serde, wasi_mcp_guest_macros::__export};

pub use crate::completion::{Completion, IntoCompletion};
pub use crate::prompt::{PromptArguments, add as add_prompt};
pub use crate::resource::{add as add_resource, add_template};
pub use crate::streaming::Opened;
pub use crate::template::{Part, Template};
pub use crate::tool::add as add_tool;

use crate::errors::protocol_error;
use crate::items::{Completer, LocalFuture};
use wasi_mcp_types::content::CompleteResult;
use wasi_mcp_types::types::Error;

/// Returns a completer with its argument.
pub fn completer(
    argument: &str,
    complete: fn(Completion) -> LocalFuture<Result<CompleteResult, Error>>,
) -> (String, Completer) {
    (argument.into(), Rc::new(complete))
}

/// Returns a variable of a URI, or `None` where it has another form.
pub fn variable<T: FromStr>(variables: &[(String, String)], name: &str) -> Option<T> {
    let (_, text) = variables.iter().find(|(known, _)| known == name)?;
    text.parse().ok()
}

/// The outcome of a function that handles a subscription.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a subscription",
    label = "not a result of a subscription",
    note = "return nothing, or a `Result<(), E>` with an error that implements `Display`"
)]
pub trait IntoSubscription {
    /// Returns nothing, or the error that ends the request.
    fn into_subscription(self) -> Result<(), Error>;
}

impl IntoSubscription for () {
    fn into_subscription(self) -> Result<(), Error> {
        Ok(())
    }
}

impl<E: Display + 'static> IntoSubscription for Result<(), E> {
    fn into_subscription(self) -> Result<(), Error> {
        self.map_err(protocol_error)
    }
}
