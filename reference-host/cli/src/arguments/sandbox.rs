//! Grants for the component.

pub(crate) use wasi_mcp_host::component::SandboxArguments;
