//! The names of the interfaces.

use std::fmt;

/// The two packages of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// `wasi:mcp@0.2.0-draft2`.
    P2,
    /// `wasi:mcp@0.3.0-draft2`.
    P3,
}

impl Variant {
    /// Returns the version of the package.
    #[must_use]
    pub fn package_version(self) -> &'static str {
        match self {
            Self::P2 => "0.2.0-draft2",
            Self::P3 => "0.3.0-draft2",
        }
    }

    pub(crate) fn of_version(version: &str) -> Option<Self> {
        [Self::P2, Self::P3]
            .into_iter()
            .find(|variant| variant.package_version() == version)
    }

    /// Returns the name of an interface, as components write it.
    pub(crate) fn full(self, interface: &str) -> String {
        format!("wasi:mcp/{interface}@{}", self.package_version())
    }

    /// Returns the exports of a service in this variant.
    pub(crate) fn service(self) -> impl Iterator<Item = &'static str> {
        CATALOGS
            .iter()
            .chain(HANDLERS)
            .copied()
            .filter(move |name| self == Self::P3 || *name != "resource-streams")
    }

    /// Returns the handlers in this variant.
    pub(crate) fn handlers(self) -> impl Iterator<Item = &'static str> {
        self.service().filter(|name| HANDLERS.contains(name))
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::P2 => "0.2",
            Self::P3 => "0.3",
        })
    }
}

/// The description and the lists of a service.
pub(crate) const CATALOGS: &[&str] = &[
    "server-catalog",
    "tool-catalog",
    "resource-catalog",
    "prompt-catalog",
];

/// The handlers of a server.
pub(crate) const HANDLERS: &[&str] = &[
    "tools",
    "resources",
    "resource-streams",
    "resource-subscriptions",
    "prompts",
    "completion",
    "client-events",
];

/// The imports that a middleware can narrow.
pub(crate) const POWERS: &[&str] = &["sampling", "elicitation", "roots", "logging", "identity"];

/// The catalog of a backend's handler.
pub(crate) fn catalog_of(handler: &str) -> Option<&'static str> {
    match handler {
        "tools" => Some("tool-catalog"),
        "resources" => Some("resource-catalog"),
        "prompts" => Some("prompt-catalog"),
        _ => None,
    }
}

/// Returns the interface of `wasi:mcp` in a full name, with its version.
pub(crate) fn of_mcp(full: &str) -> Option<(&str, &str)> {
    full.strip_prefix("wasi:mcp/")?.split_once('@')
}
