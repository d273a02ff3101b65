#include "mcp_items.h"

#include "mcp_call.h"
#include "mcp_records.h"
#include "mcp_schema.h"
#include "mcp_uri_template.h"

/// Fails because of an item, which its kind and name tell.
static void refuse(mcp_call *call, const char *kind, const char *name, const char *mistake) {
    mcp_error(call, MCP_INVALID_PARAMS, NULL, "%s `%s`: %s", kind, name, mistake);
}

/// Fails if a field of an item has no name.
static void check_names(mcp_call *call, const char *kind, const char *name, const mcp_field *fields,
                        const char *table) {
    const char *place = mcp_nameless_field(&call->arena, fields, table);
    if (place != NULL)
        refuse(call, kind, name, mcp_format(call, "%s has no `.name`", place));
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

wasi_mcp_content_tool_t mcp_out_tool(mcp_call *call, mcp_arena *to, const mcp_tool *tool) {
    if (tool->handler == NULL)
        refuse(call, "tool", tool->name, "it has no handler");
    check_names(call, "tool", tool->name, tool->input, "input");
    check_names(call, "tool", tool->name, tool->output, "output");
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

wasi_mcp_content_resource_t mcp_out_resource(mcp_call *call, mcp_arena *to, const mcp_resource *resource) {
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

wasi_mcp_content_resource_template_t mcp_out_template(mcp_call *call, mcp_arena *to,
                                                      const mcp_template *template) {
    const char *mistake = mcp_uri_template_mistake(template->uri_template);
    if (mistake != NULL)
        refuse(call, "template", template->uri_template, mistake);
    if (template->handler == NULL)
        refuse(call, "template", template->uri_template, "it has no handler");
    check_names(call, "template", template->uri_template, template->variables, "variables");
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

wasi_mcp_content_prompt_t mcp_out_prompt(mcp_call *call, mcp_arena *to, const mcp_prompt *prompt) {
    if (prompt->handler == NULL)
        refuse(call, "prompt", prompt->name, "it has no handler");
    check_names(call, "prompt", prompt->name, prompt->arguments, "arguments");
    size_t count = 0;
    while (prompt->arguments != NULL && prompt->arguments[count].name != NULL)
        count++;
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
