// mcp_main: `.visible` needs a service: the host shows the items of a backend to every request
#include "wasi_mcp.h"

static bool visible(mcp_call *call, mcp_item_kind kind, const char *name) {
    return call != NULL && kind == MCP_TOOL && name != NULL;
}

static void run(mcp_call *call) {
    (void)call;
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .visible = visible,
    .tools = MCP_TOOLS({.name = "run", .handler = run}),
};
