//! Sessions for a single message, of clients that have no session with this host.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::core::SessionCore;
use wasi_mcp_protocol::Offer;
use wasi_mcp_types::capabilities::{Client, ClientCapabilities};
use wasi_mcp_types::types::Principal;

/// The state of a client whose `initialize` was answered elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Assumed {
    /// The authenticated sender of the message.
    pub(crate) principal: Option<Arc<Principal>>,
    /// The revision that the message names.
    pub(crate) revision: String,
    /// True if the message needs the component.
    pub(crate) needs_component: bool,
}

impl SessionCore {
    /// Begins in operation. The component is started if its offer is needed and unknown.
    pub(super) async fn assume_initialized(&self, assumed: Assumed) {
        self.locked(|state| {
            state.principal = assumed.principal;
            state.client = Some(Client {
                info: None,
                capabilities: ClientCapabilities::default(),
                protocol_version: assumed.revision,
                log_level: None,
            });
        });
        if !assumed.needs_component {
            return self.locked(|state| state.protocol.assume_initialized(None, 0));
        }
        let known = self.server.known_offer.as_ref();
        let offer = match known.and_then(|known| known.get()) {
            Some(offer) => Ok(offer.clone()),
            None => self.first_offer().await,
        };
        match offer {
            Ok(offer) => {
                let secret = self.server.fingerprint(&offer);
                self.locked(|state| state.protocol.assume_initialized(Some(offer), secret));
            }
            Err(reason) => self.locked(|state| state.protocol.assume_unavailable(reason)),
        }
    }

    /// Waits for the supervisor to start the component. Returns its offer, or the reason why it did
    /// not start.
    async fn first_offer(&self) -> Result<Offer, String> {
        let (sender, offer) = oneshot::channel();
        self.locked(|state| {
            if !state.is_closed {
                state.offer_awaited = Some(sender);
            }
        });
        self.wake.notify_one();
        let ended = || Err("the host stops".to_owned());
        offer.await.unwrap_or_else(|_| ended())
    }

    /// Waits until the component works on no request, or the session has ended.
    pub(super) async fn settled(&self) {
        loop {
            let notified = self.idle.notified();
            if self.lock().protocol.requests_in_work() == 0 {
                return;
            }
            tokio::select! {
                () = self.closed.cancelled() => return,
                () = notified => {}
            }
        }
    }
}
