// mcp_main.parts[0]->tools[0] has no `.name`
#include "wasi_mcp.h"

static void run(mcp_call *call) {
    (void)call;
}

static const mcp_items items = {.tools = MCP_TOOLS({.description = "Runs again.", .handler = run})};

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .tools = MCP_TOOLS({.name = "run", .handler = run}),
    .parts = MCP_PARTS(&items),
};
