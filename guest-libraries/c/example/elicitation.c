/// Questions to the user behind the client.

#include "example.h"

static const char *const ACTIONS[] = {"accept", "decline", "cancel"};

/// One field of each kind, and of each format of a text.
static const mcp_field everything[] = {
    {
        .name = "name",
        .type = MCP_STRING,
        .title = "Name",
        .description = "A name to call you by",
        .length = {1, 40},
        .fallback = "\"Ada\"",
    },
    {
        .name = "ratio",
        .type = MCP_NUMBER,
        .title = "A number",
        .description = "Within its bounds",
        .range = {0.5, 99.5},
        .optional = true,
    },
    {
        .name = "age",
        .type = MCP_INTEGER,
        .title = "A number",
        .description = "Within its bounds",
        .range = {0, 150},
    },
    {
        .name = "agreed",
        .type = MCP_BOOLEAN,
        .title = "Agreed",
        .description = "Say yes to agree",
        .fallback = "false",
        .optional = true,
    },
    {
        .name = "colour",
        .type = MCP_STRING,
        .title = "Colour",
        .description = "Choose one",
        .choices = MCP_STRINGS("r", "g", "b"),
        .choice_titles = MCP_STRINGS("Red", "Green", "Blue"),
        .optional = true,
    },
    {.name = "email", .type = MCP_STRING, .format = "email", .optional = true},
    {.name = "homepage", .type = MCP_STRING, .format = "uri", .optional = true},
    {.name = "birthday", .type = MCP_STRING, .format = "date", .optional = true},
    {.name = "appointment", .type = MCP_STRING, .format = "date-time", .optional = true},
    {0},
};

static void elicit(mcp_call *call) {
    const mcp_elicited *answer = mcp_elicit_form(call, &(mcp_form){
                                                           .message = "Please fill in the form.",
                                                           .fields = everything,
                                                           .meta = META,
                                                           .extra = EXTRA,
                                                       });
    if (answer == NULL)
        return;
    mcp_writer *out = mcp_structured(call);
    mcp_write_string(out, "action", ACTIONS[answer->action]);
    mcp_write_value(out, "content", answer->values);
    mcp_result_meta(call, answer->meta);
}

static void elicit_other_field(mcp_call *call) {
    const mcp_field form[] = {{.name = "field", .schema = mcp_arg_string(call, "json")}, {0}};
    const mcp_elicited *answer =
        mcp_elicit(call, mcp_arg_string_or(call, "message", "A field of another kind"), form);
    if (answer == NULL)
        return;
    const mcp_json *value = mcp_json_member(answer->values, "field");
    mcp_slice_text(call, value == NULL ? (mcp_slice){"none", 4} : mcp_json_source(value));
}

const mcp_items elicitation_items = {
    .tools = MCP_TOOLS(
        {
            .name = "elicit",
            .description = "Asks the user for one value of each primitive schema.",
            .output = MCP_FIELDS({.name = "action", .type = MCP_STRING},
                                 {.name = "content", .type = MCP_OBJECT, .nullable = true}),
            .read_only = MCP_YES,
            .handler = elicit,
        },
        {
            // Marked as destructive, so that clients do not call it unasked: MCP has no such kind yet.
            .name = "elicit-other-field",
            .description = "Asks the user with a form field of a kind that the interface does not name.",
            .input = MCP_FIELDS({.name = "json", .type = MCP_STRING},
                                {.name = "message", .type = MCP_STRING, .optional = true}),
            .read_only = MCP_NO,
            .destructive = MCP_YES,
            .handler = elicit_other_field,
        }),
};
