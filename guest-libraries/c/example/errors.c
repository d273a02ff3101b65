/// Failures of a tool: errors of the protocol, and traps.

#include "example.h"

#include <stdio.h>
#include <stdlib.h>

static void answer_error(mcp_call *call) {
    const int64_t code = mcp_arg_integer(call, "code");
    const char *message = mcp_arg_string(call, "message");
    const mcp_json *data = mcp_arg(call, "data");
    const mcp_slice text = mcp_json_source(data);
    mcp_error(call, code, data == NULL ? NULL : mcp_format(call, "%.*s", (int)text.length, text.data), "%s",
              message);
}

static void panic(mcp_call *call) {
    (void)call;
    fprintf(stderr, "The example was asked to panic\n");
    abort();
}

const mcp_items error_items = {
    .tools = MCP_TOOLS(
        {
            .name = "answer-error",
            .description = "Answers with an MCP error of the given code, message and data.",
            .input = MCP_FIELDS({.name = "code", .type = MCP_INTEGER, .range = {INT32_MIN, INT32_MAX}},
                                {.name = "message", .type = MCP_STRING},
                                {.name = "data", .type = MCP_ANY, .optional = true}),
            .read_only = MCP_YES,
            .handler = answer_error,
        },
        {
            .name = "panic",
            .description = "Panics, which writes to stderr and traps.",
            .read_only = MCP_NO,
            .destructive = MCP_YES,
            .handler = panic,
        }),
};
