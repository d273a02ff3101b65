#include "client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

char answer[1 << 15];

static void show(const char *format, ...) {
    const size_t length = strlen(answer);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(answer + length, sizeof answer - length, format, arguments);
    va_end(arguments);
}

static void show_text(const char *name, bindings_string_t text) {
    show("[%s: %.*s]", name, (int)text.len, text.ptr == NULL ? "" : (const char *)text.ptr);
}

static void show_contents(const wasi_mcp_content_resource_contents_t *contents) {
    if (contents->tag == WASI_MCP_CONTENT_RESOURCE_CONTENTS_TEXT) {
        show_text("uri", contents->val.text.uri);
        if (contents->val.text.mime_type.is_some)
            show_text("mime", contents->val.text.mime_type.val);
        show_text("text", contents->val.text.text);
    } else {
        show_text("uri", contents->val.blob.uri);
        if (contents->val.blob.mime_type.is_some)
            show_text("mime", contents->val.blob.mime_type.val);
        show("[%zu bytes]", contents->val.blob.blob.len);
    }
}

static void show_block(const wasi_mcp_content_content_block_t *block) {
    switch (block->tag) {
    case WASI_MCP_CONTENT_CONTENT_BLOCK_TEXT:
        show_text("text", block->val.text.text);
        if (block->val.text.annotations.is_some)
            show("[%zu audience, priority %g]", block->val.text.annotations.val.audience.val.len,
                 block->val.text.annotations.val.priority.val);
        break;
    case WASI_MCP_CONTENT_CONTENT_BLOCK_IMAGE:
        show_text("image", block->val.image.mime_type);
        show("[%zu bytes]", block->val.image.data.len);
        break;
    case WASI_MCP_CONTENT_CONTENT_BLOCK_AUDIO:
        show_text("audio", block->val.audio.mime_type);
        show("[%zu bytes]", block->val.audio.data.len);
        break;
    case WASI_MCP_CONTENT_CONTENT_BLOCK_RESOURCE_LINK:
        show_text("link", block->val.resource_link.uri);
        break;
    case WASI_MCP_CONTENT_CONTENT_BLOCK_EMBEDDED_RESOURCE:
        show_contents(&block->val.embedded_resource.resource);
        break;
    default:
        show_text("other", block->val.other);
    }
}

void show_error(wasi_mcp_types_error_t *error) {
    show("error %d", error->code.tag);
    if (error->code.tag == WASI_MCP_TYPES_ERROR_CODE_OTHER)
        show(" (%d)", error->code.val.other);
    show_text("message", error->message);
    if (error->data.is_some)
        show_text("data", error->data.val);
    wasi_mcp_types_error_free(error);
}

const char *call_tool(const char *name, const char *arguments) {
    answer[0] = '\0';
    wasi_mcp_content_call_tool_params_t params = {.name = host_string(name)};
    if (arguments != NULL)
        params.arguments = (wasi_mcp_content_option_json_t){true, host_string(arguments)};
    wasi_mcp_content_call_tool_result_t result;
    wasi_mcp_types_error_t error;
    if (!exports_wasi_mcp_tools_call_tool(host_context(), &params, &result, &error)) {
        show_error(&error);
        return answer;
    }
    for (size_t index = 0; index < result.content.len; index++)
        show_block(&result.content.ptr[index]);
    if (result.structured_content.is_some)
        show_text("structured", result.structured_content.val);
    if (result.is_error.is_some)
        show("[is error: %d]", result.is_error.val);
    if (result.meta.is_some)
        show_text("meta", result.meta.val);
    if (result.extra.is_some)
        show_text("extra", result.extra.val);
    wasi_mcp_content_call_tool_result_free(&result);
    return answer;
}

const char *read_resource(const char *uri) {
    answer[0] = '\0';
    wasi_mcp_content_read_resource_params_t params = {.uri = host_string(uri)};
    wasi_mcp_content_read_resource_result_t result;
    wasi_mcp_types_error_t error;
    if (!exports_wasi_mcp_resources_read_resource(host_context(), &params, &result, &error)) {
        show_error(&error);
        return answer;
    }
    for (size_t index = 0; index < result.contents.len; index++)
        show_contents(&result.contents.ptr[index]);
    wasi_mcp_content_read_resource_result_free(&result);
    return answer;
}

/// Returns names and texts of the bindings; `NULL` ends them.
static bindings_option_list_tuple2_string_string_t pairs(const char *const *texts) {
    size_t count = 0;
    while (texts[2 * count] != NULL)
        count++;
    bindings_tuple2_string_string_t *list = count == 0 ? NULL : malloc(count * sizeof *list);
    for (size_t index = 0; index < count; index++)
        list[index] = (bindings_tuple2_string_string_t){host_string(texts[2 * index]),
                                                        host_string(texts[2 * index + 1])};
    return (bindings_option_list_tuple2_string_string_t){count > 0, {list, count}};
}

const char *get_prompt(const char *name, const char *const *arguments) {
    answer[0] = '\0';
    wasi_mcp_content_get_prompt_params_t params = {.name = host_string(name), .arguments = pairs(arguments)};
    wasi_mcp_content_get_prompt_result_t result;
    wasi_mcp_types_error_t error;
    if (!exports_wasi_mcp_prompts_get_prompt(host_context(), &params, &result, &error)) {
        show_error(&error);
        return answer;
    }
    if (result.description.is_some)
        show_text("description", result.description.val);
    for (size_t index = 0; index < result.messages.len; index++) {
        show("[%s]", result.messages.ptr[index].role == WASI_MCP_TYPES_ROLE_USER ? "user" : "assistant");
        show_block(&result.messages.ptr[index].content);
    }
    wasi_mcp_content_get_prompt_result_free(&result);
    return answer;
}

const char *complete(wasi_mcp_content_completion_reference_t reference, const char *name, const char *value,
                     const char *const *known) {
    answer[0] = '\0';
    wasi_mcp_content_complete_params_t params = {
        .ref = reference,
        .argument = {host_string(name), host_string(value)},
        .context_arguments = pairs(known),
    };
    wasi_mcp_content_complete_result_t result;
    wasi_mcp_types_error_t error;
    if (!exports_wasi_mcp_completion_complete(host_context(), &params, &result, &error)) {
        show_error(&error);
        return answer;
    }
    show("%zu of %u%s", result.values.len, result.total.val, result.has_more.val ? ", more" : "");
    for (size_t index = 0; index < result.values.len && index < 3; index++)
        show_text("value", result.values.ptr[index]);
    wasi_mcp_content_complete_result_free(&result);
    return answer;
}

wasi_mcp_content_completion_reference_t of_prompt(const char *name) {
    return (wasi_mcp_content_completion_reference_t){.tag = WASI_MCP_CONTENT_COMPLETION_REFERENCE_PROMPT,
                                                     .val = {.prompt = {.name = host_string(name)}}};
}

wasi_mcp_content_completion_reference_t of_template(const char *uri_template) {
    return (wasi_mcp_content_completion_reference_t){
        .tag = WASI_MCP_CONTENT_COMPLETION_REFERENCE_RESOURCE_TEMPLATE,
        .val = {.resource_template = host_string(uri_template)}};
}

bool subscribe(const char *uri) {
    answer[0] = '\0';
    bindings_string_t text = host_string(uri);
    wasi_mcp_types_error_t error;
    if (exports_wasi_mcp_resource_subscriptions_subscribe(host_context(), &text, &error))
        return true;
    show_error(&error);
    return false;
}
