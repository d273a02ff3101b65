//! Redaction of tokens in results. A server may quote them, and readers of reports must not see
//! them.

use crate::driver::Tokens;
use crate::model::{Finding, Judgement, LeftOut};

/// Redacts these tokens.
#[derive(Clone, Copy)]
pub(super) struct Secrets<'a>(pub(super) Option<&'a Tokens>);

impl Secrets<'_> {
    /// Redacts a text.
    pub(super) fn text(self, text: String) -> String {
        match self.0 {
            Some(tokens) => tokens.hide(&text),
            None => text,
        }
    }

    /// Redacts the result of a check.
    pub(super) fn judgement(self, judgement: Judgement) -> Judgement {
        let finding = |finding| match finding {
            Finding::Violation(text) => Finding::Violation(self.text(text)),
            Finding::Crash(text) => Finding::Crash(self.text(text)),
            Finding::Remark(text) => Finding::Remark(self.text(text)),
            Finding::Warning(text) => Finding::Warning(self.text(text)),
            Finding::Skip(text) => Finding::Skip(self.text(text)),
            Finding::Broken(text) => Finding::Broken(self.text(text)),
        };
        judgement.map(|text| self.text(text)).map_err(finding)
    }

    /// Redacts a feature that was left out.
    pub(super) fn left_out(self, left_out: &LeftOut) -> LeftOut {
        LeftOut {
            what: self.text(left_out.what.clone()),
            why: self.text(left_out.why.clone()),
        }
    }
}
