#include "mcp_call.h"

#include <string.h>

#include "mcp_records.h"
#include "mcp_start.h"

void (*mcp_argument_check)(mcp_call *call, const mcp_field *fields, const char *schema);

/// The export of a service in its bindings. `NULL` in a backend, whose host calls `start` before any handler.
__attribute__((weak)) uint8_t *
get_server_export(void) __asm__("__wasm_export_exports_wasi_mcp_server_catalog_get_server");

mcp_call mcp_begin_call(call_kind kind, wasi_mcp_context_own_request_context_t context) {
    mcp_call call = {.kind = kind, .context = wasi_mcp_context_borrow_request_context(context)};
    if (get_server_export != NULL)
        mcp_start(&call);
    return call;
}

void mcp_end_call(mcp_call *call, wasi_mcp_context_own_request_context_t context) {
    mcp_arena_free(&call->arena);
    wasi_mcp_context_request_context_drop_own(context);
}

bool mcp_has_request(mcp_call *call, const char *function) {
    if (call->kind != CALL_START)
        return true;
    mcp_error(call, MCP_INTERNAL_ERROR, NULL, "mcp_main: %s needs a request: `.start` has none", function);
    return false;
}

/// Keeps the first failure of a call.
static void keep_failure(mcp_call *call, bool is_work_failure, mcp_code code, mcp_slice message,
                         const char *data) {
    if (call->has_failed)
        return;
    call->has_failed = true;
    call->is_work_failure = is_work_failure;
    call->code = code;
    call->message = message;
    call->data = data;
}

void mcp_fail(mcp_call *call, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const mcp_slice message = mcp_arena_vformat(&call->arena, format, arguments);
    va_end(arguments);
    keep_failure(call, true, MCP_INTERNAL_ERROR, message, NULL);
}

void mcp_error(mcp_call *call, mcp_code code, const char *data, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const mcp_slice message = mcp_arena_vformat(&call->arena, format, arguments);
    va_end(arguments);
    const char *copy = data == NULL ? NULL : mcp_arena_copy(&call->arena, data, strlen(data));
    keep_failure(call, false, code, message, copy);
}

void mcp_not_found(mcp_call *call) {
    mcp_writer *data = mcp_json_writer(call);
    mcp_write_object(data, NULL);
    mcp_write_string(data, "uri", call->uri);
    mcp_write_end(data);
    mcp_error(call, MCP_RESOURCE_NOT_FOUND, mcp_json_text(call, data), "there is no such resource");
}

void mcp_take_error(mcp_call *call, const char *doing, const wasi_mcp_types_error_t *error) {
    const char *message = mcp_in_string(&call->arena, error->message);
    const mcp_slice text = mcp_arena_format(&call->arena, "%s: %s", doing, message);
    keep_failure(call, true, mcp_in_code(error->code), text, IN_OPTION(&call->arena, error->data));
}

void mcp_store_error(mcp_call *call, wasi_mcp_types_error_t *error) {
    // The code of a request that failed is that of the client's answer, and tells nothing about this one.
    const mcp_code code = call->is_work_failure ? MCP_INTERNAL_ERROR : call->code;
    *error = mcp_out_error(code, call->message, call->data);
    mcp_drop_items(call);
}

bool mcp_failed(const mcp_call *call) {
    return call->has_failed;
}

const char *mcp_failure(const mcp_call *call) {
    return call->has_failed ? call->message.data : NULL;
}

mcp_code mcp_forgive(mcp_call *call) {
    if (!call->has_failed)
        return MCP_NO_CODE;
    call->has_failed = false;
    return call->code;
}

const char *mcp_uri(const mcp_call *call) {
    return call->uri;
}

const char *mcp_name(const mcp_call *call) {
    return call->name;
}

const char *mcp_request_extra(mcp_call *call) {
    return call->extra;
}

void *mcp_alloc(mcp_call *call, size_t size) {
    return mcp_arena_alloc(&call->arena, size);
}

const char *mcp_format(mcp_call *call, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const mcp_slice text = mcp_arena_vformat(&call->arena, format, arguments);
    va_end(arguments);
    return text.data;
}

mcp_writer *mcp_json_writer(mcp_call *call) {
    return mcp_writer_new(&call->arena);
}

const char *mcp_json_text(mcp_call *call, mcp_writer *writer) {
    const mcp_slice text = mcp_writer_finish(writer);
    if (text.data == NULL)
        mcp_error(call, MCP_INTERNAL_ERROR, NULL, "cannot write JSON: %s", mcp_writer_mistake(writer));
    return text.data;
}

wasi_mcp_context_borrow_request_context_t mcp_context(const mcp_call *call) {
    return call->context;
}

const char *mcp_typed(const mcp_call *call) {
    return call->typed;
}

void mcp_propose(mcp_call *call, const char *value) {
    if (call->kind != CALL_COMPLETION) {
        mcp_error(call, MCP_INTERNAL_ERROR, NULL, "mcp_propose: only `.complete` of a field proposes values");
        return;
    }
    if (strncmp(value, call->typed, strlen(call->typed)) != 0)
        return;
    if (call->proposal_count < MAX_COMPLETIONS)
        call->proposals[call->proposal_count] = mcp_arena_copy(&call->arena, value, strlen(value));
    call->proposal_count++;
}
