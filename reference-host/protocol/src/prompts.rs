//! [Getting prompts](https://modelcontextprotocol.io/specification/2025-06-18/server/prompts#getting-a-prompt).

use super::error::{RpcError, shortened};
use super::session::{Incoming, Session, Verdict};
use crate::json::{self, Fault, Object, RawValue};

impl Session {
    /// Checks `prompts/get`: the arguments are strings and, if the host keeps the list, the prompt
    /// is known and has its required arguments.
    pub(super) fn judge_get_prompt(&self, incoming: &Incoming<'_>) -> Result<Verdict, RpcError> {
        let name = incoming.params.required("name", json::string)?;
        let arguments = incoming
            .params
            .optional("arguments", strings)?
            .unwrap_or_default();
        if let Some(catalog) = &self.catalog {
            let prompt = catalog.prompt(&name).ok_or_else(|| unknown_prompt(&name))?;
            let missing = prompt
                .arguments
                .iter()
                .find(|(name, required)| *required && arguments.get(name).is_none());
            if let Some((missing, _)) = missing {
                return Err(RpcError::invalid_params(format!(
                    "`params.arguments.{}` is missing: the prompt {} needs it",
                    shortened(missing),
                    shortened(&name)
                )));
            }
        }
        Ok(Verdict::Invoke(self.invoke(incoming)?))
    }
}

pub(super) fn unknown_prompt(name: &str) -> RpcError {
    RpcError::invalid_params(format!("unknown prompt: {}", shortened(name)))
}

/// Reads an object whose members are all strings.
pub(super) fn strings(value: &RawValue) -> Result<Object<'_>, Fault> {
    let members = json::object(value)?;
    for (name, value) in members.iter() {
        json::string(value).map_err(|fault| fault.within(&shortened(&name)))?;
    }
    Ok(members)
}
