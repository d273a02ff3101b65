//! A check that a component can be served at all.

use std::sync::Arc;

use serde_json::json;

use super::in_process::{ClientError, InProcessClient};
use super::request_budget::RequestBudget;
use super::server::{Server, permits};

impl Server {
    /// Starts the component in a session of its own and, if it has tools, asks for the first page
    /// of them, as a new client would. The probe appears in no metrics and needs no permit for an
    /// instance, so a full host still reports ready and can be given another component.
    ///
    /// # Errors
    ///
    /// When the component does not start within
    /// [`InstanceLimits::start`](crate::component::instance::InstanceLimits::start), or does not
    /// list its tools. The text names no paths of the host.
    pub async fn probe(&self) -> Result<(), ClientError> {
        let server = Arc::new(Self {
            telemetry: Arc::default(),
            live_counts: Arc::default(),
            instances: permits(1),
            request_budget: Arc::new(RequestBudget::new(1, usize::MAX)),
            ..self.clone()
        });
        let client = InProcessClient::builder().connect(&server).await?;
        if client.initialized().capabilities.get("tools").is_some() {
            client.request("tools/list", &json!({})).await?;
        }
        Ok(())
    }
}
