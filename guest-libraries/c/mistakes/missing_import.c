// add `import wasi:mcp/logging@0.3.0-draft2;` to
#include "wasi_mcp.h"

static void run(mcp_call *call) {
    mcp_log(call, MCP_LOG_INFO, "ready");
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .tools = MCP_TOOLS({.name = "run", .handler = run}),
};
