//! The reference host in this process, with authorization by tokens of the suite.

use std::sync::Arc;

use anyhow::Context;
use futures::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use wasi_mcp_host::component::{Component, GuestOutput};
use wasi_mcp_host::session::{Server as HostServer, ServerOptions};
use wasi_mcp_host::transport::http::{self, HttpOptions, JwtOptions, KeySource};

use super::issuer;
use super::launch::Folder;
use crate::driver::Server;
use crate::driver::connection::{Connection, Transport};
use crate::driver::http::Endpoint;

/// A component over Streamable HTTP for clients with a token.
pub(super) struct Protected {
    host: Arc<HostServer>,
    /// Holds the public keys.
    folder: Folder,
    endpoint: OnceCell<Endpoint>,
}

impl Protected {
    pub(super) fn new(component: &Component, mut options: ServerOptions) -> Self {
        // Over HTTP the output of guests belongs to no session.
        options.sandbox.output = GuestOutput::to(|_| {});
        Self {
            host: Arc::new(HostServer::new(component.clone(), options)),
            folder: Folder::default(),
            endpoint: OnceCell::new(),
        }
    }

    async fn listen(&self) -> anyhow::Result<Endpoint> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no port to listen on")?;
        let url = format!("http://{}/mcp", listener.local_addr()?);
        let keys = KeySource::File(self.folder.write_keys()?);
        let mut authorization = JwtOptions::new(url.parse()?, issuer::ISSUER.parse()?, keys);
        authorization.claims = vec![issuer::GRANTED.to_owned()];
        let mut options = HttpOptions::default();
        options.authorization = Some(authorization.into());
        // The server listens as long as the process runs.
        let forever = futures::future::pending::<()>();
        tokio::spawn(http::serve(self.host.clone(), listener, options, forever));
        Endpoint::parse(&url)
    }
}

impl Server for Protected {
    fn transport(&self) -> Transport {
        Transport::Http
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async {
            let endpoint = self.endpoint.get_or_try_init(|| self.listen()).await?;
            Ok(Connection::Http(Box::new(endpoint.clone())))
        })
    }
}
