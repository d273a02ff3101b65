//! The result of one check, before it is judged.

use std::fmt;

/// The reason why a check did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The requirement is violated: a failure for a MUST, a warning for less.
    Violation(String),
    /// The server ended or was lost: a crash, whatever the level.
    Crash(String),
    /// A remark that is never a failure by itself, whatever the level.
    Warning(String),
    /// A warning about something that no judged requirement asks for, so that none is cited.
    Remark(String),
    /// The target lacks what the check needs.
    Skip(String),
    /// The suite itself failed.
    Broken(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Violation(text)
        | Self::Crash(text)
        | Self::Warning(text)
        | Self::Remark(text)
        | Self::Skip(text)
        | Self::Broken(text)) = self;
        formatter.write_str(text)
    }
}

/// The result of a check: a sentence on what was seen, or the reason why it did not pass.
pub type Judgement = Result<String, Finding>;
