//! The four lists, page by page.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/pagination>

use serde_json::{Value, json};

use crate::driver::text::is_replaced;
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

    /// Returns the name of an item in reports.
    pub fn item(self) -> &'static str {
        match self {
            Self::Tools => "tool",
            Self::Resources => "resource",
            Self::Templates => "template",
            Self::Prompts => "prompt",
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
    /// Items that cannot be used, and a cursor, as they cannot be sent back as they were written.
    /// The items are not among the others.
    pub unusable: Vec<String>,
    /// True if the cursor after the last page read is among these.
    pub ends_unusable: bool,
}

/// The reason why a value of a server is not sent back to it.
pub const UNUSABLE: &str =
    "it contains half of a surrogate pair or invalid UTF-8, and cannot be sent back";

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

/// Returns true if the name of an item, its arguments or its schema were not read as they were
/// written.
fn is_unusable(list: List, item: &Value) -> bool {
    let schema = match list {
        List::Tools => &item["inputSchema"],
        List::Prompts => &item["arguments"],
        List::Resources | List::Templates => &Value::Null,
    };
    item[list.key()].as_str().is_some_and(is_replaced) || has_replaced(schema)
}

/// Returns true if a member or a value that is no description was not read as it was written.
fn has_replaced(value: &Value) -> bool {
    let describes = |name: &str, value: &Value| {
        value.is_string() && ["description", "title", "$comment"].contains(&name)
    };
    match value {
        Value::String(text) => is_replaced(text),
        Value::Array(items) => items.iter().any(has_replaced),
        Value::Object(members) => members.iter().any(|(name, value)| {
            is_replaced(name) || (!describes(name, value) && has_replaced(value))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
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
        let mended = reply.is_mended();
        listing.pages.push(reply);
        let Some(page) = page else {
            return listing;
        };
        let items = page[list.member()].as_array().into_iter().flatten();
        for item in items {
            if mended && is_unusable(list, item) {
                let name = item[list.key()].as_str().unwrap_or_default();
                listing.unusable.push(format!("{} {name}", list.item()));
            } else {
                listing.items.push(item.clone());
            }
        }
        match page.get("nextCursor").and_then(Value::as_str) {
            Some(cursor) if mended && is_replaced(cursor) => {
                let pages = listing.pages.len();
                let what = format!("{} beyond page {pages}: the cursor {cursor}", list.method());
                listing.unusable.push(what);
                listing.ends_unusable = true;
                return listing;
            }
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
