//! Schemas of tools in a build without the feature `validation`: each is passed on, and any object
//! matches it.

use serde_json::value::RawValue;

use crate::json::Kind;

/// The schema of a tool's arguments or of its structured content, which this build does not apply.
#[derive(Debug)]
pub struct Schema {
    json: Box<str>,
}

/// Reasons why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It is not JSON text.
    #[error("expected JSON text: {0}")]
    NotJson(String),
    /// It is too large. Not returned by this build.
    #[error("too large: {0}")]
    TooLarge(String),
    /// It does not have the form that MCP requires of tool schemas.
    #[error("{0}")]
    Form(String),
}

/// A place in a value that does not match the schema. This build finds none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// [JSON Pointer](https://www.rfc-editor.org/rfc/rfc6901) to the place.
    pub path: String,
    /// The mismatch.
    pub message: String,
}

impl Schema {
    /// Checks that a schema is a JSON object.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] gives the reason.
    pub fn compile(json: &str) -> Result<Self, SchemaError> {
        let value: &RawValue =
            serde_json::from_str(json).map_err(|error| SchemaError::NotJson(error.to_string()))?;
        match Kind::of(value) {
            Kind::Object => Ok(Self::unrestrictive(json)),
            _ => Err(SchemaError::Form("expected a JSON object".to_owned())),
        }
    }

    /// Creates a schema that any object matches.
    pub(super) fn unrestrictive(json: &str) -> Self {
        Self { json: json.into() }
    }

    /// Returns its memory, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.json.len()
    }

    /// Returns the schema's text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// Returns the number of schema applications that checking a text takes: none.
    pub(crate) fn estimated_work(&self, _text: &str) -> usize {
        0
    }

    /// Accepts any object.
    ///
    /// # Errors
    ///
    /// None.
    pub fn validate(&self, _object: &str) -> Result<(), Vec<Violation>> {
        Ok(())
    }
}
