/// Progress of a request.

#include "example.h"

#include <math.h>

static void report_progress(mcp_call *call) {
    const int64_t steps = mcp_arg_integer_or(call, "steps", 3);
    const int64_t milliseconds = mcp_arg_integer_or(call, "milliseconds", 0);
    const bool tells_total = mcp_arg_boolean_or(call, "total", true);
    for (int64_t step = 0; step <= steps && !mcp_failed(call); step++) {
        if (step > 0 && milliseconds > 0)
            wait_milliseconds(milliseconds);
        mcp_progress(call, (double)step, tells_total ? (double)steps : MCP_UNKNOWN_TOTAL, "Step %lld of %lld",
                     (long long)step, (long long)steps);
    }
    mcp_text(call, "Reported %lld times", (long long)steps + 1);
}

static void misreport_progress(mcp_call *call) {
    // The first and the last are allowed.
    const double reports[] = {1, 1, 0.5, NAN, INFINITY, 2.5};
    mcp_writer *out = mcp_structured(call);
    mcp_write_array(out, "answers");
    for (size_t index = 0; index < sizeof reports / sizeof *reports; index++) {
        const bool is_accepted = mcp_progress(call, reports[index], MCP_UNKNOWN_TOTAL, NULL);
        mcp_write_string(out, NULL, is_accepted ? "ok" : mcp_code_name(call, mcp_forgive(call)));
    }
    mcp_write_end(out);
}

const mcp_items progress_items = {
    .tools = MCP_TOOLS(
        {
            .name = "report-progress",
            .description = "Reports progress step by step: 0 of `steps`, 1 of `steps`, and so on.",
            .input = MCP_FIELDS(
                {
                    .name = "steps",
                    .type = MCP_INTEGER,
                    .optional = true,
                    .fallback = "3",
                    .range = {0, 100000},
                },
                {
                    .name = "milliseconds",
                    .type = MCP_INTEGER,
                    .description = "Between two steps",
                    .optional = true,
                    .fallback = "0",
                    .range = {0, 60000},
                },
                {
                    .name = "total",
                    .type = MCP_BOOLEAN,
                    .description = "Tells the total, as it does by default",
                    .optional = true,
                    .fallback = "true",
                }),
            .read_only = MCP_YES,
            .handler = report_progress,
        },
        {
            .name = "misreport-progress",
            .description =
                "Reports progress that is not allowed, and tells what the host answered to each report.",
            .output =
                MCP_FIELDS({.name = "answers", .type = MCP_ARRAY, .items = MCP_ITEM(.type = MCP_STRING)}),
            .read_only = MCP_YES,
            .handler = misreport_progress,
        }),
};
