// mcp_main: mcp_log needs a request: `.start` has none
#include "wasi_mcp.h"

static void run(mcp_call *call) {
    mcp_log(call, MCP_LOG_INFO, "ready");
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .start = run,
    .tools = MCP_TOOLS({.name = "run", .handler = run}),
};
