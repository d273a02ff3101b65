/// Requests to the client's language model.

#include "example.h"

static void sample(mcp_call *call) {
    const mcp_message messages[] = {
        {MCP_USER, {.text = mcp_arg_string(call, "prompt")}},
        {MCP_USER,
         {.type = MCP_CONTENT_IMAGE, .data = PIXEL, .length = PIXEL_SIZE, .mime_type = "image/png"}},
        {MCP_ASSISTANT,
         {.type = MCP_CONTENT_AUDIO, .data = SILENCE, .length = SILENCE_SIZE, .mime_type = "audio/wav"}},
    };
    const mcp_sampling request = {
        .messages = messages,
        .message_count = sizeof messages / sizeof *messages,
        .max_tokens = 100,
        .model_hints = MCP_STRINGS("small"),
        .cost_priority = MCP_SET(0.5),
        .speed_priority = MCP_SET(1),
        .intelligence_priority = MCP_SET(0),
        .system_prompt = "Be brief.",
        .include_context = MCP_INCLUDE_THIS_SERVER,
        .temperature = MCP_SET(0.7),
        .stop_sequences = MCP_STRINGS("END", "\n"),
        .metadata = "{\"provider\": {\"seed\": 18446744073709551615}}",
        .meta = META,
        .extra = EXTRA,
    };
    const mcp_sampled *answer = mcp_sample(call, &request);
    if (answer == NULL)
        return;
    mcp_writer *out = mcp_structured(call);
    mcp_write_string(out, "role", answer->role == MCP_USER ? "user" : "assistant");
    mcp_write_string(out, "model", answer->model);
    mcp_write_string(out, "stopReason", answer->stop_reason);
    if (answer->content.type == MCP_CONTENT_IMAGE || answer->content.type == MCP_CONTENT_AUDIO)
        mcp_write_string(
            out, "content",
            mcp_format(call, "%s, %zu bytes", answer->content.mime_type, answer->content.length));
    else
        mcp_write_string(out, "content", answer->content.text);
    mcp_result_meta(call, answer->meta);
}

static void sample_many(mcp_call *call) {
    const int64_t count = mcp_arg_integer(call, "count");
    mcp_writer *out = mcp_structured(call);
    mcp_write_array(out, "answers");
    for (int64_t number = 0; number < count; number++) {
        const char *answer = mcp_ask_model(call, 100, "Question %lld", (long long)number);
        if (answer == NULL)
            return;
        mcp_write_string(out, NULL, answer);
    }
    mcp_write_end(out);
}

const mcp_items sampling_items = {
    .tools = MCP_TOOLS(
        {
            .name = "sample",
            .description =
                "Asks the client's model, with every parameter filled: a text, an image and a sound.",
            .input = MCP_FIELDS({.name = "prompt", .type = MCP_STRING}),
            .output = MCP_FIELDS({.name = "role", .type = MCP_STRING}, {.name = "model", .type = MCP_STRING},
                                 {.name = "stopReason", .type = MCP_STRING, .nullable = true},
                                 {.name = "content", .type = MCP_STRING}),
            .read_only = MCP_YES,
            .handler = sample,
        },
        {
            .name = "sample-many",
            .description =
                "Asks the client's model `count` times: at the same time where calls can overlap, else in turn.",
            .input = MCP_FIELDS({.name = "count", .type = MCP_INTEGER, .range = {1, 1000}}),
            .output =
                MCP_FIELDS({.name = "answers", .type = MCP_ARRAY, .items = MCP_ITEM(.type = MCP_STRING)}),
            .read_only = MCP_YES,
            .handler = sample_many,
        }),
};
