//! The names of one side's list, learnt by walking it.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use wasi_mcp_types::types::{Error, ErrorCode};

use crate::page::Page;
use crate::service::Context;

/// The most pages of one list that are walked to learn its names.
pub const MOST_PAGES: usize = 1_000;
/// The most items of one list that are remembered.
pub const MOST_ITEMS: usize = 100_000;

/// The names of a list.
#[derive(Debug)]
pub(crate) struct Names {
    names: HashSet<String>,
    /// False if the list failed or did not end.
    is_whole: bool,
}

impl Names {
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Returns whether the list has the name; `None` where it could not be read to its end.
    pub(crate) fn has(&self, name: &str) -> Option<bool> {
        match self.contains(name) {
            true => Some(true),
            false if self.is_whole => Some(false),
            false => None,
        }
    }
}

/// The names of a list as they were when it was last seen.
#[derive(Debug, Default)]
pub(crate) struct Known(RefCell<Option<Rc<Names>>>);

impl Known {
    /// Returns the names, or walks the list if it was not seen yet.
    pub(crate) async fn get<C: Context, P: Page>(
        &self,
        context: &C,
        list: impl AsyncFn(C, Option<String>) -> Result<P, Error>,
    ) -> Rc<Names> {
        let seen = self.0.borrow().clone();
        match seen {
            Some(names) => names,
            None => self.walk(context, list).await,
        }
    }

    /// Walks the list, and returns the names. Where the list fails or does not end, the names are
    /// those seen until then: the other parts of a composition go on working, and whoever asks for
    /// the list gets its error.
    pub(crate) async fn walk<C: Context, P: Page>(
        &self,
        context: &C,
        list: impl AsyncFn(C, Option<String>) -> Result<P, Error>,
    ) -> Rc<Names> {
        let mut names = HashSet::new();
        let mut is_whole = false;
        let mut cursor = None;
        for _ in 0..MOST_PAGES {
            let Ok(mut page) = list(context.duplicate(), cursor.clone()).await else {
                break;
            };
            let room = MOST_ITEMS - names.len();
            let items = page.items().iter().take(room);
            names.extend(items.map(|item| P::key(item).to_owned()));
            let next = page.next().take();
            is_whole = next.is_none() && names.len() < MOST_ITEMS;
            if next.is_none() || next == cursor || names.len() >= MOST_ITEMS {
                break;
            }
            cursor = next;
        }
        self.set(Names { names, is_whole })
    }

    /// Takes the names of a page that is the whole list.
    pub(crate) fn learn<P: Page>(&self, whole: &mut P) -> Rc<Names> {
        let names = whole.items().iter().map(|it| P::key(it).to_owned());
        self.set(Names {
            names: names.collect(),
            is_whole: true,
        })
    }

    /// Forgets the names.
    pub(crate) fn forget(&self) {
        self.0.replace(None);
    }

    fn set(&self, names: Names) -> Rc<Names> {
        let names = Rc::new(names);
        self.0.replace(Some(Rc::clone(&names)));
        names
    }
}

/// Checks that a list goes on: a page that names its own cursor as the next never ends.
pub(crate) fn check_next<P: Page>(cursor: Option<&str>, page: &mut P) -> Result<(), Error> {
    if cursor.is_some() && page.next().as_deref() == cursor {
        return Err(Error::new(
            ErrorCode::InternalError,
            format!(
                "a component of this composition lists {} without end: it returned the cursor that \
                 was just used",
                P::ITEMS
            ),
        ));
    }
    Ok(())
}
