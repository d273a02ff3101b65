/// Tools that change the lists, and the items that they add for a time.

#include "example.h"

static bool is_added;

static void add_entries(mcp_call *call) {
    if (!is_added)
        is_added = mcp_add_items(call, &added_items);
    mcp_text(call, "Added");
}

static void remove_entries(mcp_call *call) {
    if (is_added)
        is_added = !mcp_remove_items(call, &added_items);
    mcp_text(call, "Removed");
}

static void added(mcp_call *call) {
    mcp_text(call, "I was added");
}

static void added_by_name(mcp_call *call) {
    mcp_text(call, "Added %s", mcp_arg_string(call, "name"));
}

const mcp_items added_items = {
    .tools = MCP_TOOLS({
        .name = "added-tool",
        .description = "Is listed after `add-entries`.",
        .read_only = MCP_YES,
        .handler = added,
    }),
    .resources = MCP_RESOURCES({
        .uri = "test://added",
        .name = "added",
        .description = "Is listed after `add-entries`.",
        .mime_type = "text/plain",
        .text = "I was added",
    }),
    .templates = MCP_TEMPLATES({
        .uri_template = "test://added/{name}",
        .name = "added",
        .description = "Is listed after `add-entries`.",
        .mime_type = "text/plain",
        .handler = added_by_name,
    }),
    .prompts = MCP_PROMPTS({
        .name = "added-prompt",
        .description = "Is listed after `add-entries`.",
        .handler = added,
    }),
};

const mcp_items list_items = {
    .tools = MCP_TOOLS(
        {
            .name = "add-entries",
            .description = "Lists one more tool, resource, resource template and prompt.",
            .read_only = MCP_NO,
            .destructive = MCP_NO,
            .handler = add_entries,
        },
        {
            .name = "remove-entries",
            .description = "Withdraws the entries that `add-entries` added.",
            .read_only = MCP_NO,
            .destructive = MCP_NO,
            .handler = remove_entries,
        }),
};
