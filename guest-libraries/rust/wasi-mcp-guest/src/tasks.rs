//! Time, and work beside the requests.

use std::time::Duration;

use crate::edge;

/// Waits. In WASI 0.3 other calls run meanwhile, which the standard library's sleep would stall.
pub async fn sleep(time: Duration) {
    edge::sleep(time).await;
}

/// Runs a future beside the function that starts it, which may end before it does.
///
/// A panic in it ends the instance. WASI 0.2 has no such work.
#[cfg(feature = "p3")]
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    wit_bindgen::spawn_local(future);
}

/// Waits until the host begins to stop this instance. An instance may also end without notice.
#[cfg(feature = "p3")]
pub async fn stopped() {
    crate::bindings::wasi::mcp::shutdown::wait_stopped().await;
}

/// Returns whether the host has begun to stop this instance.
pub fn is_stopped() -> bool {
    crate::bindings::wasi::mcp::shutdown::is_stopped()
}
