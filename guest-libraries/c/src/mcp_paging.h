/// The pages of lists. Internal to the library.
#ifndef MCP_PAGING_H
#define MCP_PAGING_H

#include "wasi_mcp.h"

enum {
    PAGE_SIZE = 100
};

/// A page of a list.
typedef struct item_page {
    const void *items[PAGE_SIZE];
    size_t count;
    /// The cursor of the next page; `NULL` on the last.
    const char *next_cursor;
} item_page;

/// Returns a page of the items of a kind that the request may see: the first one where `cursor` is `NULL`.
/// Fails for a cursor that was not issued.
///
/// A cursor is the serial number of the last item before its page, so it stays valid when the list changes.
item_page mcp_find_page(mcp_call *call, mcp_item_kind kind, const bindings_string_t *cursor);

#endif
