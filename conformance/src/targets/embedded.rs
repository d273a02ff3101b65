//! The test components that are part of this program.

use super::component::{self, Loaded};
use super::guests;

/// The components that the suite judges when it is told nothing else: the
/// reference guest in all its forms, and the least guest.
///
/// # Errors
///
/// When one cannot be loaded.
pub fn load_default() -> anyhow::Result<Vec<Loaded>> {
    guests::servers()?
        .map(|guest| component::load(guest.name, guest.bytes))
        .collect()
}
