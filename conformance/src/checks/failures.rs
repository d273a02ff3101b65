//! Whether what fails is answered with the error that the page names for it.

use super::tally::Tally;
use crate::model::Judgement;
use crate::survey::Use;

/// Judges that those of these uses that were answered with an error got one of
/// these codes.
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
        &format!("failures of {what} were answered as they should be"),
        &format!("none of the {what} was seen to fail"),
    )
}
