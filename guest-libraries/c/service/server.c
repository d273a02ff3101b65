/// A service: a book of more pages than a list shows at once, one of whose tools only an editor may see.

#include "wasi_mcp.h"

#include <stdio.h>
#include <string.h>

enum {
    PAGES = 120
};

static void read_page(mcp_call *call) {
    mcp_text(call, "Page %s.", strrchr(mcp_uri(call), '/') + 1);
}

static const mcp_items appendix = {
    .resources = MCP_RESOURCES({.uri = "book://appendix", .text = "Added later."}),
};

static bool has_appendix;

static void add_appendix(mcp_call *call) {
    if (!has_appendix)
        has_appendix = mcp_add_items(call, &appendix);
    mcp_text(call, "The book has an appendix.");
}

static void remove_appendix(mcp_call *call) {
    if (has_appendix)
        has_appendix = !mcp_remove_items(call, &appendix);
    mcp_text(call, "The book has no appendix.");
}

static bool visible(mcp_call *call, mcp_item_kind kind, const char *name) {
    if (kind != MCP_TOOL || strcmp(name, "remove_appendix") != 0)
        return true;
    const mcp_principal_info *principal = mcp_principal(call);
    if (principal == NULL)
        return false;
    for (const char *const *scope = principal->scopes; *scope != NULL; scope++) {
        if (strcmp(*scope, "edit") == 0)
            return true;
    }
    return false;
}

static void find_word(mcp_call *call) {
    mcp_text(call, "`%s` is on page %lld.", mcp_arg_string(call, "word"),
             (long long)mcp_arg_integer_or(call, "from", 1));
}

static void read_line(mcp_call *call) {
    mcp_text(call, "Line %s.", mcp_arg_string(call, "line"));
}

static void lines(mcp_call *call) {
    mcp_propose(call, "1");
    mcp_propose(call, "12");
}

static void review(mcp_call *call) {
    mcp_text(call, "Review the book in the style of %s.", mcp_arg_string(call, "style"));
}

static void styles(mcp_call *call) {
    mcp_propose(call, "a poet");
    mcp_propose(call, "a critic");
}

/// Adds the pages.
static void start(mcp_call *call) {
    static char uris[PAGES][24];
    static mcp_resource pages[PAGES + 1];
    static const mcp_items items = {.resources = pages};
    for (int index = 0; index < PAGES; index++) {
        snprintf(uris[index], sizeof uris[index], "book://pages/%d", index + 1);
        pages[index] = (mcp_resource){.uri = uris[index], .handler = read_page};
    }
    mcp_add_items(call, &items);
}

const mcp_server mcp_main = {
    .name = "book",
    .version = "0.1.0",
    .tools = MCP_TOOLS(
        {
            .name = "find_word",
            .description = "Finds a word in the book.",
            .input = MCP_FIELDS({.name = "word", .type = MCP_STRING, .length = {1, 40}},
                                {.name = "from", .type = MCP_INTEGER, .range = {1, PAGES}, .optional = true}),
            .handler = find_word,
        },
        {.name = "add_appendix", .description = "Adds an appendix to the book.", .handler = add_appendix},
        {
            .name = "remove_appendix",
            .description = "Removes the appendix from the book.",
            .handler = remove_appendix,
        }),
    .templates = MCP_TEMPLATES({
        .uri_template = "book://lines/{line}",
        .variables = MCP_FIELDS({.name = "line", .complete = lines}),
        .handler = read_line,
    }),
    .prompts = MCP_PROMPTS({
        .name = "review",
        .description = "Asks for a review of the book.",
        .arguments = MCP_FIELDS({.name = "style", .complete = styles}),
        .handler = review,
    }),
    .list_changed = true,
    .subscriptions = true,
    .start = start,
    .visible = visible,
};
