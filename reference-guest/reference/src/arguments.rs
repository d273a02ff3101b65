//! The arguments of a tool call: one JSON object.

use serde::de::DeserializeOwned;

use crate::bindings::wasi::mcp::types::Error;
use crate::error::invalid_params;

/// The text of `arguments`; a call without any has the empty object.
pub struct Arguments(Option<String>);

impl Arguments {
    pub fn new(json: Option<String>) -> Self {
        Self(json)
    }

    pub fn text(&self) -> &str {
        self.0.as_deref().unwrap_or("{}")
    }

    /// Returns the arguments as the tool's type, or -32602.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(self.text())
            .map_err(|cause| invalid_params(format!("Invalid arguments: {cause}")))
    }
}
