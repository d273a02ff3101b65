#include "mcp_records.h"

#include <stdlib.h>
#include <string.h>

#include "mcp_utf8.h"

void *mcp_out_memory(mcp_arena *to, size_t size) {
    if (size == 0)
        return NULL;
    if (to != NULL)
        return mcp_arena_alloc(to, size);
    void *memory = calloc(1, size);
    if (memory == NULL)
        abort();
    return memory;
}

static bindings_list_u8_t out_bytes(mcp_arena *to, const void *data, size_t length) {
    uint8_t *copy = mcp_out_memory(to, length);
    if (length > 0)
        memcpy(copy, data, length);
    return (bindings_list_u8_t){copy, length};
}

bindings_string_t mcp_out_slice(mcp_arena *to, mcp_slice text) {
    mcp_arena scratch = {0};
    const mcp_slice repaired = mcp_utf8_repaired(&scratch, text);
    const bindings_list_u8_t copy = out_bytes(to, repaired.data, repaired.length);
    mcp_arena_free(&scratch);
    return (bindings_string_t){copy.ptr, copy.len};
}

bindings_string_t mcp_out_string(mcp_arena *to, const char *text) {
    return mcp_out_slice(to, (mcp_slice){text, text == NULL ? 0 : strlen(text)});
}

bindings_list_string_t mcp_out_strings(mcp_arena *to, const char *const *texts) {
    size_t count = 0;
    while (texts != NULL && texts[count] != NULL)
        count++;
    bindings_string_t *list = mcp_out_memory(to, count * sizeof *list);
    for (size_t index = 0; index < count; index++)
        list[index] = mcp_out_string(to, texts[index]);
    return (bindings_list_string_t){list, count};
}

wasi_mcp_content_option_annotations_t mcp_out_annotations(mcp_arena *to, const mcp_annotations *annotations) {
    wasi_mcp_content_option_annotations_t option = {0};
    if (annotations == NULL)
        return option;
    const size_t count = (size_t)annotations->for_user + (size_t)annotations->for_assistant;
    wasi_mcp_content_role_t *audience = mcp_out_memory(to, count * sizeof *audience);
    size_t end = 0;
    if (annotations->for_user)
        audience[end++] = WASI_MCP_TYPES_ROLE_USER;
    if (annotations->for_assistant)
        audience[end++] = WASI_MCP_TYPES_ROLE_ASSISTANT;
    option.is_some = true;
    option.val = (wasi_mcp_content_annotations_t){
        .audience = {count > 0, {audience, count}},
        .priority = OUT_NUMBER(annotations->priority),
        .last_modified = OUT_OPTION(to, annotations->last_modified),
    };
    return option;
}

static bindings_string_t out_text(mcp_arena *to, const mcp_content *content) {
    if (content->length == 0)
        return mcp_out_string(to, content->text);
    return mcp_out_slice(to, (mcp_slice){content->text, content->length});
}

wasi_mcp_content_resource_contents_t mcp_out_contents(mcp_arena *to, const mcp_content *content) {
    wasi_mcp_content_resource_contents_t contents = {0};
    if (content->type == MCP_CONTENT_EMBEDDED_TEXT) {
        contents.tag = WASI_MCP_CONTENT_RESOURCE_CONTENTS_TEXT;
        contents.val.text = (wasi_mcp_content_text_resource_contents_t){
            .uri = mcp_out_string(to, content->uri),
            .mime_type = OUT_OPTION(to, content->mime_type),
            .text = out_text(to, content),
            .meta = OUT_OPTION(to, content->contents_meta),
            .extra = OUT_OPTION(to, content->contents_extra),
        };
    } else {
        contents.tag = WASI_MCP_CONTENT_RESOURCE_CONTENTS_BLOB;
        contents.val.blob = (wasi_mcp_content_blob_resource_contents_t){
            .uri = mcp_out_string(to, content->uri),
            .mime_type = OUT_OPTION(to, content->mime_type),
            .blob = out_bytes(to, content->data, content->length),
            .meta = OUT_OPTION(to, content->contents_meta),
            .extra = OUT_OPTION(to, content->contents_extra),
        };
    }
    return contents;
}

static bindings_option_f64_t out_size(uint64_t size) {
    return (bindings_option_f64_t){size > 0, (double)size};
}

wasi_mcp_content_content_block_t mcp_out_block(mcp_arena *to, const mcp_content *content) {
    wasi_mcp_content_content_block_t block = {0};
    switch (content->type) {
    case MCP_CONTENT_TEXT:
        block.tag = WASI_MCP_CONTENT_CONTENT_BLOCK_TEXT;
        block.val.text = (wasi_mcp_content_text_content_t){
            .text = out_text(to, content),
            .annotations = mcp_out_annotations(to, content->annotations),
            .meta = OUT_OPTION(to, content->meta),
            .extra = OUT_OPTION(to, content->extra),
        };
        break;
    case MCP_CONTENT_IMAGE:
        block.tag = WASI_MCP_CONTENT_CONTENT_BLOCK_IMAGE;
        block.val.image = (wasi_mcp_content_image_content_t){
            .data = out_bytes(to, content->data, content->length),
            .mime_type = mcp_out_string(to, content->mime_type),
            .annotations = mcp_out_annotations(to, content->annotations),
            .meta = OUT_OPTION(to, content->meta),
            .extra = OUT_OPTION(to, content->extra),
        };
        break;
    case MCP_CONTENT_AUDIO:
        block.tag = WASI_MCP_CONTENT_CONTENT_BLOCK_AUDIO;
        block.val.audio = (wasi_mcp_content_audio_content_t){
            .data = out_bytes(to, content->data, content->length),
            .mime_type = mcp_out_string(to, content->mime_type),
            .annotations = mcp_out_annotations(to, content->annotations),
            .meta = OUT_OPTION(to, content->meta),
            .extra = OUT_OPTION(to, content->extra),
        };
        break;
    case MCP_CONTENT_LINK:
        block.tag = WASI_MCP_CONTENT_CONTENT_BLOCK_RESOURCE_LINK;
        block.val.resource_link = (wasi_mcp_content_resource_link_t){
            .uri = mcp_out_string(to, content->uri),
            .name = mcp_out_string(to, content->name != NULL ? content->name : content->uri),
            .title = OUT_OPTION(to, content->title),
            .description = OUT_OPTION(to, content->description),
            .mime_type = OUT_OPTION(to, content->mime_type),
            .size = out_size(content->size),
            .annotations = mcp_out_annotations(to, content->annotations),
            .meta = OUT_OPTION(to, content->meta),
            .extra = OUT_OPTION(to, content->extra),
        };
        break;
    case MCP_CONTENT_EMBEDDED_TEXT:
    case MCP_CONTENT_EMBEDDED_BLOB:
        block.tag = WASI_MCP_CONTENT_CONTENT_BLOCK_EMBEDDED_RESOURCE;
        block.val.embedded_resource = (wasi_mcp_content_embedded_resource_t){
            .resource = mcp_out_contents(to, content),
            .annotations = mcp_out_annotations(to, content->annotations),
            .meta = OUT_OPTION(to, content->meta),
            .extra = OUT_OPTION(to, content->extra),
        };
        break;
    case MCP_CONTENT_OTHER:
        block.tag = WASI_MCP_CONTENT_CONTENT_BLOCK_OTHER;
        block.val.other = out_text(to, content);
        break;
    }
    return block;
}

/// The codes of the interface, in the order of their cases.
static const mcp_code CODES[] = {
    MCP_PARSE_ERROR,        MCP_INVALID_REQUEST, MCP_METHOD_NOT_FOUND, MCP_INVALID_PARAMS, MCP_INTERNAL_ERROR,
    MCP_RESOURCE_NOT_FOUND, MCP_CANCELLED,       MCP_TIMEOUT,          MCP_INVALID_STATE,
};

static const char *const CODE_NAMES[] = {
    "parse-error",        "invalid-request", "method-not-found", "invalid-params", "internal-error",
    "resource-not-found", "cancelled",       "timeout",          "invalid-state",
};

enum {
    CODE_COUNT = sizeof CODES / sizeof *CODES
};

wasi_mcp_types_error_t mcp_out_error(mcp_code code, mcp_slice message, const char *data) {
    wasi_mcp_types_error_t error = {
        .code = {.tag = WASI_MCP_TYPES_ERROR_CODE_OTHER, .val = {.other = (int32_t)code}},
        .message = mcp_out_slice(NULL, message),
        .data = OUT_OPTION(NULL, data),
    };
    for (uint8_t tag = 0; tag < CODE_COUNT; tag++) {
        if (CODES[tag] == code)
            error.code.tag = tag;
    }
    return error;
}

mcp_code mcp_in_code(wasi_mcp_types_error_code_t code) {
    return code.tag < CODE_COUNT ? CODES[code.tag] : code.val.other;
}

const char *mcp_code_name(mcp_call *call, mcp_code code) {
    for (size_t tag = 0; tag < CODE_COUNT; tag++) {
        if (CODES[tag] == code)
            return CODE_NAMES[tag];
    }
    return code == MCP_NO_CODE ? "none" : mcp_format(call, "%lld", (long long)code);
}

mcp_slice mcp_in_slice(bindings_string_t text) {
    return (mcp_slice){(const char *)text.ptr, text.len};
}

const char *mcp_in_string(mcp_arena *to, bindings_string_t text) {
    return mcp_arena_copy(to, text.ptr, text.len);
}
