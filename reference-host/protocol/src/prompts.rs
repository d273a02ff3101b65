//! [Getting prompts](https://modelcontextprotocol.io/specification/2025-06-18/server/prompts#getting-a-prompt).

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::catalog::Catalog;
use super::error::{RpcError, shortened, shortened_to};
use super::params_check::ParamsCheck;
use super::session::{Incoming, Session, Verdict};
use super::similar;
use crate::json::{self, Fault, Object, RawValue};

/// The maximum length of a list of arguments in an error, in bytes.
const LONGEST_LIST: usize = 1600;

/// Reads the name in `prompts/get`, and checks that the arguments are strings.
pub(super) fn read_name<'m>(params: &Object<'m>) -> Result<Cow<'m, str>, Fault> {
    let name = params.required("name", json::string)?;
    params.optional("arguments", strings)?;
    Ok(name)
}

impl Session {
    /// Checks `prompts/get`: if the host keeps the list, the prompt is known.
    pub(super) fn judge_get_prompt(
        &self,
        incoming: &Incoming<'_>,
        name: &str,
    ) -> Result<Verdict, RpcError> {
        let check = match &self.catalog {
            Some(catalog) => {
                catalog.prompt(name).ok_or_else(|| unknown_prompt(name))?;
                ParamsCheck::prompt(Arc::clone(catalog))
            }
            None => ParamsCheck::default(),
        };
        Ok(Verdict::Invoke(self.invoke(incoming)?, check))
    }
}

/// Checks that a prompt has its required arguments.
pub(super) fn check_arguments(catalog: &Catalog, params: &Object<'_>) -> Result<(), RpcError> {
    let name = params.required("name", json::string)?;
    let Some(prompt) = catalog.prompt(&name) else {
        return Ok(());
    };
    let arguments = params.optional("arguments", json::object)?;
    let given: HashSet<Cow<'_, str>> = arguments
        .iter()
        .flat_map(|arguments| arguments.iter().map(|(name, _)| name))
        .collect();
    let required = prompt.arguments.iter().filter(|(_, required)| *required);
    let missing = required.filter(|(name, _)| !given.contains(&**name));
    let missing: Vec<String> = missing
        .map(|(name, _)| format!("`params.arguments.{}`", shortened(name)))
        .collect();
    let (verb, pronoun) = match missing.len() {
        0 => return Ok(()),
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    let known = || prompt.arguments.iter().map(|(name, _)| &**name);
    let allowed: HashSet<&str> = known().collect();
    let unexpected = given.iter().filter(|it| !allowed.contains(&***it));
    Err(RpcError::invalid_params(format!(
        "{} {verb} missing: the prompt {} needs {pronoun}{}",
        shortened_to(&missing.join(", "), LONGEST_LIST),
        shortened(&name),
        unexpected
            .min()
            .map(|unexpected| no_argument(unexpected, known()))
            .unwrap_or_default()
    )))
}

/// Names an argument that the prompt does not have: a misspelling may be why another one is missing.
fn no_argument<'a>(unexpected: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let text = format!("; it has no argument `{}`: ", shortened(unexpected));
    if let Some(near) = similar::nearest(unexpected, known.clone()) {
        return format!("{text}did you mean `{}`?", shortened(near));
    }
    let names: Vec<String> = known.map(|name| format!("`{}`", shortened(name))).collect();
    let names = names.join(", ");
    format!("{text}expected {}", shortened_to(&names, LONGEST_LIST))
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
