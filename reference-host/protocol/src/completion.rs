//! [Completion](https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/completion).

use std::borrow::Cow;

use super::catalog::Catalog;
use super::error::{RpcError, shortened};
use super::prompts::{strings, unknown_prompt};
use super::session::{Incoming, Session, Verdict};
use crate::json::{self, Fault, Object, RawValue};

/// The owner of an argument.
#[derive(Debug)]
pub(super) enum Reference<'m> {
    Prompt(Cow<'m, str>),
    Resource(Cow<'m, str>),
    /// A kind unknown to this revision.
    Other(Cow<'m, str>),
}

impl<'m> Reference<'m> {
    fn read(value: &'m RawValue) -> Result<Self, Fault> {
        let members = json::object(value)?;
        let kind = members.required("type", json::string)?;
        match &*kind {
            "ref/prompt" => {
                members.optional("title", json::string)?;
                members.required("name", json::string).map(Self::Prompt)
            }
            "ref/resource" => members.required("uri", json::string).map(Self::Resource),
            _ => Ok(Self::Other(kind)),
        }
    }
}

/// Reads the reference of `completion/complete`, and checks the types of the other parameters.
pub(super) fn read_reference<'m>(params: &Object<'m>) -> Result<Reference<'m>, Fault> {
    let reference = params.required("ref", Reference::read)?;
    params.required("argument", |argument| {
        let members = json::object(argument)?;
        members.required("name", json::string)?;
        members.required("value", json::string)
    })?;
    params.optional("context", |context| {
        json::object(context)?.optional("arguments", strings)
    })?;
    Ok(reference)
}

/// Checks that the reference is registered.
pub(super) fn check_reference(
    catalog: &Catalog,
    reference: &Reference<'_>,
) -> Result<(), RpcError> {
    match reference {
        Reference::Prompt(name) if catalog.prompt(name).is_none() => Err(unknown_prompt(name)),
        Reference::Resource(uri) if !catalog.has_template_or_resource(uri) => {
            let message = format!("unknown resource or resource template: {}", shortened(uri));
            Err(RpcError::invalid_params(message))
        }
        Reference::Other(kind) => {
            let message = format!(
                "unknown kind of reference: {}: expected ref/prompt or ref/resource",
                shortened(kind)
            );
            Err(RpcError::invalid_params(message))
        }
        Reference::Prompt(_) | Reference::Resource(_) => Ok(()),
    }
}

impl Session {
    /// Checks `completion/complete`: the reference must be known if the host keeps the lists.
    pub(super) fn judge_complete(
        &self,
        incoming: &Incoming<'_>,
        reference: &Reference<'_>,
    ) -> Result<Verdict, RpcError> {
        if let Some(catalog) = &self.catalog {
            check_reference(catalog, reference)?;
        }
        Ok(Verdict::invoke(self.invoke(incoming)?))
    }
}
