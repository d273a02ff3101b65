// at server.c:13 in run
#include "wasi_mcp.h"

#include <stdlib.h>

typedef struct entry {
    const char *key;
    int count;
} entry;

static void run(mcp_call *call) {
    const entry *found = bsearch("b", NULL, 0, sizeof(entry), NULL);
    mcp_text(call, "%d", found->count);
}

const mcp_server mcp_main = {
    .name = "mistake",
    .version = "0.1.0",
    .tools = MCP_TOOLS({.name = "run", .handler = run}),
};
