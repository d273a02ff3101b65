/// Structured content, which an output schema describes.

#include "example.h"

static void sum(mcp_call *call) {
    double total = 0;
    int64_t count = 0;
    const mcp_json *numbers = mcp_arg(call, "numbers");
    for (const mcp_json *item = mcp_json_first(numbers); item != NULL; item = mcp_json_next(item)) {
        double number;
        if (!mcp_json_number(item, &number)) {
            mcp_error(call, MCP_INVALID_PARAMS, NULL, "number %lld is none", (long long)count);
            return;
        }
        total += number;
        count++;
    }
    mcp_writer *result = mcp_structured(call);
    mcp_write_number(result, "sum", total);
    mcp_write_integer(result, "count", count);
}

static void echo_structured(mcp_call *call) {
    // The value is passed on as it was written, so that no number is rounded.
    mcp_write_value(mcp_structured(call), "value", mcp_arg(call, "value"));
}

/// Any value.
static const mcp_field anything[] = {
    {.name = "value", .type = MCP_ANY, .description = "Any value."},
    {0},
};

const mcp_items structured_items = {
    .tools = MCP_TOOLS(
        {
            .name = "sum",
            .description = "Adds numbers up.",
            .input =
                MCP_FIELDS({.name = "numbers", .type = MCP_ARRAY, .items = MCP_ITEM(.type = MCP_NUMBER)}),
            .output = MCP_FIELDS({.name = "sum", .type = MCP_NUMBER}, {.name = "count", .type = MCP_INTEGER}),
            .read_only = MCP_YES,
            .handler = sum,
        },
        {
            .name = "echo-structured",
            .description = "Answers with the value it is given as structured content, number text untouched.",
            .input = anything,
            .output = anything,
            .read_only = MCP_YES,
            .handler = echo_structured,
        }),
};
