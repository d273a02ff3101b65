//! The reference host in this process, as a runtime.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use anyhow::ensure;
use wasi_mcp_host::component::Isolation;
use wasi_mcp_host::session::ServerOptions;

use super::protected::Protected;
use super::{Base, Component, Limits, Runtime, Setting};
use crate::driver::client_role::Asked;
use crate::driver::connection::Transport;
use crate::driver::{Server, Timing};
use crate::targets::component::{self, Loaded};

/// The reference host with short limits, so that checks need not wait for them.
#[derive(Clone, Debug, Default)]
pub struct ReferenceHost {
    environment: Vec<(String, String)>,
}

const START: Duration = Duration::from_secs(2);
const COMPUTING: Duration = Duration::from_millis(500);
const CLIENT_REQUEST: Duration = Duration::from_secs(2);
const CANCELLED_CALL: Duration = Duration::from_millis(500);
const STOPPING: Duration = Duration::from_secs(10);

impl ReferenceHost {
    /// Grants this environment variable to every component.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn options(&self, setting: Setting) -> ServerOptions {
        let denied = |asked| setting == Setting::Denying(asked);
        let mut options = ServerOptions::default();
        options.sandbox.denied.sampling = denied(Asked::Sampling);
        options.sandbox.denied.elicitation = denied(Asked::Elicitation);
        options.sandbox.denied.roots = denied(Asked::Roots);
        options.sandbox.environment = self.environment.clone();
        options.shutdown_grace = STOPPING;
        options.limits.ask_time = CLIENT_REQUEST;
        options.instance.computing = COMPUTING;
        options.instance.start = START;
        options.cancelled_call_grace = CANCELLED_CALL;
        options.isolation = match setting {
            Setting::PerCall => Isolation::Call,
            Setting::Open | Setting::Denying(_) | Setting::Protected => Isolation::Session,
        };
        options
    }
}

/// The component, compiled once in this process: its name says which it is.
fn compiled(component: &Component) -> anyhow::Result<Loaded> {
    type Place = Arc<Mutex<Option<Loaded>>>;
    static COMPILED: LazyLock<Mutex<HashMap<String, Place>>> = LazyLock::new(Mutex::default);
    let place = {
        let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.entry(component.name.clone()).or_default().clone()
    };
    // Only users of the same component wait for it.
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = &*place {
        return Ok(loaded.clone());
    }
    let loaded = component::load(&component.name, &component.bytes)?;
    Ok(place.insert(loaded).clone())
}

impl Runtime for ReferenceHost {
    fn name(&self) -> &str {
        "reference host"
    }

    fn supports(&self, _base: Base, _transport: Transport) -> bool {
        true
    }

    fn knows(&self, _setting: Setting) -> bool {
        true
    }

    fn prepare(&self, component: &Component) {
        let _ = compiled(component);
    }

    fn serve(
        &self,
        component: &Component,
        transport: Transport,
        setting: Setting,
    ) -> anyhow::Result<Arc<dyn Server>> {
        let options = self.options(setting);
        let loaded = compiled(component)?;
        if setting == Setting::Protected {
            ensure!(
                transport == Transport::Http,
                "tokens are sent over HTTP alone"
            );
            return Ok(Arc::new(Protected::new(loaded.component(), options)));
        }
        Ok(loaded.target_with(transport, options).server)
    }

    fn timing(&self) -> Timing {
        // Components are compiled, several at a time, while others answer, on a machine that may
        // have other work.
        Timing {
            answer: Duration::from_secs(20),
            ..Timing::NEAR
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            start: Some(START),
            computing: Some(COMPUTING),
            client_request: Some(CLIENT_REQUEST),
            cancelled_call: Some(CANCELLED_CALL),
            stopping: Some(STOPPING),
        }
    }
}
