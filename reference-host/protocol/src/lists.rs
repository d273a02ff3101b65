//! The list requests and their
//! [pagination](https://modelcontextprotocol.io/specification/2025-06-18/server/utilities/pagination).

use std::borrow::Cow;

use super::catalog::{Cursor, List};
use super::error::RpcError;
use super::method::Method;
use super::session::{Incoming, Session, Verdict};
use crate::json::{self, Fault, Object, Writer};

/// Reads the cursor of a list request.
pub(super) fn read_cursor<'m>(params: &Object<'m>) -> Result<Option<Cow<'m, str>>, Fault> {
    params.optional("cursor", json::string)
}

/// Returns the position behind which a page begins, as the cursor says.
pub(super) fn read_position(
    cursor: Option<&str>,
    list: List,
    secret: u64,
) -> Result<Option<u64>, RpcError> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    match Cursor::read(cursor, list, secret) {
        Some(cursor) => Ok(Some(cursor.after)),
        None => Err(RpcError::invalid_params(
            "`params.cursor`: no cursor of this list in this session",
        )),
    }
}

impl Session {
    /// Checks `tools/list`, `resources/list`, `resources/templates/list` and `prompts/list`. Serves
    /// a page of the catalog, or invokes the component for its own list, whose cursors are opaque
    /// to the host.
    pub(super) fn judge_list(
        &self,
        incoming: &Incoming<'_>,
        cursor: Option<&str>,
    ) -> Result<Verdict, RpcError> {
        let Some(catalog) = &self.catalog else {
            return Ok(Verdict::invoke(self.invoke(incoming)?));
        };
        let (list, member) = match incoming.method {
            Method::ListTools => (List::Tools, "tools"),
            Method::ListResources => (List::Resources, "resources"),
            Method::ListResourceTemplates => (List::ResourceTemplates, "resourceTemplates"),
            _ => (List::Prompts, "prompts"),
        };
        let after = read_position(cursor, list, self.secret)?;
        let page = catalog.page(list, after, self.limits.page_size);
        let room = page.items.iter().map(|item| item.len() + 1).sum::<usize>();
        let mut writer = Writer::with_capacity(room + 80);
        writer.begin_object().key(member).begin_array();
        for item in page.items {
            writer.raw(item);
        }
        writer.end_array();
        let next = page
            .next
            .map(|after| Cursor { list, after }.write(self.secret));
        writer
            .optional_string("nextCursor", next.as_deref())
            .end_object();
        Ok(Verdict::Answer(writer.into_bytes()))
    }
}
