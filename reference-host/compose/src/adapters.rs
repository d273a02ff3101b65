//! The adapters, as this package's build script built them.

use crate::interfaces::Variant;

/// A component that is linked between the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Adapter {
    Configuration,
    Definitions,
    Front,
    FrontCli,
    Joint,
    Nothing,
    RecorderLower,
    RecorderUpper,
    Substrate,
    SubstrateAuthorization,
    SubstrateCli,
    SubstrateSessions,
    SubstrateSessionsAuthorization,
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
            Self::Configuration => "configuration",
            Self::Definitions => "definitions",
            Self::Front => "front",
            Self::FrontCli => "front-cli",
            Self::Joint => "joint",
            Self::Nothing => "nothing",
            Self::RecorderLower => "recorder-lower",
            Self::RecorderUpper => "recorder-upper",
            Self::Substrate => "substrate",
            Self::SubstrateAuthorization => "substrate-authorization",
            Self::SubstrateCli => "substrate-cli",
            Self::SubstrateSessions => "substrate-sessions",
            Self::SubstrateSessionsAuthorization => "substrate-sessions-authorization",
            Self::Wrapper => "wrapper",
        }
    }

    pub(crate) fn component(self, variant: Variant) -> &'static [u8] {
        match (self, variant) {
            (Self::Configuration, Variant::P2) => built!("configuration", "p2"),
            (Self::Configuration, Variant::P3) => built!("configuration", "p3"),
            (Self::Definitions, Variant::P2) => built!("definitions", "p2"),
            (Self::Definitions, Variant::P3) => built!("definitions", "p3"),
            (Self::Front, Variant::P2) => built!("front", "p2"),
            (Self::Front, Variant::P3) => built!("front", "p3"),
            (Self::FrontCli, Variant::P2) => built!("front-cli", "p2"),
            (Self::FrontCli, Variant::P3) => built!("front-cli", "p3"),
            (Self::Joint, Variant::P2) => built!("joint", "p2"),
            (Self::Joint, Variant::P3) => built!("joint", "p3"),
            (Self::Nothing, Variant::P2) => built!("nothing", "p2"),
            (Self::Nothing, Variant::P3) => built!("nothing", "p3"),
            (Self::RecorderLower, Variant::P2) => built!("recorder-lower", "p2"),
            (Self::RecorderLower, Variant::P3) => built!("recorder-lower", "p3"),
            (Self::RecorderUpper, Variant::P2) => built!("recorder-upper", "p2"),
            (Self::RecorderUpper, Variant::P3) => built!("recorder-upper", "p3"),
            (Self::Substrate, Variant::P2) => built!("substrate", "p2"),
            (Self::Substrate, Variant::P3) => built!("substrate", "p3"),
            (Self::SubstrateAuthorization, Variant::P2) => built!("substrate-authorization", "p2"),
            (Self::SubstrateAuthorization, Variant::P3) => built!("substrate-authorization", "p3"),
            (Self::SubstrateCli, Variant::P2) => built!("substrate-cli", "p2"),
            (Self::SubstrateCli, Variant::P3) => built!("substrate-cli", "p3"),
            (Self::SubstrateSessions, Variant::P2) => built!("substrate-sessions", "p2"),
            (Self::SubstrateSessions, Variant::P3) => built!("substrate-sessions", "p3"),
            (Self::SubstrateSessionsAuthorization, Variant::P2) => {
                built!("substrate-sessions-authorization", "p2")
            }
            (Self::SubstrateSessionsAuthorization, Variant::P3) => {
                built!("substrate-sessions-authorization", "p3")
            }
            (Self::Wrapper, Variant::P2) => built!("wrapper", "p2"),
            (Self::Wrapper, Variant::P3) => built!("wrapper", "p3"),
        }
    }
}
