/// Log messages. A component that calls one of these functions imports `logging`.

#include <string.h>

#include "mcp_call.h"
#include "mcp_records.h"

/// Declared here, so that a world without `logging` can use the library, too.
extern bool wasi_mcp_logging_log(wasi_mcp_context_borrow_request_context_t *maybe_context,
                                 wasi_mcp_types_log_level_t level, bindings_string_t *maybe_logger,
                                 bindings_string_t *data, wasi_mcp_types_error_t *error);

static bool send(mcp_call *call, bool is_for_request, mcp_level level, const char *logger, const char *json) {
    wasi_mcp_context_borrow_request_context_t context = call->context;
    bindings_string_t name = mcp_out_string(&call->arena, logger);
    bindings_string_t data = mcp_out_string(&call->arena, json);
    wasi_mcp_types_error_t error;
    if (wasi_mcp_logging_log(is_for_request ? &context : NULL, (wasi_mcp_types_log_level_t)level,
                             logger == NULL ? NULL : &name, &data, &error))
        return true;
    mcp_take_error(call, "the host refuses the log message", &error);
    wasi_mcp_types_error_free(&error);
    return false;
}

bool mcp_log(mcp_call *call, mcp_level level, const char *format, ...) {
    if (!mcp_has_request(call, __func__))
        return false;
    va_list arguments;
    va_start(arguments, format);
    const mcp_slice text = mcp_arena_vformat(&call->arena, format, arguments);
    va_end(arguments);
    mcp_writer *writer = mcp_json_writer(call);
    mcp_write_slice(writer, NULL, text);
    return send(call, true, level, NULL, mcp_json_text(call, writer));
}

bool mcp_log_json(mcp_call *call, mcp_level level, const char *logger, const char *json) {
    return mcp_has_request(call, __func__) && send(call, true, level, logger, json);
}

bool mcp_log_to_sessions(mcp_call *call, mcp_level level, const char *logger, const char *json) {
    return send(call, false, level, logger, json);
}
