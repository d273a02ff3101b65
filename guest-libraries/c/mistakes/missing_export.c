// the capability `prompts` is declared, but the component does not export wasi:mcp/prompts
#include "wasi_mcp.h"

static void run(mcp_call *call) {
    mcp_text(call, "run");
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .prompts = MCP_PROMPTS({.name = "run", .handler = run}),
};
