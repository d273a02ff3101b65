/// Tools that wait. A guest without concurrency waits in short steps, and looks between them.

#define _POSIX_C_SOURCE 200809L

#include "example.h"

#include <time.h>

void wait_milliseconds(int64_t milliseconds) {
    const struct timespec time = {
        .tv_sec = (time_t)(milliseconds / 1000),
        .tv_nsec = (long)(milliseconds % 1000 * 1000000),
    };
    nanosleep(&time, NULL);
}

static void sleep_tool(mcp_call *call) {
    const int64_t milliseconds = mcp_arg_integer(call, "milliseconds");
    wait_milliseconds(milliseconds);
    mcp_text(call, "Slept %lld ms", (long long)milliseconds);
}

static void wait_until_cancelled(mcp_call *call) {
    while (!mcp_is_cancelled(call))
        wait_milliseconds(10);
    events.cancellations++;
    // The host discards this: the client no longer waits for it.
    mcp_text(call, "Cancelled");
}

const mcp_items waiting_items = {
    .tools = MCP_TOOLS(
        {
            .name = "sleep",
            .description = "Waits for the given time, cancelled or not.",
            .input = MCP_FIELDS({.name = "milliseconds", .type = MCP_INTEGER, .range = {0, 600000}}),
            .read_only = MCP_YES,
            .handler = sleep_tool,
        },
        {
            .name = "wait-until-cancelled",
            .description =
                "Waits until the request is cancelled; `describe-instance` then shows the cancellation.",
            .read_only = MCP_YES,
            .handler = wait_until_cancelled,
        }),
};
