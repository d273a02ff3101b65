//! Pagination:
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/pagination>.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::check::Check;
use super::context::CheckContext;
use super::tally::Tally;
use crate::checks::lifecycle::known_lists;
use crate::driver::Body;
use crate::model::{Finding, Judgement};
use crate::survey::listing::{List, Listing, MAX_PAGES, UNUSABLE};

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "pagination/terminates",
        "Ends each list with a page without nextCursor.",
        ["pagination.terminates"],
        terminates
    ),
    check!(
        "pagination/complete",
        "Lists every item once across all pages.",
        ["pagination.continue"],
        complete
    ),
    check!(
        "pagination/four-operations",
        "Accepts the cursors that it issues.",
        ["pagination.four-ops"],
        accepts_own_cursors
    ),
    check!(
        "pagination/stable",
        "Returns the same page for the same cursor.",
        ["pagination.stable"],
        stable
    ),
    check!(
        "pagination/invalid-cursor",
        "Answers an invalid cursor with -32602.",
        ["pagination.invalid-32602"],
        invalid_cursor
    ),
    check!(
        "pagination/invalid-graceful",
        "Continues after an invalid cursor.",
        ["pagination.invalid-graceful"],
        invalid_graceful
    ),
    check!(
        "pagination/next-cursor",
        "Gives nextCursor as a string or not at all.",
        ["pagination.next-cursor-string"],
        next_cursor
    ),
];

const BOGUS: [&str; 3] = ["no such cursor", "", "\u{1f600}/../%00"];

/// Returns the server's lists as read by the survey.
async fn listings(context: &CheckContext) -> Result<Vec<(List, &Listing)>, Finding> {
    let survey = context.survey().await?;
    let lists = known_lists(context).await?;
    Ok(lists
        .into_iter()
        .map(|list| (list, survey.listing(list)))
        .collect())
}

const NO_LIST: &str = "the server offers no list";

async fn terminates(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for (list, listing) in listings(context).await? {
        match end(listing) {
            End::Reached | End::Refused => tally.tried += 1,
            End::Repeated(cursor) => tally.expect(false, || {
                let pages = listing.pages.len();
                let method = list.method();
                format!("{method} never ends: the cursor {cursor:?} came again after {pages} pages")
            }),
            End::Unusable => tally.leave(format!("the cursor of {}: {UNUSABLE}", list.method())),
            End::Unseen => tally.leave(format!(
                "{}: the suite reads {MAX_PAGES} pages of a list, and no cursor repeated in them",
                list.method()
            )),
        }
    }
    tally.judge("lists ended", NO_LIST)
}

/// The end of a list, as far as it was read.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The last page has no cursor.
    Reached,
    /// A page was refused, which another check judges.
    Refused,
    /// A cursor repeated, so the list has no end.
    Repeated(String),
    /// A cursor cannot be sent back as it was written.
    Unusable,
    /// The list was not read to its end.
    Unseen,
}

fn end(listing: &Listing) -> End {
    if listing.complete {
        return End::Reached;
    }
    if listing.ends_unusable {
        return End::Unusable;
    }
    let Some(Ok(last)) = listing.pages.last().map(|page| page.result()) else {
        return End::Refused;
    };
    let cursor = last["nextCursor"].as_str().unwrap_or_default();
    // The cursor of the last page read is among the issued ones, once.
    let issued = listing.cursors.iter().filter(|issued| *issued == cursor);
    let read_on = listing.cursors.len() == listing.pages.len();
    if issued.count() > usize::from(read_on) {
        End::Repeated(cursor.to_owned())
    } else {
        End::Unseen
    }
}

async fn complete(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for (list, listing) in listings(context).await? {
        let mut names = listing.names(list);
        names.sort_unstable();
        let repeated = names.windows(2).find(|pair| pair[0] == pair[1]);
        let paged = listing.pages.len() > 1;
        tally.expect(repeated.is_none() || !paged, || {
            format!(
                "{} gives {:?} on more than one page",
                list.method(),
                repeated.map_or("", |pair| pair[0])
            )
        });
    }
    tally.judge("lists gave each item once", NO_LIST)
}

async fn accepts_own_cursors(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for (_, listing) in listings(context).await? {
        for page in listing.pages.iter().skip(1) {
            tally.note(page.result());
        }
    }
    tally.judge(
        "pages were given for cursors",
        "no list has more than one page",
    )
}

async fn stable(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for (list, surveyed) in listings(context).await? {
        if surveyed.cursors.is_empty() {
            continue;
        }
        // A cursor is valid only in its own session.
        let beginning = session.request(list.method(), json!({})).await;
        let cursor = beginning.result().ok();
        let Some(cursor) = cursor.and_then(|page| page["nextCursor"].as_str()) else {
            continue;
        };
        let page = || session.request(list.method(), json!({"cursor": cursor}));
        let (first, again) = (page().await, page().await);
        let (Some(first), Some(again)) = (
            tally.note(first.result().cloned()),
            tally.note(again.result().cloned()),
        ) else {
            continue;
        };
        let names = |page: &Value| -> Vec<String> {
            let items = page[list.member()].as_array().into_iter().flatten();
            items.map(|item| item[list.key()].to_string()).collect()
        };
        tally.expect(names(&first) == names(&again), || {
            format!("{} gives another page for the same cursor", list.method())
        });
    }
    tally.judge(
        "probes of cursors gave the same page",
        "no list has more than one page",
    )
}

async fn invalid_cursor(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let listings = listings(context).await?;
    let issued: HashSet<String> = listings
        .iter()
        .flat_map(|(_, listing)| listing.cursors.iter().cloned())
        .collect();
    let mut tally = Tally::default();
    for (list, listing) in listings {
        let mut cursors = BOGUS.map(str::to_owned).to_vec();
        cursors.extend(listing.cursors.first().map(|cursor| format!("{cursor}x")));
        // A server may issue any text as a cursor.
        cursors.retain(|cursor| !issued.contains(cursor));
        for cursor in cursors {
            let reply = session
                .request(list.method(), json!({"cursor": cursor}))
                .await;
            tally.note(reply.error_with(&[-32602]));
        }
    }
    tally.judge("invalid cursors were answered with -32602", NO_LIST)
}

async fn invalid_graceful(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for list in known_lists(context).await? {
        let reply = session
            .request(list.method(), json!({"cursor": BOGUS[0]}))
            .await;
        let graceful = !matches!(reply.body, Body::Closed(_) | Body::Silence(_));
        tally.expect(graceful, || reply.unexpected("an answer").to_string());
        tally.note(session.expect_alive("an invalid cursor").await);
    }
    tally.judge("probes of invalid cursors did no harm", NO_LIST)
}

async fn next_cursor(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for (list, listing) in listings(context).await? {
        for page in listing.pages.iter().filter_map(|page| page.result().ok()) {
            let cursor = page.get("nextCursor");
            tally.expect(cursor.is_none_or(Value::is_string), || {
                format!(
                    "{}: nextCursor is {}",
                    list.method(),
                    cursor.unwrap_or(&Value::Null)
                )
            });
        }
    }
    tally.judge("pages seen", NO_LIST)
}
