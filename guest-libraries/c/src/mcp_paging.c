#include "mcp_paging.h"

#include "mcp_call.h"
#include "mcp_records.h"
#include "mcp_registry.h"

/// Reads a serial number below `end`. Returns `false` for any text that is not written as a cursor is.
static bool read_cursor(mcp_slice text, uint64_t end, uint64_t *serial) {
    if (text.length == 0 || (text.length > 1 && text.data[0] == '0'))
        return false;
    uint64_t number = 0;
    for (size_t at = 0; at < text.length; at++) {
        if (text.data[at] < '0' || text.data[at] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.data[at] - '0');
        // So it cannot overflow, either.
        if (number >= end)
            return false;
    }
    *serial = number;
    return true;
}

item_page mcp_find_page(mcp_call *call, mcp_item_kind kind, const bindings_string_t *cursor) {
    item_page page = {.count = 0};
    uint64_t last = 0, serial = 0;
    if (cursor != NULL) {
        if (!read_cursor(mcp_in_slice(*cursor), mcp_next_serial(kind), &last))
            mcp_error(call, MCP_INVALID_PARAMS, NULL, "unknown cursor `%s`: expected one of this list",
                      mcp_in_string(&call->arena, *cursor));
        serial = last + 1;
    }
    for (const void *item; !call->has_failed && (item = mcp_next_listed(kind, &serial)) != NULL; serial++) {
        if (!mcp_is_visible(call, kind, item))
            continue;
        if (page.count == PAGE_SIZE) {
            page.next_cursor = mcp_format(call, "%llu", (unsigned long long)last);
            break;
        }
        page.items[page.count++] = item;
        last = serial;
    }
    return page;
}
