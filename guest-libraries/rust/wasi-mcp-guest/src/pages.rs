//! Lists of items, and the pages in which a service returns them.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/pagination>

use wasi_mcp_types::types::{Cursor, Error};

use crate::errors::invalid_params;

/// The maximum number of items on a page.
const PAGE_SIZE: usize = 100;

/// Items of one kind, in the order in which they were added.
///
/// Each has a serial number, which the list gives to no other item. A cursor is the text of the last
/// serial number on a page, so that it stays valid when the list changes.
#[derive(Clone)]
pub struct List<T> {
    entries: Vec<(u64, T)>,
    next_serial: u64,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            next_serial: 0,
        }
    }
}

impl<T> List<T> {
    pub fn push(&mut self, item: T) {
        self.entries.push((self.next_serial, item));
        self.next_serial += 1;
    }

    /// Adds all items of another list, with serial numbers of this one.
    pub fn append(&mut self, other: Self) {
        for (_, item) in other.entries {
            self.push(item);
        }
    }

    /// Removes the items for which a condition does not hold.
    pub fn retain(&mut self, mut holds: impl FnMut(&T) -> bool) {
        self.entries.retain(|(_, item)| holds(item));
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, item)| item)
    }

    /// Returns the items after a cursor, with their serial numbers.
    pub fn after(&self, cursor: Option<&str>) -> Result<&[(u64, T)], Error> {
        let Some(cursor) = cursor else {
            return Ok(&self.entries);
        };
        let serial = cursor.parse().ok();
        let serial = serial
            .filter(|serial: &u64| *serial < self.next_serial && serial.to_string() == cursor)
            .ok_or_else(|| invalid_params(format!("unknown cursor: {cursor}")))?;
        let first = self.entries.partition_point(|(known, _)| *known <= serial);
        Ok(&self.entries[first..])
    }
}

/// Returns the first of these items that are shown, and the cursor of the next page.
pub async fn page<T>(
    entries: Vec<(u64, T)>,
    is_shown: impl AsyncFn(&T) -> bool,
) -> (Vec<T>, Option<Cursor>) {
    let (mut page, mut last_serial) = (Vec::new(), 0);
    for (serial, item) in entries {
        if !is_shown(&item).await {
            continue;
        }
        if page.len() == PAGE_SIZE {
            return (page, Some(last_serial.to_string()));
        }
        page.push(item);
        last_serial = serial;
    }
    (page, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorCode;
    use crate::testing::run;

    fn list(length: u32) -> List<u32> {
        let mut list = List::default();
        (0..length).for_each(|number| list.push(number));
        list
    }

    fn page_of(list: &List<u32>, cursor: Option<&str>) -> (Vec<u32>, Option<Cursor>) {
        let entries = list.after(cursor).unwrap().to_vec();
        run(page(entries, async |_| true))
    }

    /// Returns the lengths of all pages, and the items on them.
    fn walk(list: &List<u32>) -> (Vec<usize>, Vec<u32>) {
        let (mut lengths, mut all) = (Vec::new(), Vec::new());
        let mut cursor = None;
        loop {
            let (items, next) = page_of(list, cursor.as_deref());
            lengths.push(items.len());
            all.extend(items);
            cursor = next;
            if cursor.is_none() {
                return (lengths, all);
            }
        }
    }

    #[test]
    fn pages_have_100_items_and_the_last_is_not_empty() {
        for (length, lengths) in [
            (0, &[0][..]),
            (1, &[1]),
            (100, &[100]),
            (101, &[100, 1]),
            (250, &[100, 100, 50]),
        ] {
            let all = (0..length).collect();
            assert_eq!(walk(&list(length)), (lengths.to_vec(), all));
        }
    }

    #[test]
    fn a_cursor_stays_valid_when_the_list_changes() {
        let mut list = list(150);
        let (_, next) = page_of(&list, None);
        // The last of the first page and the first of the second are gone, and one is new.
        list.retain(|number| !matches!(number, 0 | 99 | 100));
        list.push(150);
        let (items, none) = page_of(&list, next.as_deref());
        assert_eq!(items, (101..=150).collect::<Vec<_>>());
        assert_eq!(none, None);
        list.retain(|_| false);
        assert_eq!(page_of(&list, next.as_deref()), (Vec::new(), None));
    }

    #[test]
    fn an_item_that_is_added_again_is_on_a_later_page() {
        let mut list = list(101);
        let (_, next) = page_of(&list, None);
        list.retain(|number| *number != 100);
        list.push(100);
        list.retain(|number| *number != 7);
        list.push(7);
        assert_eq!(page_of(&list, next.as_deref()).0, [100, 7]);
    }

    #[test]
    fn foreign_cursors_are_refused() {
        let list = list(101);
        assert!(list.after(Some("100")).unwrap().is_empty());
        for foreign in [
            "",
            "x",
            "-1",
            "+1",
            "01",
            "1e2",
            " 1",
            "1.0",
            "101",
            "18446744073709551615",
            "99999999999999999999999",
        ] {
            let error = list.after(Some(foreign)).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidParams, "{foreign}");
            assert_eq!(error.message, format!("unknown cursor: {foreign}"));
        }
        assert!(List::<u32>::default().after(Some("0")).is_err());
    }

    #[test]
    fn items_that_are_not_shown_take_no_place_on_a_page() {
        let list = list(250);
        let even = async |number: &u32| number.is_multiple_of(2);
        let (items, next) = run(page(list.after(None).unwrap().to_vec(), even));
        assert_eq!((items.len(), next.as_deref()), (100, Some("198")));
        let rest = list.after(next.as_deref()).unwrap().to_vec();
        let (items, next) = run(page(rest, even));
        assert_eq!((items.len(), next), (25, None));
        // Items that are not shown make no further page.
        let few = async |number: &u32| *number < 100;
        let (items, next) = run(page(list.after(None).unwrap().to_vec(), few));
        assert_eq!((items.len(), next), (100, None));
    }
}
