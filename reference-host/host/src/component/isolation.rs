//! The choice of which calls share an instance.

/// Selects the calls that share an instance, and with it the guest's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Isolation {
    /// All calls of a session share an instance: state that the guest keeps between calls belongs
    /// to that session alone. A guest for WASI 0.3 handles calls concurrently, one for WASI 0.2
    /// handles them one after the other.
    #[default]
    Session,
    /// No calls share an instance: each call has its own, which is started for it and dropped after
    /// it. Calls run concurrently in both variants. The session keeps its own state: lists, log
    /// level, the negotiated capabilities.
    ///
    /// The first instance of a session determines the component's offer, and is then dropped.
    /// Registering after `serve` is refused with `invalid-state`. Neither `subscribe` nor, for a
    /// backend, `listChanged` is declared. The functions of `client-events` are not called, since
    /// their effects could reach no later call.
    Call,
}

impl Isolation {
    /// Returns its name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Call => "call",
        }
    }
}

impl std::fmt::Display for Isolation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.as_str())
    }
}
