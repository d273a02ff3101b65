//! Conversions between the values of the protocol and those that a component sees.

use wasi_mcp_types::capabilities;
use wasi_mcp_types::types::{Error, ErrorCode};

use super::asks::AskFailure;
use super::error::ContextError;
use super::logging::LogLevel;
use crate::wire;

/// Maps the eight levels of [RFC 5424](https://www.rfc-editor.org/rfc/rfc5424) between the protocol
/// and the component.
macro_rules! log_levels {
    ($($level:ident)*) => {
        impl From<capabilities::LogLevel> for LogLevel {
            fn from(level: capabilities::LogLevel) -> Self {
                match level {
                    $(capabilities::LogLevel::$level => Self::$level,)*
                }
            }
        }

        impl From<LogLevel> for capabilities::LogLevel {
            fn from(level: LogLevel) -> Self {
                match level {
                    $(LogLevel::$level => Self::$level,)*
                }
            }
        }
    };
}

log_levels! { Debug Info Notice Warning Error Critical Alert Emergency }

impl From<ContextError> for Error {
    fn from(error: ContextError) -> Self {
        let code = match error {
            ContextError::Cancelled => ErrorCode::Cancelled,
            ContextError::TimedOut => ErrorCode::Timeout,
            ContextError::InvalidState(_) => ErrorCode::InvalidState,
            ContextError::InvalidParams(_) => ErrorCode::InvalidParams,
            ContextError::NotSupported(_) => ErrorCode::MethodNotFound,
            ContextError::Busy(_) => ErrorCode::InternalError,
        };
        Self {
            code,
            message: error.to_string(),
            data: None,
        }
    }
}

impl From<AskFailure> for Error {
    fn from(failure: AskFailure) -> Self {
        let code = match failure {
            AskFailure::Cancelled | AskFailure::Stopped => ErrorCode::Cancelled,
            AskFailure::TimedOut => ErrorCode::Timeout,
            AskFailure::Malformed(_) => ErrorCode::InternalError,
            AskFailure::Rejected(error) => {
                return wire::error_from_wire(error.code, error.message, error.data);
            }
        };
        Self {
            code,
            message: failure.to_string(),
            data: None,
        }
    }
}
