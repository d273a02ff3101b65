/// The prompts, and the completion of their arguments.

#include "example.h"

#include <string.h>

static void simple(mcp_call *call) {
    mcp_text(call, "This is a simple prompt for testing.");
}

static void words(mcp_call *call) {
    mcp_propose(call, "test");
    mcp_propose(call, "testing");
    mcp_propose(call, "value");
}

static void with_arguments(mcp_call *call) {
    mcp_text(call, "Prompt with arguments: arg1='%s', arg2='%s'", mcp_arg_string(call, "arg1"),
             mcp_arg_string(call, "arg2"));
}

static void uris(mcp_call *call) {
    mcp_propose(call, "test://example-resource");
}

static void with_embedded_resource(mcp_call *call) {
    mcp_embed_text(call, mcp_arg_string(call, "resourceUri"), "text/plain",
                   "Embedded resource content for testing.");
    mcp_text(call, "Please process the embedded resource above.");
}

static void with_image(mcp_call *call) {
    add_image(call);
    mcp_text(call, "Please analyze the image above.");
}

static const struct {
    const char *country;
    const char *cities[3];
} PLACES[] = {
    {"France", {"Lyon", "Marseille", "Paris"}},
    {"Germany", {"Berlin", "Hamburg", "Leipzig"}},
    {"Japan", {"Kyoto", "Osaka", "Tokyo"}},
};

enum {
    PLACE_COUNT = sizeof PLACES / sizeof *PLACES
};

static void countries(mcp_call *call) {
    for (size_t place = 0; place < PLACE_COUNT; place++)
        mcp_propose(call, PLACES[place].country);
}

/// Proposes the cities of the country, where that is known.
static void cities(mcp_call *call) {
    const char *chosen = mcp_arg_string_or(call, "country", NULL);
    for (size_t place = 0; place < PLACE_COUNT; place++) {
        if (chosen != NULL && strcmp(chosen, PLACES[place].country) != 0)
            continue;
        for (size_t city = 0; city < 3; city++)
            mcp_propose(call, PLACES[place].cities[city]);
    }
}

static void journey(mcp_call *call) {
    mcp_text(call, "Plan %s days in %s, %s.", mcp_arg_string_or(call, "days", "three"),
             mcp_arg_string(call, "city"), mcp_arg_string(call, "country"));
    mcp_result_meta(call, META);
    mcp_result_extra(call, EXTRA);
}

static void every_content_kind(mcp_call *call) {
    for (size_t index = 0; index < KIND_COUNT; index++) {
        mcp_from(call, index % 2 == 0 ? MCP_USER : MCP_ASSISTANT);
        mcp_add(call, &EVERY_KIND[index]);
    }
}

static void unavailable(mcp_call *call) {
    mcp_fail(call, "The argument cannot be completed");
}

static void failing(mcp_call *call) {
    if (mcp_arg_string_or(call, "subject", NULL) != NULL)
        mcp_fail(call, "The prompt cannot be had");
    mcp_text(call, "Say nothing of a subject.");
}

const mcp_items prompt_items = {
    .prompts = MCP_PROMPTS(
        {
            .name = "test_simple_prompt",
            .description = "A text.",
            .handler = simple,
        },
        {
            .name = "test_prompt_with_arguments",
            .description = "A text with two arguments in it.",
            .arguments =
                MCP_FIELDS({.name = "arg1", .description = "The first argument.", .complete = words},
                           {.name = "arg2", .description = "The second argument.", .complete = words}),
            .handler = with_arguments,
        },
        {
            .name = "test_prompt_with_embedded_resource",
            .description = "A resource and a text.",
            .arguments = MCP_FIELDS(
                {.name = "resourceUri", .description = "The resource to embed.", .complete = uris}),
            .handler = with_embedded_resource,
        },
        {
            .name = "test_prompt_with_image",
            .description = "An image and a text.",
            .handler = with_image,
        },
        {
            .name = "journey",
            .title = "Plan a journey",
            .description = "Plans a journey.",
            .arguments = MCP_FIELDS(
                {
                    .name = "country",
                    .title = "Country",
                    .description = "The country to go to.",
                    .extra = EXTRA,
                    .complete = countries,
                },
                {.name = "city", .description = "The city to stay in.", .complete = cities},
                {.name = "days", .description = "For how long.", .optional = true}),
            .meta = META,
            .extra = EXTRA,
            .handler = journey,
        },
        {
            .name = "every-content-kind",
            .description = "One message for each kind of content, from user and assistant in turn.",
            .handler = every_content_kind,
        },
        {
            .name = "failing",
            .description = "Fails where it is given its argument, which cannot be completed either.",
            .arguments = MCP_FIELDS({
                .name = "subject",
                .description = "The subject that it is about.",
                .optional = true,
                .complete = unavailable,
            }),
            .handler = failing,
        }),
};
