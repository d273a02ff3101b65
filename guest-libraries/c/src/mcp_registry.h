/// The items that the server has. Internal to the library.
#ifndef MCP_REGISTRY_H
#define MCP_REGISTRY_H

#include "wasi_mcp.h"

/// The item of a resource: one of the two, or none.
typedef struct found_resource {
    const mcp_resource *resource;
    const mcp_template *template;
} found_resource;

/// Return the item of a name that the request may see, or `NULL`.
const mcp_tool *mcp_find_tool(mcp_call *call, mcp_slice name);
const mcp_prompt *mcp_find_prompt(mcp_call *call, mcp_slice name);
const mcp_template *mcp_find_template(mcp_call *call, mcp_slice uri_template);

/// Returns the item of a URI that the request may see: a resource, else the first template that it matches,
/// whose variables are written into the open object of `variables` unless that is `NULL`.
found_resource mcp_find_resource(mcp_call *call, mcp_slice uri, mcp_writer *variables);

/// Does the same as `mcp_add_items`. `owner` is the C expression before a table's name, for errors.
bool mcp_add_items_of(mcp_call *call, const mcp_items *items, const char *owner);

/// Returns whether there are items of a kind, and whether one of their fields can be completed.
bool mcp_has_tools(void);
bool mcp_has_resources(void);
bool mcp_has_prompts(void);
bool mcp_has_completions(void);

/// Returns the name, URI or URI template of an item, which is the first member of each kind.
const char *mcp_item_key(const void *item);

/// Returns the first listed item whose serial number is `*serial` or greater, and stores the number. Returns
/// `NULL` after the last one.
const void *mcp_next_listed(mcp_item_kind kind, uint64_t *serial);

/// Returns the serial number that the next item of a kind gets.
uint64_t mcp_next_serial(mcp_item_kind kind);

/// Returns whether there is a listed item of this name, URI or URI template.
bool mcp_is_listed(mcp_item_kind kind, mcp_slice key);

/// Returns whether items that were added together have a listed one of this kind.
bool mcp_has_listed(const mcp_items *items, mcp_item_kind kind);

/// The report of items that were added or removed. `NULL` in a backend, whose host tells clients, and until a
/// service has started.
extern void (*mcp_change_report)(const mcp_items *items);

/// Returns whether the request may see an item. A failure of the filter is an error of the request.
bool mcp_is_visible(mcp_call *call, mcp_item_kind kind, const void *item);

/// Forgets all items. The host is not told.
void mcp_forget_items(void);

#endif
