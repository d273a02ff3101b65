/// The request as its handler sees it: its context, progress and changes.

#include <string.h>

#include "mcp_call.h"
#include "mcp_records.h"

/// Declared here, so that a world without `shutdown` can use the library, too.
extern bool wasi_mcp_shutdown_is_stopped(void);

/// Returns a text that the host has stored, which is freed, or `NULL`.
static const char *take(mcp_call *call, bool is_some, bindings_string_t *text) {
    if (!is_some)
        return NULL;
    const char *copy = mcp_in_string(&call->arena, *text);
    bindings_string_free(text);
    return copy;
}

const char *mcp_request_id(mcp_call *call) {
    if (!mcp_has_request(call, __func__))
        return NULL;
    bindings_string_t text;
    return take(call, wasi_mcp_context_method_request_context_get_id(call->context, &text), &text);
}

const char *mcp_request_meta(mcp_call *call) {
    if (!mcp_has_request(call, __func__))
        return NULL;
    bindings_string_t text;
    return take(call, wasi_mcp_context_method_request_context_get_meta(call->context, &text), &text);
}

const char *mcp_progress_token(mcp_call *call) {
    if (!mcp_has_request(call, __func__))
        return NULL;
    bindings_string_t text;
    return take(call, wasi_mcp_context_method_request_context_get_progress_token(call->context, &text),
                &text);
}

bool mcp_is_cancelled(mcp_call *call) {
    return mcp_has_request(call, __func__) &&
           wasi_mcp_context_method_request_context_is_cancelled(call->context);
}

bool mcp_is_stopped(void) {
    return wasi_mcp_shutdown_is_stopped();
}

/// Returns names and texts as a JSON object, or `NULL`.
static const char *object_text(mcp_call *call, bool is_some,
                               const wasi_mcp_capabilities_list_tuple2_string_json_t *members) {
    if (!is_some)
        return NULL;
    mcp_writer *writer = mcp_json_writer(call);
    mcp_write_object(writer, NULL);
    for (size_t index = 0; index < members->len; index++)
        mcp_write_json(writer, mcp_in_string(&call->arena, members->ptr[index].f0),
                       mcp_in_string(&call->arena, members->ptr[index].f1));
    mcp_write_end(writer);
    return mcp_json_text(call, writer);
}

const mcp_client_info *mcp_client(mcp_call *call) {
    mcp_arena *to = &call->arena;
    mcp_client_info *info = mcp_alloc(call, sizeof *info);
    if (!mcp_has_request(call, __func__)) {
        info->protocol_version = "";
        return info;
    }
    wasi_mcp_capabilities_client_t client;
    wasi_mcp_context_method_request_context_get_client(call->context, &client);
    const wasi_mcp_capabilities_client_capabilities_t *capabilities = &client.capabilities;
    *info = (mcp_client_info){
        .protocol_version = mcp_in_string(to, client.protocol_version),
        .has_log_level = client.log_level.is_some,
        .log_level = client.log_level.is_some ? (mcp_level)client.log_level.val : MCP_LOG_DEBUG,
        .has_roots = capabilities->roots.is_some,
        .has_sampling = capabilities->sampling.is_some,
        .has_elicitation = capabilities->elicitation.is_some,
        .roots_list_changed = capabilities->roots.is_some && capabilities->roots.val.list_changed.is_some &&
                              capabilities->roots.val.list_changed.val,
        .experimental =
            object_text(call, capabilities->experimental.is_some, &capabilities->experimental.val),
        .capabilities_extra = IN_OPTION(to, capabilities->extra),
    };
    if (client.info.is_some) {
        info->name = mcp_in_string(to, client.info.val.name);
        info->title = IN_OPTION(to, client.info.val.title);
        info->version = mcp_in_string(to, client.info.val.version);
        info->extra = IN_OPTION(to, client.info.val.extra);
    }
    wasi_mcp_capabilities_client_free(&client);
    return info;
}

bool mcp_progress(mcp_call *call, double progress, double total, const char *format, ...) {
    if (!mcp_has_request(call, __func__))
        return false;
    mcp_slice message = {NULL, 0};
    if (format != NULL) {
        va_list arguments;
        va_start(arguments, format);
        message = mcp_arena_vformat(&call->arena, format, arguments);
        va_end(arguments);
    }
    wasi_mcp_content_progress_t report = {
        .progress = progress,
        .total = {!(total < 0), total},
        .message = {message.data != NULL, mcp_out_slice(&call->arena, message)},
    };
    wasi_mcp_types_error_t error;
    if (wasi_mcp_context_method_request_context_report_progress(call->context, &report, &error))
        return true;
    mcp_take_error(call, "the host refuses the progress", &error);
    wasi_mcp_types_error_free(&error);
    return false;
}

void mcp_resource_updated(const char *uri) {
    mcp_part_updated(uri, NULL);
}

void mcp_part_updated(const char *uri, const char *part) {
    // No call owns these texts.
    mcp_arena texts = {0};
    bindings_string_t subscribed = mcp_out_string(&texts, uri);
    bindings_string_t changed = mcp_out_string(&texts, part);
    wasi_mcp_notifications_resource_updated(&subscribed, part == NULL ? NULL : &changed);
    mcp_arena_free(&texts);
}
