//! An MCP server as an OAuth 2.1 resource server, as the [authorization
//! page](https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization) of MCP
//! defines it.
//!
//! Tokens are sent according to RFC 6750. The protected-resource metadata (RFC 9728) tells clients
//! where to get them. With the feature `jwt`, tokens are JSON Web Tokens (RFC 9068) of one issuer,
//! issued for this server (RFC 8707).
//!
//! Nothing here does I/O or reads a clock: header fields come as text, answers leave as text, and a
//! driver fetches keys and passes the time. The reference host is one driver, and the adapter of a
//! composition for any WASI runtime is another.
//!
//! ```text
//! fields --> Policy::token --> a verifier (jwt::Rules, or the driver's own) --> Policy::admit
//!                 |                   ^                                              |
//!                 v                   jwt::KeyCache, which tells when to read keys   v
//!             Challenge                                                Principal or Challenge
//! ```

mod bearer;
mod challenge;
mod issuer;
#[cfg(feature = "jwt")]
pub mod jwt;
mod metadata;
mod names;
mod policy;
mod secure;
mod token_error;
mod user;

pub use challenge::Challenge;
pub use issuer::{Issuer, NotAnIssuer};
pub use metadata::{NotAResource, Resource};
pub use names::{is_claim, is_scope};
pub use policy::{CANNOT_CHECK, Policy};
pub use secure::is_secure;
pub use token_error::{TokenError, VerifierUnavailable};
pub use user::{User, is_somebody};
