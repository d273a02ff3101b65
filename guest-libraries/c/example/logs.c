/// Log messages, in a request and outside of any.

#include "example.h"

static const char *const LEVELS[] = {"debug", "info",     "notice", "warning",
                                     "error", "critical", "alert",  "emergency"};

static const char *data(mcp_call *call, mcp_level level) {
    mcp_writer *out = mcp_json_writer(call);
    mcp_write_object(out, NULL);
    mcp_write_string(out, "level", LEVELS[level]);
    mcp_write_string(out, "message", "A message\nof two lines");
    mcp_write_end(out);
    return mcp_json_text(call, out);
}

static void log_all_levels(mcp_call *call) {
    const char *logger = mcp_arg_string_or(call, "logger", NULL);
    for (mcp_level level = MCP_LOG_DEBUG; level <= MCP_LOG_EMERGENCY; level++)
        mcp_log_json(call, level, logger, data(call, level));
    mcp_text(call, "Logged 8 messages");
}

static void log_to_sessions(mcp_call *call) {
    const char *logger = mcp_arg_string_or(call, "logger", NULL);
    for (mcp_level level = MCP_LOG_DEBUG; level <= MCP_LOG_EMERGENCY; level++)
        mcp_log_to_sessions(call, level, logger, data(call, level));
    mcp_text(call, "Logged 8 messages");
}

static void flood_logs(mcp_call *call) {
    const int64_t count = mcp_arg_integer(call, "count");
    for (int64_t number = 0; number < count && !mcp_failed(call); number++)
        mcp_log_json(call, MCP_LOG_INFO, "flood", mcp_format(call, "%lld", (long long)number));
    mcp_text(call, "Logged %lld messages", (long long)count);
}

static const mcp_field logger_field[] = {
    {.name = "logger", .type = MCP_STRING, .optional = true},
    {0},
};

const mcp_items log_items = {
    .tools = MCP_TOOLS(
        {
            .name = "log-all-levels",
            .description = "Logs one message at each level, from debug to emergency, tied to this request.",
            .input = logger_field,
            .read_only = MCP_YES,
            .handler = log_all_levels,
        },
        {
            .name = "log-to-sessions",
            .description = "Logs one message at each level to every session of this instance.",
            .input = logger_field,
            .read_only = MCP_YES,
            .handler = log_to_sessions,
        },
        {
            .name = "flood-logs",
            .description = "Logs `count` numbered messages at level info as fast as it can.",
            .input = MCP_FIELDS({.name = "count", .type = MCP_INTEGER, .range = {0, 1000000}}),
            .read_only = MCP_YES,
            .handler = flood_logs,
        }),
};
