//! Keeps the two `wasi:mcp` packages, their reference and their account of the MCP schema in step.
//!
//! One package is written by hand: the one for WASI 0.3, in `wit/`. Everything else is derived from
//! it or checked against it:
//!
//! - [`mod@derive`] derives the package for WASI 0.2 from it, by rule;
//! - [`mod@records`] writes its plain types as Rust, for the crate `wasi-mcp-types`;
//! - [`mod@reference`] writes it as a page for people;
//! - [`rules`] checks its text: documentation and links on every item, the use of `async`, and the
//!   interfaces that define no types;
//! - [`mapping`] holds the table that gives every method, notification, definition and property of
//!   the MCP schema its [`place`] in the package, and [`schema`] counts them in the official file;
//! - [`tables`] writes the parts of that table for people;
//! - [`artifact`] makes a package an artifact for OCI registries, and `registry` uploads it to an
//!   [`address`].

pub mod address;
pub mod artifact;
pub mod derive;
pub mod lexer;
pub mod mapping;
pub mod package;
pub mod place;
pub mod records;
pub mod reference;
#[cfg(feature = "publish")]
pub mod registry;
pub mod rules;
pub mod schema;
pub mod tables;

/// The revision of MCP that the packages describe.
pub const REVISION: &str = "2025-06-18";

/// The address of the pages of that revision.
pub const SPECIFICATION: &str = "https://modelcontextprotocol.io/specification/2025-06-18";
