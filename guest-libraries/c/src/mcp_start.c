#include "mcp_start.h"

#include <string.h>

#include "mcp_call.h"
#include "mcp_records.h"
#include "mcp_registry.h"
#include "mcp_runtime.h"

static void add_all(mcp_call *call) {
    // The registry refers to it.
    static mcp_items own;
    own = (mcp_items){mcp_main.tools, mcp_main.resources, mcp_main.templates, mcp_main.prompts};
    mcp_add_items_of(call, &own, "mcp_main.");
    for (size_t index = 0; mcp_main.parts != NULL && mcp_main.parts[index] != NULL; index++)
        mcp_add_items_of(call, mcp_main.parts[index], mcp_format(call, "mcp_main.parts[%zu]->", index));
    if (mcp_main.start != NULL && !call->has_failed)
        mcp_main.start(call);
}

/// Returns the members of a JSON object, as names and texts.
static wasi_mcp_capabilities_list_tuple2_string_json_t named_texts(mcp_call *call, mcp_arena *to,
                                                                   const char *json) {
    const mcp_json *object = mcp_json_read(&call->arena, json, strlen(json), NULL);
    if (mcp_json_type_of(object) != MCP_JSON_OBJECT)
        mcp_error(call, MCP_INTERNAL_ERROR, NULL, "mcp_main.experimental: expected a JSON object");
    size_t count = 0;
    for (const mcp_json *member = mcp_json_first(object); member != NULL; member = mcp_json_next(member))
        count++;
    wasi_mcp_capabilities_list_tuple2_string_json_t list = {mcp_out_memory(to, count * sizeof *list.ptr), 0};
    for (const mcp_json *member = mcp_json_first(object); member != NULL; member = mcp_json_next(member))
        list.ptr[list.len++] = (wasi_mcp_capabilities_tuple2_string_json_t){
            mcp_out_slice(to, mcp_json_name(member)), mcp_out_slice(to, mcp_json_source(member))};
    return list;
}

/// The items that the server had at its start. A description does not change when they do.
static struct {
    bool has_tools, has_resources, has_prompts, has_completions;
} offer;

bool mcp_is_offered(mcp_item_kind kind) {
    switch (kind) {
    case MCP_TOOL:
        return offer.has_tools;
    case MCP_PROMPT:
        return offer.has_prompts;
    default:
        return offer.has_resources;
    }
}

wasi_mcp_capabilities_server_t mcp_out_server(mcp_call *call, mcp_arena *to) {
    const bindings_option_bool_t list_changed = {mcp_main.list_changed, true};
    wasi_mcp_capabilities_server_t server = {
        .info =
            {
                .name = mcp_out_string(to, mcp_main.name),
                .title = OUT_OPTION(to, mcp_main.title),
                .version = mcp_out_string(to, mcp_main.version),
                .extra = OUT_OPTION(to, mcp_main.extra),
            },
        .capabilities =
            {
                .tools = {offer.has_tools, {list_changed}},
                .resources = {offer.has_resources, {{mcp_main.subscriptions, true}, list_changed}},
                .prompts = {offer.has_prompts, {list_changed}},
                .completions = OUT_OPTION(to, offer.has_completions ? "{}" : NULL),
            },
        .instructions = OUT_OPTION(to, mcp_main.instructions),
    };
    if (mcp_main.experimental != NULL) {
        server.capabilities.experimental.is_some = true;
        server.capabilities.experimental.val = named_texts(call, to, mcp_main.experimental);
    }
    return server;
}

/// Registers the server and publishes what was added.
static void serve(mcp_call *call) {
    wasi_mcp_capabilities_server_t server = mcp_out_server(call, &call->arena);
    if (call->has_failed)
        return;
    wasi_mcp_types_error_t error;
    if (!mcp_runtime_register_server(&server, &error) || !mcp_runtime_serve(&error)) {
        mcp_take_error(call, "the host refuses the server", &error);
        wasi_mcp_types_error_free(&error);
    }
}

void mcp_start(mcp_call *call) {
    static bool is_started;
    if (is_started)
        return;
    // The start has no request, even where a request is the first that needs it.
    mcp_call start = {.kind = CALL_START};
    if (mcp_main.name == NULL || mcp_main.version == NULL)
        mcp_error(&start, MCP_INTERNAL_ERROR, NULL, "mcp_main: the server needs a `.name` and a `.version`");
    add_all(&start);
    offer.has_tools = mcp_has_tools();
    offer.has_resources = mcp_has_resources();
    offer.has_prompts = mcp_has_prompts();
    offer.has_completions = mcp_has_completions();
    if (!start.has_failed && !offer.has_tools && !offer.has_resources && !offer.has_prompts)
        mcp_error(
            &start, MCP_INTERNAL_ERROR, NULL,
            "mcp_main: the server has no tool, resource or prompt: add one, such as `.tools = MCP_TOOLS(...)`");
    if (!start.has_failed)
        serve(&start);
    is_started = !start.has_failed;
    if (!is_started) {
        // The next start begins anew.
        mcp_forget_items();
        mcp_error(call, start.code, start.data, "%s", start.message.data);
    }
    mcp_arena_free(&start.arena);
}
