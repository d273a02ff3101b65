//! Lists, page by page.

use std::cell::Cell;

use super::invalid_params;
use crate::bindings::wasi::mcp::types::Error;
use crate::mode;

/// Items on a page.
const SIZE: usize = 2;

thread_local! {
    static TURNS: Cell<usize> = const { Cell::new(0) };
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

/// Returns the number of pages that this instance was asked for.
pub fn asked() -> usize {
    ASKED.get()
}

/// The page that the cursor points to, and the cursor of the next.
pub fn page<T>(
    mut items: Vec<T>,
    cursor: Option<String>,
) -> Result<(Vec<T>, Option<String>), Error> {
    ASKED.set(ASKED.get() + 1);
    if mode::is("full") {
        return full_page(items, cursor.as_deref());
    }
    let count = items.len();
    let begin = match cursor.as_deref() {
        None => 0,
        Some(cursor) => {
            let place = cursor
                .strip_prefix("at-")
                .and_then(|place| place.parse().ok());
            match place.filter(|place| *place > 0 && *place < count && place % SIZE == 0) {
                Some(place) => place,
                None if mode::is("cursor-unchecked") => 0,
                None => return Err(invalid_params("Unknown cursor")),
            }
        }
    };
    let end = (begin + SIZE).min(count);
    let mut next = (end < count).then(|| format!("at-{end}"));
    if mode::is("cursor-endless") {
        next = Some(next.unwrap_or_else(|| format!("at-{SIZE}")));
    }
    let mut page: Vec<T> = items.drain(begin..end).collect();
    if mode::is("page-unstable") && TURNS.replace(TURNS.get() + 1) % 2 == 1 {
        page.pop();
    }
    Ok((page, next))
}

/// Pages of one item, of which the second has the empty text as its cursor, and a page of both,
/// the last one first, to which no page leads.
fn full_page<T>(
    mut items: Vec<T>,
    cursor: Option<&str>,
) -> Result<(Vec<T>, Option<String>), Error> {
    match cursor {
        None => {
            items.truncate(1);
            Ok((items, Some(String::new())))
        }
        Some("") => Ok((items.split_off(1), None)),
        Some("turned") => {
            items.reverse();
            Ok((items, None))
        }
        Some(other) => Err(invalid_params(&format!("Unknown cursor: {other}"))),
    }
}
