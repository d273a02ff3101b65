// server.c:11:51: error: incompatible function pointer types initializing 'mcp_handler'
#include "wasi_mcp.h"

static const char *run(mcp_call *call) {
    return mcp_name(call);
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .tools = MCP_TOOLS({.name = "run", .handler = run}),
};
