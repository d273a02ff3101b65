//! `server` of `capabilities.wit`: the server's declaration in its answer to
//! [`initialize`](https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#initialization).

use super::codec::Codec;
use super::to_json_string;
use crate::json::{self, Fault, Object, Writer};
use wasi_mcp_types::capabilities::{Server, ServerCapabilities};
use wasi_mcp_types::types::Implementation;

const SERVER_INFO: &str = "serverInfo";
const CAPABILITIES: &str = "capabilities";
const INSTRUCTIONS: &str = "instructions";
const LOGGING: &str = "logging";

/// A server's part of the answer to `initialize`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerDeclaration {
    /// `serverInfo`, the JSON text of an object.
    pub info: String,
    /// `capabilities`, the JSON text of an object.
    pub capabilities: String,
    /// `instructions`, the plain text.
    pub instructions: Option<String>,
}

/// Writes a component's declaration of its server. `logging` says whether the capability of that
/// name is declared; the component's own statement about it is ignored.
///
/// # Errors
///
/// A [`Fault`] if JSON text from the component is not an object. The path starts with `serverInfo`
/// or `capabilities`.
pub fn declare_server(server: Server, logging: bool) -> Result<ServerDeclaration, Fault> {
    let Server {
        info,
        mut capabilities,
        instructions,
    } = server;
    capabilities.extra = with_logging(capabilities.extra.as_deref(), logging)
        .map_err(|fault| fault.within(CAPABILITIES))?;
    Ok(ServerDeclaration {
        info: to_json_string(&info).map_err(|fault| fault.within(SERVER_INFO))?,
        capabilities: to_json_string(&capabilities).map_err(|fault| fault.within(CAPABILITIES))?,
        instructions,
    })
}

/// Adds `logging` as a further member on the wire, since the package has no field for it.
fn with_logging(extra: Option<&str>, logging: bool) -> Result<Option<String>, Fault> {
    let extra = match extra {
        Some(text) => {
            let text = json::check(text.as_bytes(), super::MAX_DEPTH)
                .map_err(|defect| super::invalid(defect).within("extra"))?;
            text.to_owned()
        }
        None => String::from("{}"),
    };
    let mut members = Object::parse(&extra).map_err(|_| Fault::new("an object").within("extra"))?;
    members.take(LOGGING);
    let mut writer = Writer::with_capacity(extra.len() + 16);
    writer.begin_object().members(&members);
    if logging {
        writer.key(LOGGING).raw("{}");
    }
    writer.end_object();
    Ok(Some(writer.into_string()))
}

/// Reads a server from the result of an `initialize` that was sent to it.
///
/// # Errors
///
/// A [`Fault`] if a member is missing or mistyped.
pub fn server_from_initialize(mut result: Object<'_>) -> Result<Server, Fault> {
    Ok(Server {
        info: Implementation::read_member(&mut result, SERVER_INFO)?,
        capabilities: ServerCapabilities::read_member(&mut result, CAPABILITIES)?,
        instructions: Option::<String>::read_member(&mut result, INSTRUCTIONS)?,
    })
}
