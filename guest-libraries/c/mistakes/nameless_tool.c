// mcp_main.tools[1] has no `.name`
#include "wasi_mcp.h"

static void run(mcp_call *call) {
    (void)call;
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .tools = MCP_TOOLS({.name = "run", .handler = run}, {.description = "Runs again.", .handler = run}),
};
