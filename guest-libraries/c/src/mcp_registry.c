#include "mcp_registry.h"

#include <stdlib.h>
#include <string.h>

#include "mcp_call.h"
#include "mcp_records.h"
#include "mcp_schema.h"
#include "mcp_uri_template.h"

/// Items in the order in which they were added.
static const mcp_items **parts;
static size_t part_count;

static bool equals(mcp_slice text, const char *other) {
    return text.length == strlen(other) && memcmp(text.data, other, text.length) == 0;
}

/// The number of entries of a table, which ends with an entry without a name and may be `NULL`.
#define COUNT(table, name, count)                                                                            \
    size_t count = 0;                                                                                        \
    while ((table) != NULL && (table)[count].name != NULL)                                                   \
    count++

/// Runs a block for each item of a kind.
#define EACH(type, kind, field, item)                                                                        \
    for (size_t part_ = 0; part_ < part_count; part_++)                                                      \
        for (const type *item = parts[part_]->kind; item != NULL && item->field != NULL; item++)

const mcp_tool *mcp_find_tool(mcp_slice name) {
    EACH(mcp_tool, tools, name, tool) {
        if (equals(name, tool->name))
            return tool;
    }
    return NULL;
}

const mcp_prompt *mcp_find_prompt(mcp_slice name) {
    EACH(mcp_prompt, prompts, name, prompt) {
        if (equals(name, prompt->name))
            return prompt;
    }
    return NULL;
}

const mcp_template *mcp_find_template(mcp_slice uri_template) {
    EACH(mcp_template, templates, uri_template, template) {
        if (equals(uri_template, template->uri_template))
            return template;
    }
    return NULL;
}

found_resource mcp_find_resource(mcp_slice uri, mcp_arena *arena, mcp_writer *variables) {
    EACH(mcp_resource, resources, uri, resource) {
        if (equals(uri, resource->uri))
            return (found_resource){.resource = resource};
    }
    EACH(mcp_template, templates, uri_template, template) {
        if (mcp_uri_template_match(template->uri_template, uri, arena, variables))
            return (found_resource){.template = template};
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

/// ## Records

/// Fails because of an item, which its kind and name tell.
static void refuse(mcp_call *call, const char *kind, const char *name, const char *mistake) {
    mcp_error(call, MCP_INVALID_PARAMS, NULL, "%s `%s`: %s", kind, name, mistake);
}

/// Returns a schema: its text, or what a table of fields describes. `NULL` where there is none.
static const char *schema(mcp_call *call, const mcp_tool *tool, const char *text, const mcp_field *fields) {
    if (text != NULL || fields == NULL)
        return text;
    mcp_writer *writer = mcp_json_writer(call);
    mcp_write_schema(writer, NULL, fields);
    const mcp_slice written = mcp_writer_finish(writer);
    if (written.data == NULL)
        refuse(call, "tool", tool->name, mcp_format(call, "its fields: %s", mcp_writer_mistake(writer)));
    return written.data;
}

static wasi_mcp_content_tool_t tool_record(mcp_call *call, const mcp_tool *tool) {
    mcp_arena *to = &call->arena;
    if (tool->handler == NULL)
        refuse(call, "tool", tool->name, "it has no handler");
    const char *input = schema(call, tool, tool->input_schema, tool->input);
    const char *output = schema(call, tool, tool->output_schema, tool->output);
    const bool is_annotated = tool->annotations_title != NULL || tool->read_only || tool->destructive ||
                              tool->idempotent || tool->open_world;
    return (wasi_mcp_content_tool_t){
        .name = mcp_out_string(to, tool->name),
        .title = OUT_OPTION(to, tool->title),
        .description = OUT_OPTION(to, tool->description),
        .input_schema = mcp_out_string(to, input == NULL ? "{\"type\":\"object\"}" : input),
        .output_schema = OUT_OPTION(to, output),
        .annotations = {is_annotated,
                        {
                            .title = OUT_OPTION(to, tool->annotations_title),
                            .read_only_hint = OUT_CHOICE(tool->read_only),
                            .destructive_hint = OUT_CHOICE(tool->destructive),
                            .idempotent_hint = OUT_CHOICE(tool->idempotent),
                            .open_world_hint = OUT_CHOICE(tool->open_world),
                        }},
        .meta = OUT_OPTION(to, tool->meta),
        .extra = OUT_OPTION(to, tool->extra),
    };
}

static wasi_mcp_content_resource_t resource_record(mcp_call *call, const mcp_resource *resource) {
    mcp_arena *to = &call->arena;
    if ((resource->handler == NULL) == (resource->text == NULL))
        refuse(call, "resource", resource->uri, "it needs either a handler or a text");
    return (wasi_mcp_content_resource_t){
        .uri = mcp_out_string(to, resource->uri),
        .name = mcp_out_string(to, resource->name != NULL ? resource->name : resource->uri),
        .title = OUT_OPTION(to, resource->title),
        .description = OUT_OPTION(to, resource->description),
        .mime_type = OUT_OPTION(to, resource->mime_type),
        .size = {resource->size > 0, (double)resource->size},
        .annotations = mcp_out_annotations(to, resource->annotations),
        .meta = OUT_OPTION(to, resource->meta),
        .extra = OUT_OPTION(to, resource->extra),
    };
}

static wasi_mcp_content_resource_template_t template_record(mcp_call *call, const mcp_template *template) {
    mcp_arena *to = &call->arena;
    const char *mistake = mcp_uri_template_mistake(template->uri_template);
    if (mistake != NULL)
        refuse(call, "template", template->uri_template, mistake);
    if (template->handler == NULL)
        refuse(call, "template", template->uri_template, "it has no handler");
    return (wasi_mcp_content_resource_template_t){
        .uri_template = mcp_out_string(to, template->uri_template),
        .name = mcp_out_string(to, template->name != NULL ? template->name : template->uri_template),
        .title = OUT_OPTION(to, template->title),
        .description = OUT_OPTION(to, template->description),
        .mime_type = OUT_OPTION(to, template->mime_type),
        .annotations = mcp_out_annotations(to, template->annotations),
        .meta = OUT_OPTION(to, template->meta),
        .extra = OUT_OPTION(to, template->extra),
    };
}

static wasi_mcp_content_prompt_t prompt_record(mcp_call *call, const mcp_prompt *prompt) {
    mcp_arena *to = &call->arena;
    if (prompt->handler == NULL)
        refuse(call, "prompt", prompt->name, "it has no handler");
    COUNT(prompt->arguments, name, count);
    wasi_mcp_content_prompt_argument_t *arguments = mcp_out_memory(to, count * sizeof *arguments);
    for (size_t index = 0; index < count; index++) {
        const mcp_field *field = &prompt->arguments[index];
        arguments[index] = (wasi_mcp_content_prompt_argument_t){
            .name = mcp_out_string(to, field->name),
            .title = OUT_OPTION(to, field->title),
            .description = OUT_OPTION(to, field->description),
            .required = {true, !field->optional},
            .extra = OUT_OPTION(to, field->extra),
        };
    }
    return (wasi_mcp_content_prompt_t){
        .name = mcp_out_string(to, prompt->name),
        .title = OUT_OPTION(to, prompt->title),
        .description = OUT_OPTION(to, prompt->description),
        .arguments = {count > 0, {arguments, count}},
        .meta = OUT_OPTION(to, prompt->meta),
        .extra = OUT_OPTION(to, prompt->extra),
    };
}

/// ## Changes of the host's lists

static bool take(mcp_call *call, bool is_done, wasi_mcp_types_error_t *error) {
    if (is_done)
        return true;
    mcp_take_error(call, "the host refuses an item", error);
    wasi_mcp_types_error_free(error);
    return false;
}

/// Defines how items of a kind are added to the host's list and removed from it. `item` names the item in
/// `is_listed`.
#define DEFINE_LIST(kind, item_type, key, list_type, record_of, is_listed)                                   \
    static bool register_##kind(mcp_call *call, const item_type *table) {                                    \
        COUNT(table, key, count);                                                                            \
        list_type list = {mcp_out_memory(&call->arena, count * sizeof *list.ptr), 0};                        \
        for (const item_type *item = table; item != table + count; item++) {                                 \
            list.ptr[list.len] = record_of(call, item);                                                      \
            list.len += is_listed;                                                                           \
        }                                                                                                    \
        wasi_mcp_types_error_t error;                                                                        \
        return !call->has_failed &&                                                                          \
               (list.len == 0 || take(call, wasi_mcp_runtime_register_##kind(&list, &error), &error));       \
    }                                                                                                        \
                                                                                                             \
    static bool unregister_##kind(mcp_call *call, const item_type *table) {                                  \
        COUNT(table, key, count);                                                                            \
        bindings_list_string_t list = {mcp_out_memory(&call->arena, count * sizeof *list.ptr), 0};           \
        for (const item_type *item = table; item != table + count; item++) {                                 \
            list.ptr[list.len] = mcp_out_string(&call->arena, item->key);                                    \
            list.len += is_listed;                                                                           \
        }                                                                                                    \
        wasi_mcp_types_error_t error;                                                                        \
        return list.len == 0 || take(call, wasi_mcp_runtime_unregister_##kind(&list, &error), &error);       \
    }

DEFINE_LIST(tools, mcp_tool, name, wasi_mcp_runtime_list_tool_t, tool_record, true)
DEFINE_LIST(resources, mcp_resource, uri, wasi_mcp_runtime_list_resource_t, resource_record, !item->unlisted)
DEFINE_LIST(resource_templates, mcp_template, uri_template, wasi_mcp_runtime_list_resource_template_t,
            template_record, !item->unlisted)
DEFINE_LIST(prompts, mcp_prompt, name, wasi_mcp_runtime_list_prompt_t, prompt_record, true)

bool mcp_add_items(mcp_call *call, const mcp_items *items) {
    if (call->has_failed)
        return false;
    const mcp_items **longer = realloc(parts, (part_count + 1) * sizeof *parts);
    if (longer == NULL)
        abort();
    parts = longer;
    if (!register_tools(call, items->tools))
        return false;
    // After a failure, what was registered before it is withdrawn. The first failure is the one that is kept.
    if (!register_resources(call, items->resources)) {
        unregister_tools(call, items->tools);
        return false;
    }
    if (!register_resource_templates(call, items->templates)) {
        unregister_tools(call, items->tools);
        unregister_resources(call, items->resources);
        return false;
    }
    if (!register_prompts(call, items->prompts)) {
        unregister_tools(call, items->tools);
        unregister_resources(call, items->resources);
        unregister_resource_templates(call, items->templates);
        return false;
    }
    parts[part_count++] = items;
    return true;
}

bool mcp_remove_items(mcp_call *call, const mcp_items *items) {
    size_t at = 0;
    while (at < part_count && parts[at] != items)
        at++;
    if (at == part_count) {
        mcp_fail(call, "the items are not in the lists");
        return false;
    }
    if (!unregister_tools(call, items->tools) || !unregister_resources(call, items->resources) ||
        !unregister_resource_templates(call, items->templates) || !unregister_prompts(call, items->prompts))
        return false;
    memmove(&parts[at], &parts[at + 1], (part_count - at - 1) * sizeof *parts);
    part_count--;
    return true;
}
