/// The tools that MCP's public conformance suite requires of a server, under its names.

#include "example.h"

/// The pause between two steps of a tool that works for a while.
enum {
    STEP_MILLISECONDS = 50
};

static void simple_text(mcp_call *call) {
    mcp_text(call, "This is a simple text response for testing.");
}

static void audio_content(mcp_call *call) {
    mcp_audio(call, "audio/wav", SILENCE, SILENCE_SIZE);
}

static void embedded_resource(mcp_call *call) {
    mcp_embed_text(call, "test://embedded-resource", "text/plain", "This is an embedded resource content.");
}

static void multiple_content_types(mcp_call *call) {
    mcp_text(call, "Multiple content types test:");
    add_image(call);
    mcp_embed_text(call, "test://mixed-content-resource", "application/json",
                   "{\"test\":\"data\",\"value\":123}");
}

static void error_handling(mcp_call *call) {
    mcp_fail(call, "This tool intentionally returns an error for testing");
}

static void with_logging(mcp_call *call) {
    mcp_log(call, MCP_LOG_INFO, "Tool execution started");
    wait_milliseconds(STEP_MILLISECONDS);
    mcp_log(call, MCP_LOG_INFO, "Tool processing data");
    wait_milliseconds(STEP_MILLISECONDS);
    mcp_log(call, MCP_LOG_INFO, "Tool execution completed");
    mcp_text(call, "Logged three messages");
}

static void with_progress(mcp_call *call) {
    mcp_progress(call, 0, 100, "Started");
    wait_milliseconds(STEP_MILLISECONDS);
    mcp_progress(call, 50, 100, "Half done");
    wait_milliseconds(STEP_MILLISECONDS);
    mcp_progress(call, 100, 100, "Done");
    mcp_text(call, "Reported three times");
}

static void sampling(mcp_call *call) {
    const char *answer = mcp_ask_model(call, 100, "%s", mcp_arg_string(call, "prompt"));
    if (answer != NULL)
        mcp_text(call, "LLM response: %s", answer);
}

/// Adds the user's answer to a form: its values as JSON, or what the user did in place of it.
static void ask(mcp_call *call, const char *message, const mcp_field *form) {
    const mcp_elicited *answer = mcp_elicit(call, message, form);
    if (answer == NULL)
        return;
    const mcp_slice values = mcp_json_source(answer->values);
    mcp_text(call, "User response: %.*s", (int)values.length, values.data);
}

static void elicitation(mcp_call *call) {
    const mcp_field form[] = {
        {.name = "username", .type = MCP_STRING, .description = "The user's name"},
        {.name = "email", .type = MCP_STRING, .description = "The user's address"},
        {0},
    };
    const mcp_elicited *answer = mcp_elicit(call, mcp_arg_string(call, "message"), form);
    if (answer == NULL)
        return;
    if (answer->action == MCP_ACCEPTED)
        mcp_text(call, "User response: %s <%s>", mcp_get_string(call, answer->values, "username"),
                 mcp_get_string(call, answer->values, "email"));
    else
        mcp_text(call, "User response: %s", answer->action == MCP_DECLINED ? "decline" : "cancel");
}

static void elicitation_defaults(mcp_call *call) {
    const mcp_field form[] = {
        {.name = "name", .type = MCP_STRING, .optional = true, .fallback = "\"John Doe\""},
        {.name = "age", .type = MCP_INTEGER, .optional = true, .fallback = "30"},
        {.name = "score", .type = MCP_NUMBER, .optional = true, .fallback = "95.5"},
        {
            .name = "status",
            .type = MCP_STRING,
            .optional = true,
            .choices = MCP_STRINGS("active", "inactive", "pending"),
            .fallback = "\"active\"",
        },
        {.name = "verified", .type = MCP_BOOLEAN, .optional = true, .fallback = "true"},
        {0},
    };
    ask(call, "Please check the defaults.", form);
}

static void elicitation_enums(mcp_call *call) {
    const mcp_field form[] = {
        {
            .name = "untitledSingle",
            .type = MCP_STRING,
            .optional = true,
            .choices = MCP_STRINGS("option1", "option2", "option3"),
        },
        {
            .name = "titledSingle",
            .type = MCP_STRING,
            .optional = true,
            .extra =
                "{\"oneOf\":[{\"const\":\"value1\",\"title\":\"First\"},"
                "{\"const\":\"value2\",\"title\":\"Second\"},{\"const\":\"value3\",\"title\":\"Third\"}]}",
        },
        {
            .name = "legacyEnum",
            .type = MCP_STRING,
            .optional = true,
            .choices = MCP_STRINGS("option1", "option2", "option3"),
            .choice_titles = MCP_STRINGS("One", "Two", "Three"),
        },
        {0},
    };
    ask(call, "Please choose.", form);
}

static void reconnection(mcp_call *call) {
    wait_milliseconds(2 * STEP_MILLISECONDS);
    mcp_text(call, "Reconnection test completed");
}

static void contact(mcp_call *call) {
    mcp_slice_text(call, mcp_json_source(mcp_args(call)));
}

/// A schema that uses much of JSON Schema 2020-12.
static const char CONTACT[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\","
    "\"$defs\":{\"address\":{\"$anchor\":\"addressDef\",\"type\":\"object\","
    "\"properties\":{\"street\":{\"type\":\"string\"},\"city\":{\"type\":\"string\"}}}},"
    "\"properties\":{\"name\":{\"type\":\"string\"},\"address\":{\"$ref\":\"#/$defs/address\"},"
    "\"contactMethod\":{\"type\":\"string\",\"enum\":[\"phone\",\"email\"]},"
    "\"phone\":{\"type\":\"string\"},\"email\":{\"type\":\"string\"}},"
    "\"allOf\":[{\"anyOf\":[{\"required\":[\"phone\"]},{\"required\":[\"email\"]}]}],"
    "\"if\":{\"properties\":{\"contactMethod\":{\"const\":\"phone\"}},\"required\":[\"contactMethod\"]},"
    "\"then\":{\"required\":[\"phone\"]},\"else\":{\"required\":[\"email\"]},\"additionalProperties\":false}";

#define READ_ONLY_TOOL(tool_name, tool_description, tool_handler)                                            \
    {.name = tool_name, .description = tool_description, .read_only = MCP_YES, .handler = tool_handler}

const mcp_items public_suite_items = {
    .tools = MCP_TOOLS(
        READ_ONLY_TOOL("test_simple_text", "Answers with a text.", simple_text),
        READ_ONLY_TOOL("test_image_content", "Answers with an image.", add_image),
        READ_ONLY_TOOL("test_audio_content", "Answers with a sound.", audio_content),
        READ_ONLY_TOOL("test_embedded_resource", "Answers with an embedded resource.", embedded_resource),
        READ_ONLY_TOOL("test_multiple_content_types",
                       "Answers with a text, an image and an embedded resource.", multiple_content_types),
        READ_ONLY_TOOL("test_error_handling", "Answers with a failure of the tool.", error_handling),
        READ_ONLY_TOOL("test_tool_with_logging", "Logs three messages, some time apart.", with_logging),
        READ_ONLY_TOOL("test_tool_with_progress", "Reports progress three times, some time apart.",
                       with_progress),
        {
            .name = "test_sampling",
            .description = "Asks the client's model.",
            .input = MCP_FIELDS({.name = "prompt", .type = MCP_STRING}),
            .read_only = MCP_YES,
            .handler = sampling,
        },
        {
            .name = "test_elicitation",
            .description = "Asks the user for a name and an address.",
            .input = MCP_FIELDS({.name = "message", .type = MCP_STRING}),
            .read_only = MCP_YES,
            .handler = elicitation,
        },
        READ_ONLY_TOOL("test_elicitation_sep1034_defaults", "Asks the user for values that have defaults.",
                       elicitation_defaults),
        READ_ONLY_TOOL("test_elicitation_sep1330_enums",
                       "Asks the user to choose, in each form of a choice of one.", elicitation_enums),
        READ_ONLY_TOOL("test_reconnection",
                       "Works for a while, so that the client can come back for the answer.", reconnection),
        {
            .name = "json_schema_2020_12_tool",
            .description = "Has an input schema that uses much of JSON Schema 2020-12.",
            .input_schema = CONTACT,
            .read_only = MCP_YES,
            .handler = contact,
        }),
};
