//! The test components embedded in this program.

use super::component::{self, Loaded};
use super::guests;

/// Loads the components that are judged by default: all forms of the reference guest, and the
/// minimal guest.
///
/// # Errors
///
/// When one cannot be loaded.
pub fn load_default() -> anyhow::Result<Vec<Loaded>> {
    guests::servers()?
        .map(|guest| component::load(guest.name, guest.bytes))
        .collect()
}
