// server.c:8:13: warning: unused function 'forgotten' [-Wunused-function]
#include "wasi_mcp.h"

static void run(mcp_call *call) {
    (void)call;
}

static void forgotten(mcp_call *call) {
    (void)call;
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .tools = MCP_TOOLS({.name = "run", .handler = run}),
};
