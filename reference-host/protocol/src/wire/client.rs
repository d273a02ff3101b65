//! `client` of `capabilities.wit`: the client's declaration in
//! [`initialize`](https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#initialization).

use super::codec::Codec;
use crate::json::{Fault, Object, Writer};
use wasi_mcp_types::capabilities::{Client, ClientCapabilities};
use wasi_mcp_types::types::Implementation;

const PROTOCOL_VERSION: &str = "protocolVersion";
const CAPABILITIES: &str = "capabilities";
const CLIENT_INFO: &str = "clientInfo";

/// Reads a client from the params of its `initialize`. The revision is the requested one; there is
/// no log level yet.
///
/// # Errors
///
/// A [`Fault`] if one of the three members is missing or mistyped.
pub fn client_from_initialize(mut params: Object<'_>) -> Result<Client, Fault> {
    Ok(Client {
        protocol_version: String::read_member(&mut params, PROTOCOL_VERSION)?,
        capabilities: ClientCapabilities::read_member(&mut params, CAPABILITIES)?,
        info: Some(Implementation::read_member(&mut params, CLIENT_INFO)?),
        log_level: None,
    })
}

/// Writes the params of the `initialize` that a client sends. They do not include the log level.
///
/// # Errors
///
/// A [`Fault`] if the client has no info, or if JSON text in its capabilities is not an object.
pub fn initialize_params(client: &Client) -> Result<Vec<u8>, Fault> {
    let mut writer = Writer::with_capacity(256);
    writer.begin_object();
    String::write_member(&client.protocol_version, PROTOCOL_VERSION, &mut writer)?;
    ClientCapabilities::write_member(&client.capabilities, CAPABILITIES, &mut writer)?;
    let info = client
        .info
        .as_ref()
        .ok_or_else(|| Fault::new(Implementation::EXPECTED).within(CLIENT_INFO))?;
    Implementation::write_member(info, CLIENT_INFO, &mut writer)?;
    writer.end_object();
    Ok(writer.into_bytes())
}
