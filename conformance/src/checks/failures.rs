//! Error codes of failed requests.

use super::tally::Tally;
use crate::model::Judgement;
use crate::survey::Use;

/// Checks that those uses that got an error got one of these codes.
pub fn answered_with<'a>(
    uses: impl IntoIterator<Item = &'a Use>,
    codes: &[i64],
    what: &str,
) -> Judgement {
    let mut tally = Tally::default();
    for used in uses.into_iter().filter(|used| used.reply.error().is_ok()) {
        tally.note(used.reply.error_with(codes));
    }
    tally.judge(
        &format!("failures of {what} had a defined error code"),
        &format!("none of the {what} was seen to fail"),
    )
}
