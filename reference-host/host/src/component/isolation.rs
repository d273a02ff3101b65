//! Which calls share an instance.

/// Which calls share an instance, and with it the guest's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// All calls of a session: what the guest remembers from one call to the
    /// next belongs to that session alone. A guest for WASI 0.3 does calls side
    /// by side, one for WASI 0.2 does them one after the other.
    #[default]
    Session,
    /// None: each call has an instance of its own, which is started for it and
    /// dropped after it. Calls run side by side in both variants. The session
    /// keeps what belongs to it: lists, log level, what was negotiated.
    ///
    /// The first instance of a session says what the component offers, and is
    /// dropped then. Registering after `serve` is refused with `invalid-state`;
    /// `subscribe` is not declared, nor is `listChanged` of a backend; the
    /// functions of `client-events` are not called: what they did could reach
    /// no later call.
    Call,
}

impl Isolation {
    /// Its name on the command line.
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
