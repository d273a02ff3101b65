//! The four lists, page by page.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/pagination>

use serde_json::{Value, json};

use crate::driver::{Reply, Session};

/// The highest number of pages read of one list.
pub const MAX_PAGES: usize = 500;

/// A list of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// `tools/list`
    Tools,
    /// `resources/list`
    Resources,
    /// `resources/templates/list`
    Templates,
    /// `prompts/list`
    Prompts,
}

impl List {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Tools, Self::Resources, Self::Templates, Self::Prompts];

    /// Returns the method that lists it.
    pub fn method(self) -> &'static str {
        match self {
            Self::Tools => "tools/list",
            Self::Resources => "resources/list",
            Self::Templates => "resources/templates/list",
            Self::Prompts => "prompts/list",
        }
    }

    /// Returns the member of the result that holds the items.
    pub fn member(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
            Self::Prompts => "prompts",
        }
    }

    /// Returns the member that identifies an item.
    pub fn key(self) -> &'static str {
        match self {
            Self::Tools | Self::Prompts => "name",
            Self::Resources => "uri",
            Self::Templates => "uriTemplate",
        }
    }

    /// Returns the required capability.
    pub fn capability(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources | Self::Templates => "resources",
            Self::Prompts => "prompts",
        }
    }
}

/// The items and pages read of a list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Its items in order.
    pub items: Vec<Value>,
    /// Its pages in order of arrival.
    pub pages: Vec<Reply>,
    /// The cursors from page to page.
    pub cursors: Vec<String>,
    /// True if the last page was reached.
    pub complete: bool,
}

impl Listing {
    /// Returns the names (or URIs) of the items.
    pub fn names(&self, list: List) -> Vec<&str> {
        self.items
            .iter()
            .filter_map(|item| item[list.key()].as_str())
            .collect()
    }

    /// Returns true if the server does not know the method. One that declares `resources` may have
    /// no templates, and no sentence asks it to list them.
    pub fn is_unknown(&self) -> bool {
        self.pages
            .first()
            .is_some_and(|page| page.error_with(&[-32601]).is_ok())
    }

    /// Finds an item by name (or URI).
    pub fn get(&self, list: List, name: &str) -> Option<&Value> {
        self.items.iter().find(|item| item[list.key()] == name)
    }
}

/// Reads all pages of a list. Stops early if a page is refused, a cursor repeats, or there are too
/// many pages.
pub async fn read(session: &Session, list: List) -> Listing {
    let mut listing = Listing::default();
    let mut params = Value::Null;
    while listing.pages.len() < MAX_PAGES {
        let reply = session.request(list.method(), params).await;
        let page = reply.result().ok().cloned();
        listing.pages.push(reply);
        let Some(page) = page else {
            return listing;
        };
        listing
            .items
            .extend(page[list.member()].as_array().cloned().unwrap_or_default());
        match page.get("nextCursor").and_then(Value::as_str) {
            None => {
                listing.complete = true;
                return listing;
            }
            Some(cursor) if listing.cursors.iter().any(|old| old == cursor) => return listing,
            Some(cursor) => {
                listing.cursors.push(cursor.to_owned());
                params = json!({"cursor": cursor});
            }
        }
    }
    listing
}
