//! Completion of arguments.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/completion>

use std::fmt::Display;

use wasi_mcp_types::content::CompleteResult;
use wasi_mcp_types::types::Error;

use crate::context::Context;
use crate::errors::protocol_error;

/// The maximum number of values in one answer, a limit of MCP.
const MAXIMUM_VALUES: usize = 100;

/// An argument that a user is typing.
pub struct Completion {
    /// The text typed so far.
    pub value: String,
    /// The arguments whose values are known: names and values.
    pub arguments: Vec<(String, String)>,
    /// The request.
    pub context: Context,
}

impl Completion {
    /// Returns the value of another argument, where it is known.
    pub fn argument(&self, name: &str) -> Option<&str> {
        let found = self.arguments.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Values for an argument.
///
/// A list offers its values that begin with the typed text, at most 100 of them. A
/// [`CompleteResult`] is sent as it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot complete an argument",
    label = "not a list of strings",
    note = "use an array or a `Vec` of strings, `CompleteResult`, or a `Result` of one of these"
)]
pub trait IntoCompletion {
    /// Returns the answer for the text typed so far.
    fn into_completion(self, typed: &str) -> Result<CompleteResult, Error>;
}

impl IntoCompletion for CompleteResult {
    fn into_completion(self, _: &str) -> Result<CompleteResult, Error> {
        Ok(self)
    }
}

impl<S: Into<String>> IntoCompletion for Vec<S> {
    fn into_completion(self, typed: &str) -> Result<CompleteResult, Error> {
        Ok(beginning_with(typed, self.into_iter().map(Into::into)))
    }
}

impl<S: Into<String>, const N: usize> IntoCompletion for [S; N] {
    fn into_completion(self, typed: &str) -> Result<CompleteResult, Error> {
        Ok(beginning_with(typed, self.into_iter().map(Into::into)))
    }
}

impl<T: IntoCompletion, E: Display + 'static> IntoCompletion for Result<T, E> {
    fn into_completion(self, typed: &str) -> Result<CompleteResult, Error> {
        self.map_err(protocol_error)?.into_completion(typed)
    }
}

fn beginning_with(typed: &str, candidates: impl Iterator<Item = String>) -> CompleteResult {
    let mut values: Vec<String> = candidates
        .filter(|candidate| candidate.starts_with(typed))
        .collect();
    let total = values.len();
    values.truncate(MAXIMUM_VALUES);
    CompleteResult {
        total: u32::try_from(total).ok(),
        has_more: Some(total > values.len()),
        values,
        ..CompleteResult::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_begin_with_the_typed_text() {
        let result = ["Lyon", "Paris", "Pau"].into_completion("Pa").unwrap();
        assert_eq!(result.values, ["Paris", "Pau"]);
        assert_eq!((result.total, result.has_more), (Some(2), Some(false)));
    }

    #[test]
    fn an_answer_has_at_most_100_values() {
        let all: Vec<String> = (0..250).map(|number| number.to_string()).collect();
        let result = all.into_completion("").unwrap();
        assert_eq!(result.values.len(), 100);
        assert_eq!((result.total, result.has_more), (Some(250), Some(true)));
    }

    #[test]
    fn a_failure_is_an_error_of_the_protocol() {
        let failed: Result<Vec<String>, _> = Err("out of cities");
        assert_eq!(
            failed.into_completion("").unwrap_err().message,
            "out of cities"
        );
    }
}
