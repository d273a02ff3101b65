//! The reasons for which components cannot be composed.

use super::Variant;

/// A reason for which components cannot be composed. Each names the component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// There is nothing to compose.
    #[error("no component was given: expected one or more")]
    NoParts,
    /// The bytes are not a component.
    #[error("{name}: not a component: {reason}")]
    NotAComponent {
        /// The name of the part or middleware.
        name: String,
        /// The reason, in the words of the parser.
        reason: String,
    },
    /// It uses nothing of `wasi:mcp`.
    #[error("{name}: not a component of wasi:mcp: it imports and exports none of its interfaces")]
    NotMcp {
        /// The name of the part or middleware.
        name: String,
    },
    /// It names another version of the package.
    #[error(
        "{name}: {interface} is of another version of wasi:mcp: expected 0.2.0-draft2 or 0.3.0-draft2"
    )]
    OtherVersion {
        /// The name of the part or middleware.
        name: String,
        /// The interface.
        interface: String,
    },
    /// One component names two versions of the package.
    #[error("{name}: the component uses two versions of wasi:mcp: expected one")]
    TwoVersions {
        /// The name of the part or middleware.
        name: String,
    },
    /// The components are of different variants.
    #[error(
        "{name} is for WASI {variant} and {other} for WASI {other_variant}: a composition has one \
         variant. Build both for the same one"
    )]
    MixedVariants {
        /// The component that differs.
        name: String,
        /// Its variant.
        variant: Variant,
        /// The first component.
        other: String,
        /// Its variant.
        other_variant: Variant,
    },
    /// A part is not a server.
    #[error(
        "{name}: not a server: it exports neither wasi:mcp/start nor wasi:mcp/server-catalog. \
         A middleware is given with --with"
    )]
    NotAServer {
        /// The name of the part.
        name: String,
    },
    /// A part exports both entry points.
    #[error(
        "{name}: the component exports both wasi:mcp/start and wasi:mcp/server-catalog: expected one"
    )]
    BothWorlds {
        /// The name of the part.
        name: String,
    },
    /// Two parts have the same name.
    #[error("two components are named `{name}`: name them with NAME=FILE")]
    SameName {
        /// The name.
        name: String,
    },
    /// A name is empty or has control characters.
    #[error("the name {name:?} cannot be used: expected text without control characters")]
    BadName {
        /// The name.
        name: String,
    },
    /// One middleware wraps handlers and powers.
    #[error(
        "{name}: the middleware exports both {handler} and {power}, and around the same component \
         that is a cycle: divide it in two"
    )]
    Cycle {
        /// The name of the middleware.
        name: String,
        /// One of the handlers or catalogs.
        handler: String,
        /// One of the powers.
        power: String,
    },
    /// A middleware wraps nothing that the component has.
    #[error("{name}: the middleware fits nothing: {target} has none of {interfaces}")]
    FitsNothing {
        /// The name of the middleware.
        name: String,
        /// The name of the component behind it.
        target: String,
        /// What the middleware wraps.
        interfaces: String,
    },
    /// Two components disagree on an interface.
    #[error("{name}: {interface} does not fit: {reason}")]
    Mismatch {
        /// The component that is linked.
        name: String,
        /// The interface.
        interface: String,
        /// The reason, in the words of the linker.
        reason: String,
    },
    /// The composition imports an interface that only a host provides.
    #[error(
        "the composition imports {interface}, which runtimes without wasi:mcp do not provide: \
         serve it with `wasi-mcp serve`"
    )]
    NotProvided {
        /// The interface.
        interface: String,
    },
    /// Only HTTP has sessions that a store can keep.
    #[error("sessions in wasi:keyvalue need the target http or both")]
    SessionsWithoutHttp,
    /// Only HTTP carries tokens.
    #[error("authorization needs the target http or both")]
    AuthorizationWithoutHttp,
    /// The result could not be encoded.
    #[error("the composition cannot be written: {0}")]
    Encoding(String),
}
