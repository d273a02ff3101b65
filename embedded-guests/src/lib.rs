//! The project's test components for `wasi:mcp`, built by this package's build script and exposed
//! as constants.
//!
//! - `reference-*` uses every feature of the interface;
//! - `hello-*` is the minimal guest;
//! - `middleware-*` goes in front of another component's tools;
//! - `composed-*` is the reference service behind it;
//! - `explorer-*` probes the grants of its host;
//! - `streams-0.3` streams resources;
//! - `greeter-0.3` imports an interface of its embedder;
//! - `probes-*` test a host, in one of many [modes](mode).

pub mod mode;

use std::fmt;

/// The version of WASI, and of the package `wasi:mcp`, that a component targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// WASI 0.2: one call at a time, imports block.
    Wasi02,
    /// WASI 0.3: calls run concurrently, imports are awaited.
    Wasi03,
}

impl Variant {
    /// Returns `0.2` or `0.3`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wasi02 => "0.2",
            Self::Wasi03 => "0.3",
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The world of a component, which determines how it declares its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum World {
    /// It registers its items with the host.
    Backend,
    /// It exports its lists.
    Service,
    /// It exports lists and handlers, and imports them from another component: no host can run it
    /// alone.
    Middleware,
}

impl World {
    /// Returns `backend`, `service` or `middleware`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Service => "service",
            Self::Middleware => "middleware",
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One component.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Guest {
    /// Its name, such as `reference-backend-0.3`.
    pub name: &'static str,
    /// The version of WASI that it targets.
    pub variant: Variant,
    /// Its world.
    pub world: World,
    /// The handler interfaces that it exports, such as `tools`, in alphabetical order.
    pub features: &'static [&'static str],
    /// True if the conformance suite runs it by default. Excluded are the middleware, which no host
    /// can run alone, and the explorer and the probes, which test their host.
    pub judged: bool,
    /// The component.
    pub bytes: &'static [u8],
}

impl fmt::Debug for Guest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Guest")
            .field("name", &self.name)
            .field("variant", &self.variant)
            .field("world", &self.world)
            .field("features", &self.features)
            .field("judged", &self.judged)
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .finish()
    }
}

/// Every guest, the reference guests first.
pub const ALL: &[Guest] = include!(concat!(env!("OUT_DIR"), "/guests.rs"));

/// Returns the guest of this name.
pub fn find(name: &str) -> Option<&'static Guest> {
    ALL.iter().find(|guest| guest.name == name)
}

/// Returns the guests that the conformance suite runs by default.
pub fn servers() -> impl Iterator<Item = &'static Guest> {
    ALL.iter().filter(|guest| guest.judged)
}

/// Returns the reference guest for this variant and world; `None` for a middleware.
pub fn reference(variant: Variant, world: World) -> Option<&'static Guest> {
    find(&format!("reference-{world}-{variant}"))
}

/// Returns the minimal guest for this variant.
pub fn hello(variant: Variant) -> Option<&'static Guest> {
    find(&format!("hello-{variant}"))
}

/// Returns the reference service behind the middleware.
pub fn composed(variant: Variant) -> Option<&'static Guest> {
    find(&format!("composed-{variant}"))
}

/// Returns the guest that probes its host's grants, for this variant.
pub fn explorer(variant: Variant) -> Option<&'static Guest> {
    find(&format!("explorer-{variant}"))
}
