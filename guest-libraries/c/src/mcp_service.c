/// The exports of a service, and its own `runtime`, which tells clients of changes. The linker drops them in
/// a backend.

#include <string.h>

#include "mcp_call.h"
#include "mcp_items.h"
#include "mcp_paging.h"
#include "mcp_records.h"
#include "mcp_registry.h"
#include "mcp_runtime.h"
#include "mcp_start.h"

/// ## The runtime

/// Tells clients of the lists that have changed, as far as the server has declared that it does.
static void report_change(const mcp_items *items) {
    if (!mcp_main.list_changed)
        return;
    if (mcp_is_offered(MCP_TOOL) && mcp_has_listed(items, MCP_TOOL))
        wasi_mcp_notifications_tools_changed();
    if (mcp_is_offered(MCP_RESOURCE) &&
        (mcp_has_listed(items, MCP_RESOURCE) || mcp_has_listed(items, MCP_TEMPLATE)))
        wasi_mcp_notifications_resources_changed();
    if (mcp_is_offered(MCP_PROMPT) && mcp_has_listed(items, MCP_PROMPT))
        wasi_mcp_notifications_prompts_changed();
}

WEAK bool mcp_runtime_register_server(wasi_mcp_capabilities_server_t *server, wasi_mcp_types_error_t *error) {
    (void)server;
    (void)error;
    return true;
}

WEAK bool mcp_runtime_serve(wasi_mcp_types_error_t *error) {
    (void)error;
    mcp_change_report = report_change;
    mcp_argument_check = mcp_check_arguments;
    return true;
}

/// Refuses an item whose name, URI or URI template is in the list already, in the words of a host.
static bool refuse(const char *kind_name, bindings_string_t key, wasi_mcp_types_error_t *error) {
    mcp_arena scratch = {0};
    const char *name = mcp_in_string(&scratch, key);
    const mcp_slice message = mcp_arena_format(&scratch, "there is a %s \"%s\" already", kind_name, name);
    *error = mcp_out_error(MCP_INVALID_PARAMS, message, NULL);
    mcp_arena_free(&scratch);
    return false;
}

static bool are_equal(bindings_string_t one, bindings_string_t other) {
    return mcp_slice_equals(mcp_in_slice(one), mcp_in_slice(other));
}

/// Defines how a list changes. `key` is the member that is unique.
#define DEFINE_RUNTIME(list_name, kind, kind_name, list_type, key)                                           \
    WEAK bool mcp_runtime_register_##list_name(list_type *list, wasi_mcp_types_error_t *error) {             \
        for (size_t index = 0; index < list->len; index++) {                                                 \
            bool is_present = mcp_is_listed(kind, mcp_in_slice(list->ptr[index].key));                       \
            for (size_t other = 0; other < index; other++)                                                   \
                is_present |= are_equal(list->ptr[other].key, list->ptr[index].key);                         \
            if (is_present)                                                                                  \
                return refuse(kind_name, list->ptr[index].key, error);                                       \
        }                                                                                                    \
        return true;                                                                                         \
    }                                                                                                        \
                                                                                                             \
    WEAK bool mcp_runtime_unregister_##list_name(bindings_list_string_t *list,                               \
                                                 wasi_mcp_types_error_t *error) {                            \
        (void)list;                                                                                          \
        (void)error;                                                                                         \
        return true;                                                                                         \
    }

DEFINE_RUNTIME(tools, MCP_TOOL, "tool", wasi_mcp_content_list_tool_t, name)
DEFINE_RUNTIME(resources, MCP_RESOURCE, "resource", wasi_mcp_content_list_resource_t, uri)
DEFINE_RUNTIME(resource_templates, MCP_TEMPLATE, "resource template",
               wasi_mcp_content_list_resource_template_t, uri_template)
DEFINE_RUNTIME(prompts, MCP_PROMPT, "prompt", wasi_mcp_content_list_prompt_t, name)

/// ## The exports

WEAK bool exports_wasi_mcp_server_catalog_get_server(wasi_mcp_capabilities_server_t *server,
                                                     wasi_mcp_types_error_t *error) {
    mcp_call call = {.kind = CALL_START};
    mcp_start(&call);
    const bool is_started = !call.has_failed;
    if (is_started)
        *server = mcp_out_server(&call, NULL);
    else
        mcp_store_error(&call, error);
    mcp_arena_free(&call.arena);
    return is_started;
}

/// Defines the export that returns a page of a list, whose items are the result's `list_name`.
#define DEFINE_EXPORT(function, kind, list_name, result_type, list_type, out_item)                           \
    WEAK bool exports_wasi_mcp_##function(wasi_mcp_context_own_request_context_t context,                    \
                                          bindings_string_t *cursor, result_type *result,                    \
                                          wasi_mcp_types_error_t *error) {                                   \
        mcp_call call = mcp_begin_call(CALL_LIST, context);                                                  \
        const item_page page = mcp_find_page(&call, kind, cursor);                                           \
        const bool is_answered = !call.has_failed;                                                           \
        if (is_answered) {                                                                                   \
            list_type list = {mcp_out_memory(NULL, page.count * sizeof *list.ptr), page.count};              \
            for (size_t index = 0; index < page.count; index++)                                              \
                list.ptr[index] = out_item(&call, NULL, page.items[index]);                                  \
            *result = (result_type){.list_name = list, .next_cursor = OUT_OPTION(NULL, page.next_cursor)};   \
        } else {                                                                                             \
            mcp_store_error(&call, error);                                                                   \
        }                                                                                                    \
        if (cursor != NULL)                                                                                  \
            bindings_string_free(cursor);                                                                    \
        mcp_end_call(&call, context);                                                                        \
        return is_answered;                                                                                  \
    }

DEFINE_EXPORT(tool_catalog_list_tools, MCP_TOOL, tools, wasi_mcp_content_list_tools_result_t,
              wasi_mcp_content_list_tool_t, mcp_out_tool)
DEFINE_EXPORT(resource_catalog_list_resources, MCP_RESOURCE, resources,
              wasi_mcp_content_list_resources_result_t, wasi_mcp_content_list_resource_t, mcp_out_resource)
DEFINE_EXPORT(resource_catalog_list_resource_templates, MCP_TEMPLATE, resource_templates,
              wasi_mcp_content_list_resource_templates_result_t, wasi_mcp_content_list_resource_template_t,
              mcp_out_template)
DEFINE_EXPORT(prompt_catalog_list_prompts, MCP_PROMPT, prompts, wasi_mcp_content_list_prompts_result_t,
              wasi_mcp_content_list_prompt_t, mcp_out_prompt)
