//! The four lists, page by page.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/pagination>

use serde_json::{Value, json};

use crate::driver::{Reply, Session};

/// How many pages of one list are read at most.
pub const MOST_PAGES: usize = 500;

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

    /// The method that lists it.
    pub fn method(self) -> &'static str {
        match self {
            Self::Tools => "tools/list",
            Self::Resources => "resources/list",
            Self::Templates => "resources/templates/list",
            Self::Prompts => "prompts/list",
        }
    }

    /// The member of the result in which the items stand.
    pub fn member(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
            Self::Prompts => "prompts",
        }
    }

    /// The member that names an item.
    pub fn key(self) -> &'static str {
        match self {
            Self::Tools | Self::Prompts => "name",
            Self::Resources => "uri",
            Self::Templates => "uriTemplate",
        }
    }

    /// The capability that opens it.
    pub fn capability(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources | Self::Templates => "resources",
            Self::Prompts => "prompts",
        }
    }
}

/// A list as it was read.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Its items in order.
    pub items: Vec<Value>,
    /// Its pages as they came.
    pub pages: Vec<Reply>,
    /// The cursors that led from page to page.
    pub cursors: Vec<String>,
    /// Whether the last page was reached.
    pub complete: bool,
}

impl Listing {
    /// The names (or URIs) of the items.
    pub fn names(&self, list: List) -> Vec<&str> {
        self.items
            .iter()
            .filter_map(|item| item[list.key()].as_str())
            .collect()
    }

    /// The item of this name (or URI).
    pub fn get(&self, list: List, name: &str) -> Option<&Value> {
        self.items.iter().find(|item| item[list.key()] == name)
    }
}

/// Reads a whole list. It is incomplete where a page was refused, a cursor
/// came back, or there is no end of pages.
pub async fn read(session: &Session, list: List) -> Listing {
    let mut listing = Listing::default();
    let mut params = Value::Null;
    while listing.pages.len() < MOST_PAGES {
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
