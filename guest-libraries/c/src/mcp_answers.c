#include "mcp_call.h"

#include <string.h>

#include "mcp_records.h"

static void append(mcp_call *call, answer_item item) {
    answer_item *added = mcp_alloc(call, sizeof *added);
    *added = item;
    added->role = call->role;
    if (call->last_item == NULL)
        call->first_item = added;
    else
        call->last_item->next = added;
    call->last_item = added;
    call->item_count++;
}

/// Adds to the contents of a resource, under its URI and media type unless the content has its own.
static void add_contents(mcp_call *call, const mcp_content *content) {
    mcp_content contents = *content;
    switch (content->type) {
    case MCP_CONTENT_TEXT:
        contents.type = MCP_CONTENT_EMBEDDED_TEXT;
        break;
    case MCP_CONTENT_IMAGE:
    case MCP_CONTENT_AUDIO:
        contents.type = MCP_CONTENT_EMBEDDED_BLOB;
        break;
    case MCP_CONTENT_EMBEDDED_TEXT:
    case MCP_CONTENT_EMBEDDED_BLOB:
        break;
    case MCP_CONTENT_LINK:
    case MCP_CONTENT_OTHER:
        mcp_error(call, MCP_INTERNAL_ERROR, NULL, "resource `%s`: contents are texts or bytes, and no links",
                  call->uri);
        return;
    }
    if (contents.uri == NULL)
        contents.uri = call->uri;
    if (contents.mime_type == NULL)
        contents.mime_type = call->mime_type;
    append(call, (answer_item){.is_contents = true, .as = {.contents = mcp_out_contents(NULL, &contents)}});
}

void mcp_add(mcp_call *call, const mcp_content *content) {
    switch (call->kind) {
    case CALL_TOOL:
    case CALL_PROMPT:
        if (content->type == MCP_CONTENT_EMBEDDED_BLOB && content->uri == NULL)
            mcp_error(call, MCP_INTERNAL_ERROR, NULL,
                      "`%s`: bytes need a kind: mcp_image, mcp_audio or mcp_embed_blob", call->name);
        else
            append(call, (answer_item){.as = {.block = mcp_out_block(NULL, content)}});
        break;
    case CALL_RESOURCE:
        add_contents(call, content);
        break;
    case CALL_START:
    case CALL_LIST:
    case CALL_COMPLETION:
    case CALL_EVENT:
        mcp_error(call, MCP_INTERNAL_ERROR, NULL, "only tools, resources and prompts have content");
        break;
    }
}

void mcp_text(mcp_call *call, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const mcp_slice text = mcp_arena_vformat(&call->arena, format, arguments);
    va_end(arguments);
    mcp_slice_text(call, text);
}

void mcp_slice_text(mcp_call *call, mcp_slice text) {
    mcp_add(call, &(mcp_content){.text = text.length == 0 ? "" : text.data, .length = text.length});
}

void mcp_blob(mcp_call *call, const void *data, size_t length) {
    mcp_add(call, &(mcp_content){.type = MCP_CONTENT_EMBEDDED_BLOB, .data = data, .length = length});
}

void mcp_image(mcp_call *call, const char *mime_type, const void *data, size_t length) {
    mcp_add(call, &(mcp_content){
                      .type = MCP_CONTENT_IMAGE, .mime_type = mime_type, .data = data, .length = length});
}

void mcp_audio(mcp_call *call, const char *mime_type, const void *data, size_t length) {
    mcp_add(call, &(mcp_content){
                      .type = MCP_CONTENT_AUDIO, .mime_type = mime_type, .data = data, .length = length});
}

void mcp_link(mcp_call *call, const char *uri, const char *name) {
    mcp_add(call, &(mcp_content){.type = MCP_CONTENT_LINK, .uri = uri, .name = name});
}

void mcp_embed_text(mcp_call *call, const char *uri, const char *mime_type, const char *text) {
    mcp_add(call, &(mcp_content){
                      .type = MCP_CONTENT_EMBEDDED_TEXT, .uri = uri, .mime_type = mime_type, .text = text});
}

void mcp_embed_blob(mcp_call *call, const char *uri, const char *mime_type, const void *data, size_t length) {
    mcp_add(call, &(mcp_content){.type = MCP_CONTENT_EMBEDDED_BLOB,
                                 .uri = uri,
                                 .mime_type = mime_type,
                                 .data = data,
                                 .length = length});
}

void mcp_from(mcp_call *call, mcp_role role) {
    call->role = role;
}

mcp_writer *mcp_structured(mcp_call *call) {
    if (call->structured == NULL) {
        call->structured = mcp_json_writer(call);
        mcp_write_object(call->structured, NULL);
    }
    return call->structured;
}

void mcp_structured_text(mcp_call *call, const char *json) {
    const size_t length = strlen(json);
    mcp_json_defect defect = {0, "it is not an object"};
    const mcp_json *value = mcp_json_read(&call->arena, json, length, &defect);
    if (mcp_json_type_of(value) == MCP_JSON_OBJECT)
        call->structured_text = (mcp_slice){mcp_arena_copy(&call->arena, json, length), length};
    else
        mcp_error(call, MCP_INTERNAL_ERROR, NULL, "structured content: expected a JSON object: %s at byte %zu",
                  defect.message, defect.position);
}

static const char *copy(mcp_call *call, const char *text) {
    return text == NULL ? NULL : mcp_arena_copy(&call->arena, text, strlen(text));
}

void mcp_result_meta(mcp_call *call, const char *json) {
    call->result_meta = copy(call, json);
}

void mcp_result_extra(mcp_call *call, const char *json) {
    call->result_extra = copy(call, json);
}

void mcp_result_description(mcp_call *call, const char *description) {
    call->result_description = copy(call, description);
}

void mcp_finish_answer(mcp_call *call) {
    if (call->structured != NULL) {
        mcp_write_end(call->structured);
        const char *text = mcp_json_text(call, call->structured);
        if (text != NULL)
            call->structured_text = (mcp_slice){text, strlen(text)};
    }
    if (call->structured_text.data == NULL || call->has_failed)
        return;
    if (call->kind == CALL_RESOURCE || (call->kind == CALL_TOOL && call->item_count == 0))
        mcp_slice_text(call, call->structured_text);
    else if (call->kind != CALL_TOOL)
        mcp_error(call, MCP_INTERNAL_ERROR, NULL, "only tools and resources have structured content");
}

void mcp_drop_items(mcp_call *call) {
    for (answer_item *item = call->first_item; item != NULL; item = item->next) {
        if (item->is_contents)
            wasi_mcp_content_resource_contents_free(&item->as.contents);
        else
            wasi_mcp_content_content_block_free(&item->as.block);
    }
    call->first_item = call->last_item = NULL;
    call->item_count = 0;
}
