// at server.c:5 in name_of, called at server.c:9 in run
#include "wasi_mcp.h"

static const char *name_of(mcp_call *call, size_t size) {
    return mcp_alloc(call, size);
}

static void run(mcp_call *call) {
    mcp_text(call, "%s", name_of(call, (size_t)-1));
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .tools = MCP_TOOLS({.name = "run", .handler = run}),
};
