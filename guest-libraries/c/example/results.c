/// The shapes of a result: each kind of content, a tool's own failure, a large one.

#include "example.h"

#include <string.h>

static void every_content_kind(mcp_call *call) {
    for (size_t index = 0; index < KIND_COUNT; index++)
        mcp_add(call, &EVERY_KIND[index]);
    mcp_result_meta(call, META);
    mcp_result_extra(call, EXTRA);
}

static void no_content(mcp_call *call) {
    (void)call;
}

static void fail(mcp_call *call) {
    mcp_fail(call, "%s", mcp_arg_string_or(call, "message", "This tool always fails."));
}

static void large_text(mcp_call *call) {
    const size_t bytes = (size_t)mcp_arg_integer(call, "bytes");
    if (mcp_failed(call))
        return;
    char *text = mcp_alloc(call, bytes + 1);
    memset(text, 'x', bytes);
    mcp_slice_text(call, (mcp_slice){text, bytes});
}

static void return_other_block(mcp_call *call) {
    mcp_add(call, &(mcp_content){.type = MCP_CONTENT_OTHER, .text = mcp_arg_string(call, "json")});
}

const mcp_items result_items = {
    .tools = MCP_TOOLS(
        {
            .name = "every-content-kind",
            .description = "Answers with one content block of each kind, every member filled.",
            .read_only = MCP_YES,
            .handler = every_content_kind,
        },
        {
            .name = "no-content",
            .description = "Answers with an empty list of content.",
            .read_only = MCP_YES,
            .handler = no_content,
        },
        {
            .name = "fail",
            .description = "Answers with a failure of the tool, which is a result and no error.",
            .input = MCP_FIELDS({.name = "message", .type = MCP_STRING, .optional = true}),
            .read_only = MCP_YES,
            .handler = fail,
        },
        {
            .name = "large-text",
            .description = "Answers with a text of the given size.",
            .input = MCP_FIELDS({.name = "bytes", .type = MCP_INTEGER, .range = {0, 268435456}}),
            .read_only = MCP_YES,
            .handler = large_text,
        },
        {
            // Marked as destructive, so that clients do not call it unasked: MCP has no such kind yet.
            .name = "return-other-block",
            .description =
                "Returns the given JSON as a content block of a kind that the interface does not name.",
            .input = MCP_FIELDS({.name = "json", .type = MCP_STRING}),
            .read_only = MCP_NO,
            .destructive = MCP_YES,
            .handler = return_other_block,
        }),
};
