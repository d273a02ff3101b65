//! Requests to the client that the operator denies to a component.

use super::asks::AskMethod;

/// The kinds of requests to the client that a component may not make. The default denies none.
///
/// To the component, a denied kind looks like one that its client does not support.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denied {
    /// `sampling/createMessage`
    pub sampling: bool,
    /// `elicitation/create`
    pub elicitation: bool,
    /// `roots/list`
    pub roots: bool,
}

impl Denied {
    /// Returns whether the component may not make this request.
    #[must_use]
    pub const fn includes(&self, method: AskMethod) -> bool {
        match method {
            AskMethod::CreateMessage => self.sampling,
            AskMethod::Elicit => self.elicitation,
            AskMethod::ListRoots => self.roots,
        }
    }
}
