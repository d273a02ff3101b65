//! The block of docs/embedding.md with grants and limits.

use std::path::Path;
use std::time::Duration;

use wasi_mcp_host::component::{DirectoryGrant, SandboxError};
use wasi_mcp_host::session::ServerOptions;

pub fn options(data: &Path) -> Result<ServerOptions, SandboxError> {
    let mut options = ServerOptions::default();

    let mut directory = DirectoryGrant::new(data, "/data");
    directory.read_only = true;
    options.sandbox.directories = vec![directory];
    options.sandbox.environment = vec![("LANG".to_owned(), "en".to_owned())];
    options.sandbox.http_hosts = vec!["api.example.com".to_owned()];
    options.sandbox.denied.sampling = true;
    options.sandbox.check()?;

    options.instance.memory_bytes = 64 << 20;
    options.instance.computing = Duration::from_secs(5);
    options.limits.request_time = Duration::from_secs(60);
    options.max_instances = 100;
    Ok(options)
}
