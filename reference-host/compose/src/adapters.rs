//! The adapters, as this package's build script built them.

use crate::interfaces::Variant;

/// A component that is linked between the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Adapter {
    Joint,
    Nothing,
    RecorderLower,
    RecorderUpper,
    Wrapper,
}

macro_rules! built {
    ($name:literal, $variant:literal) => {
        include_bytes!(concat!(
            env!("OUT_DIR"),
            "/",
            $name,
            "-adapter-",
            $variant,
            ".wasm"
        ))
    };
}

impl Adapter {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Joint => "joint",
            Self::Nothing => "nothing",
            Self::RecorderLower => "recorder-lower",
            Self::RecorderUpper => "recorder-upper",
            Self::Wrapper => "wrapper",
        }
    }

    pub(crate) fn component(self, variant: Variant) -> &'static [u8] {
        match (self, variant) {
            (Self::Joint, Variant::P2) => built!("joint", "p2"),
            (Self::Joint, Variant::P3) => built!("joint", "p3"),
            (Self::Nothing, Variant::P2) => built!("nothing", "p2"),
            (Self::Nothing, Variant::P3) => built!("nothing", "p3"),
            (Self::RecorderLower, Variant::P2) => built!("recorder-lower", "p2"),
            (Self::RecorderLower, Variant::P3) => built!("recorder-lower", "p3"),
            (Self::RecorderUpper, Variant::P2) => built!("recorder-upper", "p2"),
            (Self::RecorderUpper, Variant::P3) => built!("recorder-upper", "p3"),
            (Self::Wrapper, Variant::P2) => built!("wrapper", "p2"),
            (Self::Wrapper, Variant::P3) => built!("wrapper", "p3"),
        }
    }
}
