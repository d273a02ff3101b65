// at server.c:10 in run
#include "wasi_mcp.h"

#include <stdlib.h>
#include <string.h>

static const char *const COLOURS[] = {"red", "green", "blue"};

static void run(mcp_call *call) {
    mcp_text(call, "%s", COLOURS[strlen(mcp_name(call))]);
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .tools = MCP_TOOLS({.name = "run", .handler = run}),
};
