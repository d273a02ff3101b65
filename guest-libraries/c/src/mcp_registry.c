#include "mcp_registry.h"

#include <stdlib.h>
#include <string.h>

#include "mcp_call.h"
#include "mcp_items.h"
#include "mcp_records.h"
#include "mcp_runtime.h"
#include "mcp_uri_template.h"

#define KIND_COUNT (MCP_PROMPT + 1)

/// Items that were added together.
typedef struct part {
    const mcp_items *items;
    /// The number of its items of a kind, and the serial number of the first of them.
    struct {
        size_t count;
        uint64_t serial;
    } kinds[KIND_COUNT];
} part;

/// The parts in the order in which they were added.
static part *parts;
static size_t part_count;

/// The serial number of the next item of a kind, which never goes back.
static uint64_t next_serials[KIND_COUNT];

static const size_t ITEM_SIZES[KIND_COUNT] = {
    [MCP_TOOL] = sizeof(mcp_tool),
    [MCP_RESOURCE] = sizeof(mcp_resource),
    [MCP_TEMPLATE] = sizeof(mcp_template),
    [MCP_PROMPT] = sizeof(mcp_prompt),
};

/// Returns the entry of a table, or `NULL` where there is no table.
static const void *entry(const mcp_items *items, mcp_item_kind kind, size_t index) {
    const void *const tables[KIND_COUNT] = {
        [MCP_TOOL] = items->tools,
        [MCP_RESOURCE] = items->resources,
        [MCP_TEMPLATE] = items->templates,
        [MCP_PROMPT] = items->prompts,
    };
    return tables[kind] == NULL ? NULL : (const char *)tables[kind] + index * ITEM_SIZES[kind];
}

const char *mcp_item_key(const void *item) {
    return *(const char *const *)item;
}

/// The names of a kind's table and key, as an author writes them.
static const struct {
    const char *table, *key;
} NAMES[KIND_COUNT] = {
    [MCP_TOOL] = {"tools", "name"},
    [MCP_RESOURCE] = {"resources", "uri"},
    [MCP_TEMPLATE] = {"templates", "uri_template"},
    [MCP_PROMPT] = {"prompts", "name"},
};

/// Returns the number of entries of a table, which ends with an entry without a key.
static size_t count_entries(const mcp_items *items, mcp_item_kind kind) {
    size_t count = 0;
    while (entry(items, kind, count) != NULL && mcp_item_key(entry(items, kind, count)) != NULL)
        count++;
    return count;
}

/// Fails if a table ends with an entry that lacks a key but has other members. `owner` is the C expression
/// before the name of a table.
static void check_ends(mcp_call *call, const mcp_items *items, const char *owner) {
    // As large as the largest item.
    static const union {
        mcp_tool tool;
        mcp_resource resource;
        mcp_template template;
        mcp_prompt prompt;
    } end;
    for (int number = 0; number < KIND_COUNT; number++) {
        const mcp_item_kind kind = (mcp_item_kind)number;
        const size_t count = count_entries(items, kind);
        const void *last = entry(items, kind, count);
        if (last != NULL && memcmp(last, &end, ITEM_SIZES[kind]) != 0)
            mcp_error(call, MCP_INVALID_PARAMS, NULL, "%s%s[%zu] has no `.%s`", owner, NAMES[kind].table,
                      count, NAMES[kind].key);
    }
}

static bool is_listed(mcp_item_kind kind, const void *item) {
    if (kind == MCP_RESOURCE)
        return !((const mcp_resource *)item)->unlisted;
    if (kind == MCP_TEMPLATE)
        return !((const mcp_template *)item)->unlisted;
    return true;
}

/// ## The items of all parts

const void *mcp_next_listed(mcp_item_kind kind, uint64_t *serial) {
    for (size_t index = 0; index < part_count; index++) {
        const uint64_t first = parts[index].kinds[kind].serial;
        const uint64_t end = first + parts[index].kinds[kind].count;
        for (uint64_t number = *serial > first ? *serial : first; number < end; number++) {
            const void *item = entry(parts[index].items, kind, (size_t)(number - first));
            if (is_listed(kind, item)) {
                *serial = number;
                return item;
            }
        }
    }
    return NULL;
}

uint64_t mcp_next_serial(mcp_item_kind kind) {
    return next_serials[kind];
}

bool mcp_is_listed(mcp_item_kind kind, mcp_slice key) {
    for (size_t index = 0; index < part_count; index++) {
        for (size_t number = 0; number < parts[index].kinds[kind].count; number++) {
            const void *item = entry(parts[index].items, kind, number);
            if (is_listed(kind, item) && mcp_slice_equals(key, mcp_slice_of(mcp_item_key(item))))
                return true;
        }
    }
    return false;
}

bool mcp_is_visible(mcp_call *call, mcp_item_kind kind, const void *item) {
    if (mcp_main.visible == NULL)
        return true;
    if (call->has_failed)
        return false;
    const bool is_visible = mcp_main.visible(call, kind, mcp_item_key(item));
    // A filter that fails is an error of the request, and not the result of a tool.
    if (call->has_failed && call->is_work_failure) {
        call->is_work_failure = false;
        call->code = MCP_INTERNAL_ERROR;
    }
    return is_visible && !call->has_failed;
}

bool mcp_has_listed(const mcp_items *items, mcp_item_kind kind) {
    const size_t count = count_entries(items, kind);
    for (size_t index = 0; index < count; index++) {
        if (is_listed(kind, entry(items, kind, index)))
            return true;
    }
    return false;
}

/// Runs a block for each item of a kind.
#define EACH(type, kind, field, item)                                                                        \
    for (size_t part_ = 0; part_ < part_count; part_++)                                                      \
        for (const type *item = parts[part_].items->kind; item != NULL && item->field != NULL; item++)

const mcp_tool *mcp_find_tool(mcp_call *call, mcp_slice name) {
    EACH(mcp_tool, tools, name, tool) {
        if (mcp_slice_equals(name, mcp_slice_of(tool->name)) && mcp_is_visible(call, MCP_TOOL, tool))
            return tool;
    }
    return NULL;
}

const mcp_prompt *mcp_find_prompt(mcp_call *call, mcp_slice name) {
    EACH(mcp_prompt, prompts, name, prompt) {
        if (mcp_slice_equals(name, mcp_slice_of(prompt->name)) && mcp_is_visible(call, MCP_PROMPT, prompt))
            return prompt;
    }
    return NULL;
}

const mcp_template *mcp_find_template(mcp_call *call, mcp_slice uri_template) {
    EACH(mcp_template, templates, uri_template, template) {
        if (mcp_slice_equals(uri_template, mcp_slice_of(template->uri_template)) &&
            mcp_is_visible(call, MCP_TEMPLATE, template))
            return template;
    }
    return NULL;
}

found_resource mcp_find_resource(mcp_call *call, mcp_slice uri, mcp_writer *variables) {
    EACH(mcp_resource, resources, uri, resource) {
        if (!mcp_slice_equals(uri, mcp_slice_of(resource->uri)))
            continue;
        // A template that the URI matches, too, does not show what is hidden.
        const bool is_visible = mcp_is_visible(call, MCP_RESOURCE, resource);
        return (found_resource){.resource = is_visible ? resource : NULL};
    }
    EACH(mcp_template, templates, uri_template, template) {
        if (!mcp_uri_template_match(template->uri_template, uri, &call->arena, NULL))
            continue;
        if (mcp_is_visible(call, MCP_TEMPLATE, template)) {
            mcp_uri_template_match(template->uri_template, uri, &call->arena, variables);
            return (found_resource){.template = template};
        }
        if (call->has_failed)
            break;
    }
    return (found_resource){0};
}

bool mcp_has_tools(void) {
    EACH(mcp_tool, tools, name, tool) return true;
    return false;
}

bool mcp_has_resources(void) {
    EACH(mcp_resource, resources, uri, resource) return true;
    EACH(mcp_template, templates, uri_template, template) return true;
    return false;
}

bool mcp_has_prompts(void) {
    EACH(mcp_prompt, prompts, name, prompt) return true;
    return false;
}

static bool is_any_completed(const mcp_field *fields) {
    for (const mcp_field *field = fields; field != NULL && field->name != NULL; field++) {
        if (field->complete != NULL)
            return true;
    }
    return false;
}

bool mcp_has_completions(void) {
    EACH(mcp_prompt, prompts, name, prompt) {
        if (is_any_completed(prompt->arguments))
            return true;
    }
    EACH(mcp_template, templates, uri_template, template) {
        if (is_any_completed(template->variables))
            return true;
    }
    return false;
}

/// ## Changes of the lists

void (*mcp_change_report)(const mcp_items *items);

static void report_change(const mcp_items *items) {
    if (mcp_change_report != NULL)
        mcp_change_report(items);
}

static bool take(mcp_call *call, bool is_done, wasi_mcp_types_error_t *error) {
    if (is_done)
        return true;
    mcp_take_error(call, "the host refuses an item", error);
    wasi_mcp_types_error_free(error);
    return false;
}

/// Defines how items of a kind are registered with `runtime` and unregistered.
#define DEFINE_LIST(list_name, kind, list_type, out_item)                                                    \
    static bool register_##list_name(mcp_call *call, const mcp_items *items) {                               \
        const size_t count = count_entries(items, kind);                                                     \
        list_type list = {mcp_out_memory(&call->arena, count * sizeof *list.ptr), 0};                        \
        for (size_t index = 0; index < count; index++) {                                                     \
            list.ptr[list.len] = out_item(call, &call->arena, entry(items, kind, index));                    \
            list.len += is_listed(kind, entry(items, kind, index));                                          \
        }                                                                                                    \
        wasi_mcp_types_error_t error;                                                                        \
        return !call->has_failed &&                                                                          \
               (list.len == 0 || take(call, mcp_runtime_register_##list_name(&list, &error), &error));       \
    }                                                                                                        \
                                                                                                             \
    static bool unregister_##list_name(mcp_call *call, const mcp_items *items) {                             \
        const size_t count = count_entries(items, kind);                                                     \
        bindings_list_string_t list = {mcp_out_memory(&call->arena, count * sizeof *list.ptr), 0};           \
        for (size_t index = 0; index < count; index++) {                                                     \
            list.ptr[list.len] = mcp_out_string(&call->arena, mcp_item_key(entry(items, kind, index)));      \
            list.len += is_listed(kind, entry(items, kind, index));                                          \
        }                                                                                                    \
        wasi_mcp_types_error_t error;                                                                        \
        return list.len == 0 || take(call, mcp_runtime_unregister_##list_name(&list, &error), &error);       \
    }

DEFINE_LIST(tools, MCP_TOOL, wasi_mcp_content_list_tool_t, mcp_out_tool)
DEFINE_LIST(resources, MCP_RESOURCE, wasi_mcp_content_list_resource_t, mcp_out_resource)
DEFINE_LIST(resource_templates, MCP_TEMPLATE, wasi_mcp_content_list_resource_template_t, mcp_out_template)
DEFINE_LIST(prompts, MCP_PROMPT, wasi_mcp_content_list_prompt_t, mcp_out_prompt)

bool mcp_add_items(mcp_call *call, const mcp_items *items) {
    return mcp_add_items_of(call, items, "items->");
}

bool mcp_add_items_of(mcp_call *call, const mcp_items *items, const char *owner) {
    check_ends(call, items, owner);
    if (call->has_failed)
        return false;
    part *longer = realloc(parts, (part_count + 1) * sizeof *parts);
    if (longer == NULL)
        abort();
    parts = longer;
    if (!register_tools(call, items))
        return false;
    // After a failure, what was registered before it is withdrawn. The first failure is the one that is kept.
    if (!register_resources(call, items)) {
        unregister_tools(call, items);
        return false;
    }
    if (!register_resource_templates(call, items)) {
        unregister_tools(call, items);
        unregister_resources(call, items);
        return false;
    }
    if (!register_prompts(call, items)) {
        unregister_tools(call, items);
        unregister_resources(call, items);
        unregister_resource_templates(call, items);
        return false;
    }
    part *added = &parts[part_count++];
    added->items = items;
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        added->kinds[kind].count = count_entries(items, (mcp_item_kind)kind);
        added->kinds[kind].serial = next_serials[kind];
        next_serials[kind] += added->kinds[kind].count;
    }
    report_change(items);
    return true;
}

bool mcp_remove_items(mcp_call *call, const mcp_items *items) {
    size_t at = 0;
    while (at < part_count && parts[at].items != items)
        at++;
    if (at == part_count) {
        mcp_fail(call, "the items are not in the lists");
        return false;
    }
    if (!unregister_tools(call, items) || !unregister_resources(call, items) ||
        !unregister_resource_templates(call, items) || !unregister_prompts(call, items))
        return false;
    memmove(&parts[at], &parts[at + 1], (part_count - at - 1) * sizeof *parts);
    part_count--;
    report_change(items);
    return true;
}

void mcp_forget_items(void) {
    part_count = 0;
}
