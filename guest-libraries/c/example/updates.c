/// Changes of the watched resource.

#include "example.h"

static void touch_resource(mcp_call *call) {
    const bool changes_part = mcp_arg_boolean_or(call, "part", false);
    events.watched_version++;
    if (changes_part)
        mcp_part_updated(WATCHED, WATCHED_PART);
    else
        mcp_resource_updated(WATCHED);
    mcp_text(call, "Version %u", events.watched_version);
}

const mcp_items update_items = {
    .tools = MCP_TOOLS({
        .name = "touch-resource",
        .description =
            "Changes the watched resource, or with `part` a sub-resource of it, and tells subscribers.",
        .input = MCP_FIELDS({.name = "part", .type = MCP_BOOLEAN, .optional = true, .fallback = "false"}),
        .read_only = MCP_NO,
        .destructive = MCP_NO,
        .handler = touch_resource,
    }),
};
