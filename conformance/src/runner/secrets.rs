//! Keeping tokens out of what a run says: a server may quote them, and its
//! reports are shown to people who must not have them.

use crate::driver::Tokens;
use crate::model::{Finding, Judgement, LeftOut};

/// Hides these tokens.
#[derive(Clone, Copy)]
pub(super) struct Secrets<'a>(pub(super) Option<&'a Tokens>);

impl Secrets<'_> {
    /// A text without the tokens.
    pub(super) fn text(self, text: String) -> String {
        match self.0 {
            Some(tokens) => tokens.hide(&text),
            None => text,
        }
    }

    /// What a check says, without the tokens.
    pub(super) fn judgement(self, judgement: Judgement) -> Judgement {
        let finding = |finding| match finding {
            Finding::Violation(text) => Finding::Violation(self.text(text)),
            Finding::Warning(text) => Finding::Warning(self.text(text)),
            Finding::Skip(text) => Finding::Skip(self.text(text)),
            Finding::Broken(text) => Finding::Broken(self.text(text)),
        };
        judgement.map(|text| self.text(text)).map_err(finding)
    }

    /// What was left out, without the tokens.
    pub(super) fn left_out(self, left_out: &LeftOut) -> LeftOut {
        LeftOut {
            what: self.text(left_out.what.clone()),
            why: self.text(left_out.why.clone()),
        }
    }
}
