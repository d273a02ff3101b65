//! An MCP server that uses every feature of the library. Its items are those of the reference guest.
//!
//! The items are in one module for each feature; this one puts the server together.

mod added;
mod prompts;
mod resources;
mod samples;
mod state;
mod tools;

#[wasi_mcp_guest::server(
    name = "wasi-mcp-rust-example",
    title = "Example of wasi-mcp-guest",
    instructions = "Call `echo` first; every other tool shows one more feature.",
    list_changed,
    configure = describe,
    items(
        tools::echo::items,
        tools::public_suite::items,
        tools::results::items,
        tools::structured::items,
        tools::context::items,
        tools::progress::items,
        tools::logging::items,
        tools::sampling::items,
        tools::elicitation::items,
        tools::roots::items,
        tools::waiting::items,
        tools::concurrency::items,
        tools::background::items,
        tools::lists::items,
        tools::updates::items,
        tools::errors::items,
        resources::items,
        prompts::items,
    )
)]
mod server {
    use wasi_mcp_guest::Context;

    use crate::state;

    /// The library has refused what does not exist.
    #[subscribe]
    fn subscribe(uri: String) {
        state::with(|state| state.subscriptions.insert(uri));
    }

    #[unsubscribe]
    fn unsubscribe(uri: &str) {
        state::with(|state| state.subscriptions.remove(uri));
    }

    #[initialized]
    async fn initialized(context: &Context) {
        state::with(|state| state.initialized += 1);
        learn_roots(context).await;
    }

    #[roots_changed]
    async fn roots_changed(context: &Context) {
        state::with(|state| state.roots_changed += 1);
        learn_roots(context).await;
    }

    /// Requests the roots, like a server that depends on them.
    async fn learn_roots(context: &Context) {
        let client = context.client();
        if client.is_none_or(|client| client.capabilities.roots.is_none()) {
            return;
        }
        if let Ok(roots) = context.roots().await {
            state::with(|state| state.roots = roots);
        }
    }
}

/// Adds what only the record has, and greets people on standard error.
fn describe(server: &mut wasi_mcp_guest::capabilities::Server) {
    eprintln!("The example is ready: grüß Gott, 你好 🦀");
    server.info.extra = Some(r#"{"websiteUrl": "https://github.com/WebAssembly/wasi-mcp"}"#.into());
    server.capabilities.experimental = Some(vec![("example.org/reference".into(), "{}".into())]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_can_be_registered() {
        let mut all = wasi_mcp_guest::Items::new();
        all.append(tools::echo::items::items())
            .append(tools::structured::items::items())
            .append(resources::items::items())
            .append(prompts::items::items())
            .append(added::items());
        assert_eq!(all.check(), Ok(()));
    }
}
