//! The result of one check, before it is judged.

use std::fmt;

/// Why a check did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The requirement is violated: a failure for a MUST, a warning for less.
    Violation(String),
    /// Worth saying, whatever the level.
    Warning(String),
    /// The target does not show what the check needs.
    Skip(String),
    /// The suite itself could not do its work.
    Broken(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Violation(text) | Self::Warning(text) | Self::Skip(text) | Self::Broken(text)) =
            self;
        formatter.write_str(text)
    }
}

/// What a check says: a sentence on what was seen, or why it did not pass.
pub type Judgement = Result<String, Finding>;
