/// An MCP server that uses every feature of the library. Its items are those of the examples in other
/// languages.
///
/// The items are in one file for each feature; this one puts the server together.

#include "example.h"

#include <stdlib.h>
#include <string.h>

state events;

static size_t find_subscription(const char *uri) {
    size_t at = 0;
    while (at < events.subscription_count && strcmp(events.subscriptions[at], uri) != 0)
        at++;
    return at;
}

static char *kept(const char *text) {
    char *copy = malloc(strlen(text) + 1);
    return copy == NULL ? NULL : strcpy(copy, text);
}

/// The library has refused what does not exist.
static void subscribed(mcp_call *call) {
    if (find_subscription(mcp_uri(call)) < events.subscription_count)
        return;
    char **longer = realloc(events.subscriptions, (events.subscription_count + 1) * sizeof *longer);
    char *uri = kept(mcp_uri(call));
    if (longer != NULL)
        events.subscriptions = longer;
    if (longer == NULL || uri == NULL) {
        free(uri);
        mcp_fail(call, "no memory is left");
        return;
    }
    events.subscriptions[events.subscription_count++] = uri;
}

static void unsubscribed(mcp_call *call) {
    const size_t at = find_subscription(mcp_uri(call));
    if (at == events.subscription_count)
        return;
    free(events.subscriptions[at]);
    events.subscriptions[at] = events.subscriptions[--events.subscription_count];
}

/// Requests the roots, like a server that depends on them.
static void learn_roots(mcp_call *call) {
    if (!mcp_client(call)->has_roots)
        return;
    const mcp_roots *answer = mcp_list_roots(call, NULL);
    if (answer == NULL)
        return;
    for (size_t index = 0; index < events.root_count; index++)
        free(events.roots[index]);
    free(events.roots);
    events.roots = calloc(answer->count + 1, sizeof *events.roots);
    events.root_count = 0;
    for (size_t index = 0; events.roots != NULL && index < answer->count; index++) {
        char *uri = kept(answer->roots[index].uri);
        if (uri != NULL)
            events.roots[events.root_count++] = uri;
    }
}

static void initialized(mcp_call *call) {
    events.initialized++;
    learn_roots(call);
}

static void roots_changed(mcp_call *call) {
    events.roots_changed++;
    learn_roots(call);
}

const mcp_server mcp_main = {
    .name = "wasi-mcp-c-example",
    .title = "Example of wasi-mcp for C",
    .version = "0.1.0",
    .instructions = "Call `echo` first; every other tool shows one more feature.",
    .parts =
        MCP_PARTS(&echo_items, &public_suite_items, &result_items, &structured_items, &context_items,
                  &progress_items, &log_items, &sampling_items, &elicitation_items, &roots_items,
                  &waiting_items, &list_items, &update_items, &error_items, &resource_items, &prompt_items),
    .list_changed = true,
    .subscriptions = true,
    .start = add_numbered,
    .subscribed = subscribed,
    .unsubscribed = unsubscribed,
    .initialized = initialized,
    .roots_changed = roots_changed,
    .experimental = "{\"example.org/reference\": {}}",
    .extra = "{\"websiteUrl\": \"https://github.com/WebAssembly/wasi-mcp\"}",
};
