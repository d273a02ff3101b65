//! One list: entries by name and by position.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{CatalogError, List};

/// The name or URI, the JSON text of the whole item on one line, and further data.
pub(super) type Item<T> = (String, Box<str>, T);

/// The entries of one list.
#[derive(Debug)]
pub(super) struct Registry<T> {
    list: List,
    /// The position of the next entry.
    next: u64,
    by_place: BTreeMap<u64, Arc<Entry<T>>>,
    by_key: HashMap<Arc<str>, u64>,
    /// Bytes of all names or URIs, and of all items.
    bytes: usize,
}

#[derive(Debug)]
struct Entry<T> {
    json: Box<str>,
    value: T,
}

/// A page of a list.
pub(in super::super) struct Page<'a> {
    /// The items as JSON text.
    pub(in super::super) items: Vec<&'a str>,
    /// The position behind which the next page begins, if there is one.
    pub(in super::super) next: Option<u64>,
}

impl<T> Clone for Registry<T> {
    fn clone(&self) -> Self {
        Self {
            list: self.list,
            next: self.next,
            by_place: self.by_place.clone(),
            by_key: self.by_key.clone(),
            bytes: self.bytes,
        }
    }
}

impl<T> Registry<T> {
    pub(super) fn new(list: List) -> Self {
        Self {
            list,
            next: 1,
            by_place: BTreeMap::new(),
            by_key: HashMap::new(),
            bytes: 0,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.by_place.len()
    }

    pub(super) fn get(&self, key: &str) -> Option<&T> {
        self.by_place
            .get(self.by_key.get(key)?)
            .map(|entry| &entry.value)
    }

    /// Checks that no name or URI is registered or occurs twice.
    pub(super) fn check_new(&self, items: &[Item<T>]) -> Result<(), CatalogError> {
        let mut seen = HashSet::new();
        for (key, ..) in items {
            if self.by_key.contains_key(key.as_str()) || !seen.insert(key.as_str()) {
                return Err(CatalogError::Duplicate {
                    list: self.list,
                    key: key.clone(),
                });
            }
        }
        Ok(())
    }

    /// Adds items that [`check_new`](Self::check_new) accepts.
    pub(super) fn add(&mut self, items: Vec<Item<T>>) {
        for (key, json, value) in items {
            self.bytes += key.len() + json.len();
            self.by_key.insert(key.into(), self.next);
            self.by_place
                .insert(self.next, Arc::new(Entry { json, value }));
            self.next += 1;
        }
    }

    pub(super) fn remove<S: AsRef<str>>(&mut self, keys: &[S]) -> Result<(), CatalogError> {
        let mut seen = HashSet::new();
        for key in keys.iter().map(AsRef::as_ref) {
            if !self.by_key.contains_key(key) || !seen.insert(key) {
                return Err(CatalogError::Unknown {
                    list: self.list,
                    key: key.to_owned(),
                });
            }
        }
        for key in keys {
            let key = key.as_ref();
            let place = self.by_key.remove(key);
            if let Some(entry) = place.and_then(|place| self.by_place.remove(&place)) {
                self.bytes -= key.len() + entry.json.len();
            }
        }
        Ok(())
    }

    /// Returns at most `size` items (at least one) behind the position `after`.
    pub(super) fn page(&self, after: Option<u64>, size: usize) -> Page<'_> {
        let first = after.map_or(0, |after| after.saturating_add(1));
        let mut rest = self.by_place.range(first..).peekable();
        let mut items = Vec::new();
        while let Some((place, entry)) = rest.next() {
            items.push(&*entry.json);
            if items.len() >= size.max(1) {
                return Page {
                    items,
                    next: rest.peek().map(|_| *place),
                };
            }
        }
        Page { items, next: None }
    }
}
