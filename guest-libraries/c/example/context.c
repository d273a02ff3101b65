/// A handler's view of its request and its instance.

#include "example.h"

#include <stdlib.h>
#include <string.h>

static const char *const LEVELS[] = {"debug", "info",     "notice", "warning",
                                     "error", "critical", "alert",  "emergency"};

static void write_client(mcp_writer *out, const mcp_client_info *client) {
    mcp_write_object(out, "client");
    mcp_write_object(out, "info");
    mcp_write_string(out, "name", client->name);
    mcp_write_string(out, "title", client->title);
    mcp_write_string(out, "version", client->version);
    mcp_write_json(out, "extra", client->extra);
    mcp_write_end(out);
    mcp_write_string(out, "protocolVersion", client->protocol_version);
    mcp_write_string(out, "logLevel", client->has_log_level ? LEVELS[client->log_level] : NULL);
    mcp_write_boolean(out, "roots", client->has_roots);
    mcp_write_boolean(out, "rootsListChanged", client->roots_list_changed);
    mcp_write_boolean(out, "sampling", client->has_sampling);
    mcp_write_boolean(out, "elicitation", client->has_elicitation);
    mcp_write_json(out, "experimental", client->experimental);
    mcp_write_json(out, "extra", client->capabilities_extra);
    mcp_write_end(out);
}

/// Returns `_meta` without the progress token, which belongs to the request.
static const char *without_progress_token(mcp_call *call, const char *meta) {
    const mcp_slice text = {meta, strlen(meta)};
    mcp_arena scratch = {0};
    const mcp_json *object = mcp_json_read(&scratch, text.data, text.length, NULL);
    mcp_writer *out = mcp_json_writer(call);
    mcp_write_object(out, NULL);
    for (const mcp_json *member = mcp_json_first(object); member != NULL; member = mcp_json_next(member)) {
        if (strcmp(mcp_json_name(member).data, "progressToken") != 0)
            mcp_write_value(out, mcp_json_name(member).data, member);
    }
    mcp_write_end(out);
    mcp_arena_free(&scratch);
    return mcp_json_text(call, out);
}

static void describe_request(mcp_call *call) {
    const char *meta = mcp_request_meta(call);
    mcp_writer *out = mcp_structured(call);
    mcp_write_json(out, "id", mcp_request_id(call));
    mcp_write_json(out, "meta", meta);
    mcp_write_json(out, "progressToken", mcp_progress_token(call));
    write_client(out, mcp_client(call));
    mcp_write_boolean(out, "cancelled", mcp_is_cancelled(call));
    mcp_write_json(out, "extra", mcp_request_extra(call));
    if (meta != NULL)
        mcp_result_meta(call, without_progress_token(call, meta));
}

static int compare(const void *one, const void *other) {
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static void describe_instance(mcp_call *call) {
    if (events.subscription_count > 0)
        qsort(events.subscriptions, events.subscription_count, sizeof *events.subscriptions, compare);
    mcp_writer *out = mcp_structured(call);
    mcp_write_unsigned(out, "watchedVersion", events.watched_version);
    mcp_write_array(out, "subscriptions");
    for (size_t index = 0; index < events.subscription_count; index++)
        mcp_write_string(out, NULL, events.subscriptions[index]);
    mcp_write_end(out);
    // The reasons are not known: only guests with concurrency can wait for them.
    mcp_write_array(out, "cancellations");
    for (unsigned index = 0; index < events.cancellations; index++)
        mcp_write_null(out, NULL);
    mcp_write_end(out);
    mcp_write_unsigned(out, "initialized", events.initialized);
    mcp_write_unsigned(out, "rootsChanged", events.roots_changed);
    mcp_write_array(out, "roots");
    for (size_t index = 0; index < events.root_count; index++)
        mcp_write_string(out, NULL, events.roots[index]);
    mcp_write_end(out);
    mcp_write_boolean(out, "stopped", mcp_is_stopped());
}

static void whoami(mcp_call *call) {
    const mcp_principal_info *principal = mcp_principal(call);
    mcp_writer *out = mcp_structured(call);
    if (principal == NULL) {
        mcp_write_null(out, "principal");
        return;
    }
    mcp_write_object(out, "principal");
    mcp_write_string(out, "issuer", principal->issuer);
    mcp_write_string(out, "subject", principal->subject);
    mcp_write_string(out, "clientId", principal->client_id);
    mcp_write_array(out, "scopes");
    for (const char *const *scope = principal->scopes; *scope != NULL; scope++)
        mcp_write_string(out, NULL, *scope);
    mcp_write_end(out);
    mcp_write_json(out, "claims", principal->claims);
    mcp_write_end(out);
}

/// Uses the bindings themselves: the library's context ends with its call.
static void late_context(mcp_call *call) {
    static bool is_kept;
    static wasi_mcp_context_own_request_context_t kept;
    mcp_writer *out = mcp_structured(call);
    if (is_kept) {
        wasi_mcp_context_progress_t progress = {.progress = 1000000};
        wasi_mcp_types_error_t error;
        const bool is_accepted = wasi_mcp_context_method_request_context_report_progress(
            wasi_mcp_context_borrow_request_context(kept), &progress, &error);
        mcp_write_object(out, "late");
        mcp_write_string(out, "reportProgress", is_accepted ? "ok" : "refused");
        mcp_write_end(out);
        if (!is_accepted)
            wasi_mcp_types_error_free(&error);
        wasi_mcp_context_request_context_drop_own(kept);
    } else {
        mcp_write_null(out, "late");
    }
    kept = wasi_mcp_context_method_request_context_clone(mcp_context(call));
    is_kept = true;
}

const mcp_items context_items = {
    .tools = MCP_TOOLS(
        {
            .name = "describe-request",
            .description =
                "Tells the request's id, `_meta`, progress token, client and further members; hands "
                "`_meta` back without the token.",
            .read_only = MCP_YES,
            .handler = describe_request,
        },
        {
            .name = "describe-instance",
            .description = "Tells what this instance has seen: subscriptions, cancellations, client events.",
            .read_only = MCP_YES,
            .handler = describe_instance,
        },
        {
            .name = "whoami",
            .description = "Tells who makes the request: the claims of the access token that the host shows.",
            .read_only = MCP_YES,
            .handler = whoami,
        },
        {
            .name = "late-context",
            .description =
                "Keeps a clone of its context; the next call uses it and tells what the host answered.",
            .read_only = MCP_NO,
            .destructive = MCP_NO,
            .handler = late_context,
        }),
};
