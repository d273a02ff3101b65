// tool `run`: input[1] has no `.name`
#include "wasi_mcp.h"

static void run(mcp_call *call) {
    (void)call;
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .tools = MCP_TOOLS({
        .name = "run",
        .input = MCP_FIELDS({.name = "first"}, {.type = MCP_INTEGER}),
        .handler = run,
    }),
};
