//! The variants of the interface.

use std::fmt;
use std::str::FromStr;

/// A variant of the interface, by its version of WASI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wasi {
    /// WASI 0.2, whose functions block.
    V0_2,
    /// WASI 0.3, whose functions are async.
    V0_3,
}

/// The text names no variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 0.2 or 0.3")]
pub struct UnknownVariant;

impl FromStr for Wasi {
    type Err = UnknownVariant;

    fn from_str(text: &str) -> Result<Self, UnknownVariant> {
        match text {
            "0.2" => Ok(Self::V0_2),
            "0.3" => Ok(Self::V0_3),
            _ => Err(UnknownVariant),
        }
    }
}

impl fmt::Display for Wasi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::V0_2 => "0.2",
            Self::V0_3 => "0.3",
        })
    }
}

impl Wasi {
    /// Returns the feature of the Rust library.
    pub(crate) fn feature(self) -> &'static str {
        match self {
            Self::V0_2 => "p2",
            Self::V0_3 => "p3",
        }
    }
}
