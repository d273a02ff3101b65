//! `server` of `capabilities.wit`: what a server says of itself in its answer
//! to [`initialize`](https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#initialization).

use super::codec::Codec;
use super::to_json_string;
use crate::component::bindings::capabilities::{Server, ServerCapabilities};
use crate::component::bindings::types::Implementation;
use crate::json::{Fault, Object};

const SERVER_INFO: &str = "serverInfo";
const CAPABILITIES: &str = "capabilities";
const INSTRUCTIONS: &str = "instructions";

/// A server's part of the answer to `initialize`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerDeclaration {
    /// `serverInfo`, the JSON text of an object.
    pub info: String,
    /// `capabilities`, the JSON text of an object. It has `logging`.
    pub capabilities: String,
    /// `instructions`, the plain text.
    pub instructions: Option<String>,
}

/// Writes what a component declares as its server. `logging` is declared in
/// any case, for it is the host that filters by level.
///
/// # Errors
///
/// A [`Fault`] where JSON text from the component is no object. The path
/// starts with `serverInfo` or `capabilities`.
pub fn declare_server(server: Server) -> Result<ServerDeclaration, Fault> {
    let Server {
        info,
        mut capabilities,
        instructions,
    } = server;
    capabilities
        .logging
        .get_or_insert_with(|| String::from("{}"));
    Ok(ServerDeclaration {
        info: to_json_string(&info).map_err(|fault| fault.within(SERVER_INFO))?,
        capabilities: to_json_string(&capabilities).map_err(|fault| fault.within(CAPABILITIES))?,
        instructions,
    })
}

/// Reads a server from the result of an `initialize` that was sent to it.
///
/// # Errors
///
/// A [`Fault`] where a member is missing or mistyped.
pub fn server_from_initialize(mut result: Object<'_>) -> Result<Server, Fault> {
    Ok(Server {
        info: Implementation::read_member(&mut result, SERVER_INFO)?,
        capabilities: ServerCapabilities::read_member(&mut result, CAPABILITIES)?,
        instructions: Option::<String>::read_member(&mut result, INSTRUCTIONS)?,
    })
}
