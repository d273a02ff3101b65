//! The reference host in this process, as a runtime.

use std::sync::Arc;
use std::time::Duration;

use wasi_mcp_host::component::instance::InstanceLimits;
use wasi_mcp_host::protocol::Limits as SessionLimits;
use wasi_mcp_host::session::ServerOptions;

use super::{Base, Component, Limits, Runtime};
use crate::driver::connection::Transport;
use crate::driver::{Server, Timing};
use crate::targets::component;

/// The reference host with short limits, so that nobody waits for them.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReferenceHost;

const START: Duration = Duration::from_secs(2);
const COMPUTING: Duration = Duration::from_millis(500);
const CLIENT_REQUEST: Duration = Duration::from_millis(700);
const CANCELLED_CALL: Duration = Duration::from_millis(500);

impl ReferenceHost {
    fn options() -> ServerOptions {
        ServerOptions {
            limits: SessionLimits {
                ask_time: CLIENT_REQUEST,
                ..SessionLimits::default()
            },
            instance: InstanceLimits {
                computing: COMPUTING,
                start: START,
                ..InstanceLimits::default()
            },
            cancelled_call_grace: CANCELLED_CALL,
            ..ServerOptions::default()
        }
    }
}

impl Runtime for ReferenceHost {
    fn name(&self) -> &str {
        "reference host"
    }

    fn supports(&self, _base: Base, _transport: Transport) -> bool {
        true
    }

    fn serve(
        &self,
        component: &Component,
        transport: Transport,
    ) -> anyhow::Result<Arc<dyn Server>> {
        let loaded = component::load(&component.name, &component.bytes)?;
        Ok(loaded.target_with(transport, Self::options()).server)
    }

    fn timing(&self) -> Timing {
        // Components are compiled, several at a time, while others answer.
        Timing {
            answer: Duration::from_secs(5),
            ..Timing::NEAR
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            start: Some(START),
            computing: Some(COMPUTING),
            client_request: Some(CLIENT_REQUEST),
            cancelled_call: Some(CANCELLED_CALL),
        }
    }
}
