//! The facts about the service: those known when it was composed, and its own description.

use std::cell::RefCell;

use wasi_mcp_protocol::{Exported, Lifetime, Offer};
use wasi_mcp_types::capabilities::Server;

thread_local! {
    /// The offer over HTTP, where all clients get the same. A service describes itself in the same
    /// way each time.
    static KNOWN: RefCell<Option<Offer>> = const { RefCell::new(None) };
}

/// Returns the offer, where it is known and outlives a client.
pub fn known_offer(lifetime: Lifetime) -> Option<Offer> {
    KNOWN.with_borrow(|known| known.clone().filter(|_| lifetime != Lifetime::Session))
}

/// Makes an offer of what the service says of itself.
pub fn offer(server: &Server, lifetime: Lifetime) -> Result<Offer, String> {
    let unclaimed = |name: &str| {
        // Instances for HTTP requests start too often for this.
        if lifetime == Lifetime::Session {
            report!(
                "the component exports what the capability `{name}` needs, but does not declare \
                 it: it is not offered"
            );
        }
    };
    let offer = Offer::declare(server, None, exported(), lifetime, unclaimed)?;
    if lifetime != Lifetime::Session {
        KNOWN.set(Some(offer.clone()));
    }
    Ok(offer)
}

/// Returns the interfaces of the service, as the settings list them.
fn exported() -> Exported {
    let json: serde_json::Value =
        serde_json::from_str(&crate::wasi_mcp::adapters::settings::get()).unwrap_or_default();
    let exports = |name: &str| {
        let names = json["exports"].as_array();
        names.is_some_and(|names| names.iter().any(|it| it == name))
    };
    Exported {
        is_service: true,
        tools: exports("tools") && exports("tool-catalog"),
        resources: exports("resources") && exports("resource-catalog"),
        subscriptions: exports("resource-subscriptions"),
        prompts: exports("prompts") && exports("prompt-catalog"),
        completion: exports("completion"),
        client_events: exports("client-events"),
        logging: json["logging"] == true,
    }
}
