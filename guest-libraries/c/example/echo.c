/// The simplest tool, with every member of its record.

#include "example.h"

static void echo(mcp_call *call) {
    // The text may hold any character, U+0000 included.
    mcp_slice_text(call, mcp_arg_slice(call, "text"));
}

const mcp_items echo_items = {
    .tools = MCP_TOOLS({
        .name = "echo",
        .title = "Echo",
        .description = "Answers with the text it is given.",
        .input = MCP_FIELDS({.name = "text", .type = MCP_STRING, .description = "The text to hear again"}),
        .annotations_title = "Echo",
        .read_only = MCP_YES,
        .destructive = MCP_NO,
        .idempotent = MCP_YES,
        .open_world = MCP_NO,
        .meta = META,
        .extra = EXTRA,
        .handler = echo,
    }),
};
