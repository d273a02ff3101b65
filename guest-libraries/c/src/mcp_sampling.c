/// Requests to the client's model. A component that calls one of these functions imports `sampling`.

#include <string.h>

#include "mcp_call.h"
#include "mcp_records.h"

/// Declared here, so that a world without `sampling` can use the library, too.
extern bool wasi_mcp_sampling_create_message(wasi_mcp_context_borrow_request_context_t context,
                                             wasi_mcp_content_create_message_params_t *params,
                                             wasi_mcp_content_create_message_result_t *answer,
                                             wasi_mcp_types_error_t *error);

/// Returns content of a conversation, which has fewer kinds than a tool's.
static wasi_mcp_content_sampling_content_t out_content(mcp_call *call, const mcp_content *content) {
    const wasi_mcp_content_content_block_t block = mcp_out_block(&call->arena, content);
    wasi_mcp_content_sampling_content_t result = {0};
    switch (content->type) {
    case MCP_CONTENT_TEXT:
        result.tag = WASI_MCP_CONTENT_SAMPLING_CONTENT_TEXT;
        result.val.text = block.val.text;
        break;
    case MCP_CONTENT_IMAGE:
        result.tag = WASI_MCP_CONTENT_SAMPLING_CONTENT_IMAGE;
        result.val.image = block.val.image;
        break;
    case MCP_CONTENT_AUDIO:
        result.tag = WASI_MCP_CONTENT_SAMPLING_CONTENT_AUDIO;
        result.val.audio = block.val.audio;
        break;
    case MCP_CONTENT_OTHER:
        result.tag = WASI_MCP_CONTENT_SAMPLING_CONTENT_OTHER;
        result.val.other = block.val.other;
        break;
    case MCP_CONTENT_LINK:
    case MCP_CONTENT_EMBEDDED_TEXT:
    case MCP_CONTENT_EMBEDDED_BLOB:
        mcp_error(call, MCP_INTERNAL_ERROR, NULL, "messages for the model are texts, images and audio");
        break;
    }
    return result;
}

static mcp_annotations *in_annotations(mcp_arena *to, const wasi_mcp_content_option_annotations_t *option) {
    if (!option->is_some)
        return NULL;
    mcp_annotations *annotations = mcp_arena_alloc(to, sizeof *annotations);
    const wasi_mcp_content_option_list_role_t *audience = &option->val.audience;
    for (size_t index = 0; audience->is_some && index < audience->val.len; index++) {
        if (audience->val.ptr[index] == WASI_MCP_TYPES_ROLE_USER)
            annotations->for_user = true;
        else
            annotations->for_assistant = true;
    }
    annotations->priority = (mcp_optional){option->val.priority.is_some, option->val.priority.val};
    annotations->last_modified = IN_OPTION(to, option->val.last_modified);
    return annotations;
}

static mcp_content in_content(mcp_arena *to, const wasi_mcp_content_sampling_content_t *content) {
    switch (content->tag) {
    case WASI_MCP_CONTENT_SAMPLING_CONTENT_TEXT: {
        const wasi_mcp_content_text_content_t *text = &content->val.text;
        return (mcp_content){
            .type = MCP_CONTENT_TEXT,
            .text = mcp_in_string(to, text->text),
            .length = text->text.len,
            .annotations = in_annotations(to, &text->annotations),
            .meta = IN_OPTION(to, text->meta),
            .extra = IN_OPTION(to, text->extra),
        };
    }
    case WASI_MCP_CONTENT_SAMPLING_CONTENT_IMAGE: {
        const wasi_mcp_content_image_content_t *image = &content->val.image;
        return (mcp_content){
            .type = MCP_CONTENT_IMAGE,
            .data = mcp_arena_copy(to, image->data.ptr, image->data.len),
            .length = image->data.len,
            .mime_type = mcp_in_string(to, image->mime_type),
            .annotations = in_annotations(to, &image->annotations),
            .meta = IN_OPTION(to, image->meta),
            .extra = IN_OPTION(to, image->extra),
        };
    }
    case WASI_MCP_CONTENT_SAMPLING_CONTENT_AUDIO: {
        const wasi_mcp_content_audio_content_t *audio = &content->val.audio;
        return (mcp_content){
            .type = MCP_CONTENT_AUDIO,
            .data = mcp_arena_copy(to, audio->data.ptr, audio->data.len),
            .length = audio->data.len,
            .mime_type = mcp_in_string(to, audio->mime_type),
            .annotations = in_annotations(to, &audio->annotations),
            .meta = IN_OPTION(to, audio->meta),
            .extra = IN_OPTION(to, audio->extra),
        };
    }
    default:
        return (mcp_content){.type = MCP_CONTENT_OTHER, .text = mcp_in_string(to, content->val.other)};
    }
}

static bindings_option_list_string_t out_strings(mcp_arena *to, const char *const *texts) {
    return (bindings_option_list_string_t){texts != NULL, mcp_out_strings(to, texts)};
}

static wasi_mcp_content_option_model_preferences_t out_preferences(mcp_arena *to,
                                                                   const mcp_sampling *request) {
    const bindings_list_string_t names = mcp_out_strings(to, request->model_hints);
    wasi_mcp_content_model_hint_t *hints = mcp_out_memory(to, names.len * sizeof *hints);
    for (size_t index = 0; index < names.len; index++)
        hints[index] = (wasi_mcp_content_model_hint_t){{true, names.ptr[index]}};
    const bool is_some = request->model_hints != NULL || request->cost_priority.is_set ||
                         request->speed_priority.is_set || request->intelligence_priority.is_set;
    return (wasi_mcp_content_option_model_preferences_t){
        is_some,
        {
            .hints = {request->model_hints != NULL, {hints, names.len}},
            .cost_priority = OUT_NUMBER(request->cost_priority),
            .speed_priority = OUT_NUMBER(request->speed_priority),
            .intelligence_priority = OUT_NUMBER(request->intelligence_priority),
        }};
}

static wasi_mcp_content_option_include_context_t out_include(mcp_include include) {
    return (wasi_mcp_content_option_include_context_t){
        include != MCP_INCLUDE_UNSET,
        include == MCP_INCLUDE_UNSET ? 0 : (uint8_t)(include - MCP_INCLUDE_NONE)};
}

const mcp_sampled *mcp_sample(mcp_call *call, const mcp_sampling *request) {
    if (!mcp_has_request(call, __func__))
        return NULL;
    mcp_arena *to = &call->arena;
    wasi_mcp_content_sampling_message_t *messages =
        mcp_alloc(call, request->message_count * sizeof *messages);
    for (size_t index = 0; index < request->message_count; index++)
        messages[index] = (wasi_mcp_content_sampling_message_t){
            (wasi_mcp_content_role_t)request->messages[index].role,
            out_content(call, &request->messages[index].content),
        };
    if (call->has_failed)
        return NULL;
    wasi_mcp_content_create_message_params_t params = {
        .messages = {messages, request->message_count},
        .max_tokens = request->max_tokens,
        .model_preferences = out_preferences(to, request),
        .system_prompt = OUT_OPTION(to, request->system_prompt),
        .include_context = out_include(request->include_context),
        .temperature = OUT_NUMBER(request->temperature),
        .stop_sequences = out_strings(to, request->stop_sequences),
        .metadata = OUT_OPTION(to, request->metadata),
        .meta = OUT_OPTION(to, request->meta),
        .extra = OUT_OPTION(to, request->extra),
    };
    wasi_mcp_content_create_message_result_t answer;
    wasi_mcp_types_error_t error;
    if (!wasi_mcp_sampling_create_message(call->context, &params, &answer, &error)) {
        mcp_take_error(call, "the client's model did not answer", &error);
        wasi_mcp_types_error_free(&error);
        return NULL;
    }
    mcp_sampled *sampled = mcp_alloc(call, sizeof *sampled);
    *sampled = (mcp_sampled){
        .role = (mcp_role)answer.role,
        .content = in_content(to, &answer.content),
        .model = mcp_in_string(to, answer.model),
        .stop_reason = IN_OPTION(to, answer.stop_reason),
        .meta = IN_OPTION(to, answer.meta),
        .extra = IN_OPTION(to, answer.extra),
    };
    wasi_mcp_content_create_message_result_free(&answer);
    return sampled;
}

const char *mcp_ask_model(mcp_call *call, uint32_t max_tokens, const char *format, ...) {
    if (!mcp_has_request(call, __func__))
        return NULL;
    va_list arguments;
    va_start(arguments, format);
    const mcp_slice text = mcp_arena_vformat(&call->arena, format, arguments);
    va_end(arguments);
    const mcp_message message = {MCP_USER, {.text = text.data, .length = text.length}};
    const mcp_sampled *answer =
        mcp_sample(call, &(mcp_sampling){.messages = &message, .message_count = 1, .max_tokens = max_tokens});
    if (answer == NULL)
        return NULL;
    if (answer->content.type == MCP_CONTENT_TEXT)
        return answer->content.text;
    mcp_fail(call, "the client's model did not answer with a text");
    return NULL;
}
