//! The embedded test components. Without the feature `component` there are none.

#[cfg(feature = "component")]
pub use wasi_mcp_embedded_guests::{Guest, find, mode};

#[cfg(not(feature = "component"))]
pub use absent::{Guest, find, mode};

/// All embedded components.
///
/// # Errors
///
/// When this program was built without them.
pub fn all() -> anyhow::Result<&'static [Guest]> {
    #[cfg(feature = "component")]
    return Ok(wasi_mcp_embedded_guests::ALL);
    #[cfg(not(feature = "component"))]
    return Err(super::unsupported());
}

/// The embedded components that are judged by default.
///
/// # Errors
///
/// When this program was built without them.
pub fn servers() -> anyhow::Result<impl Iterator<Item = &'static Guest>> {
    Ok(all()?.iter().filter(|guest| guest.judged))
}

#[cfg(not(feature = "component"))]
mod absent {
    /// A component that cannot exist: the program was built without any.
    #[derive(Clone, Copy, Debug)]
    pub struct Guest {
        /// The name.
        pub name: &'static str,
        /// `0.2` or `0.3`.
        pub variant: &'static str,
        /// `backend`, `service` or `middleware`.
        pub world: &'static str,
        /// The exported handler interfaces.
        pub features: &'static [&'static str],
        /// True if it is judged by default.
        pub judged: bool,
        /// The component.
        pub bytes: &'static [u8],
    }

    /// Finds no component.
    pub fn find(_name: &str) -> Option<&'static Guest> {
        None
    }

    /// The modes of components.
    pub mod mode {
        /// Fails, as there are no components.
        ///
        /// # Errors
        ///
        /// Always.
        pub fn with_mode(_component: &[u8], _mode: &str) -> anyhow::Result<Vec<u8>> {
            Err(crate::targets::unsupported())
        }
    }
}
