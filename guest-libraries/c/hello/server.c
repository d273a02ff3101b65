#include "wasi_mcp.h"

static void hello(mcp_call *call) {
    mcp_text(call, "Hello, %s!", mcp_arg_string(call, "name"));
}

const mcp_server mcp_main = {
    .name = "hello",
    .version = "0.1.0",
    .tools = MCP_TOOLS({
        .name = "hello",
        .description = "Greets somebody.",
        .input = MCP_FIELDS({.name = "name", .type = MCP_STRING}),
        .handler = hello,
    }),
};
