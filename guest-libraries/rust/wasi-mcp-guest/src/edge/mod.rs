//! The differences between WASI 0.2 and 0.3: waiting, and the shape of the exports.

use wasi_mcp_types::types::Error;

#[cfg(all(feature = "p2", not(feature = "p3")))]
mod p2;
#[cfg(not(all(feature = "p2", not(feature = "p3"))))]
mod p3;

#[cfg(all(feature = "p2", not(feature = "p3")))]
pub use p2::*;
#[cfg(not(all(feature = "p2", not(feature = "p3"))))]
pub use p3::*;

/// Writes the failure of a notification to standard error, as there is nobody to answer.
fn report(result: Result<(), Error>) {
    if let Err(error) = result {
        eprintln!("{error}");
    }
}
