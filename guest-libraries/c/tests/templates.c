/// Tests of URI templates.

#include "check.h"

#include <stdio.h>
#include <string.h>

#include "mcp_uri_template.h"

static void check_match(const char *uri_template, const char *uri, const char *expected) {
    mcp_arena arena = {0};
    mcp_writer *variables = mcp_writer_new(&arena);
    mcp_write_object(variables, NULL);
    const bool is_match =
        mcp_uri_template_match(uri_template, (mcp_slice){uri, strlen(uri)}, &arena, variables);
    mcp_write_end(variables);
    const char *found = is_match ? mcp_writer_finish(variables).data : "-";
    CHECK_TEXT(mcp_arena_format(&arena, "%s in %s: %s", uri, uri_template, found).data,
               mcp_arena_format(&arena, "%s in %s: %s", uri, uri_template, expected).data);
    mcp_arena_free(&arena);
}

/// Checks the cases of all libraries.
static void check_cases(void) {
    FILE *cases = fopen("../../uri-templates.tsv", "r");
    CHECK(cases != NULL);
    char line[1024];
    while (cases != NULL && fgets(line, sizeof line, cases) != NULL) {
        const char *uri_template = strtok(line, "\t\n");
        const char *uri = strtok(NULL, "\t\n");
        const char *expected = strtok(NULL, "\t\n");
        if (*line == '#')
            continue;
        CHECK(expected != NULL);
        if (expected == NULL)
            continue;
        const bool is_refused = mcp_uri_template_mistake(uri_template) != NULL;
        CHECK_TEXT(is_refused ? uri_template : "", strcmp(expected, "!") == 0 ? uri_template : "");
        if (!is_refused)
            check_match(uri_template, uri, expected);
    }
    if (cases != NULL)
        fclose(cases);
}

void test_templates(void) {
    check_cases();

    CHECK(mcp_uri_template_mistake("a://{x}/{+y}/{z_1}") == NULL);
    CHECK_TEXT(mcp_uri_template_mistake("a://{x}/{+x}"), "a variable that occurs twice");
    static const char unsupported[] =
        "an expression of a kind that is not supported: write `{name}`, or `{+name}` for several segments";
    CHECK_TEXT(mcp_uri_template_mistake("a://{?x}"), unsupported);
    CHECK_TEXT(mcp_uri_template_mistake("a://{x,y}"), unsupported);
    CHECK_TEXT(mcp_uri_template_mistake("a://{x*}"), unsupported);
    CHECK_TEXT(mcp_uri_template_mistake("a://{}"), unsupported);
    CHECK_TEXT(mcp_uri_template_mistake("a://{1}"), unsupported);
    CHECK_TEXT(mcp_uri_template_mistake("a://{x"), unsupported);
    CHECK_TEXT(mcp_uri_template_mistake("{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}{l}{m}{n}{o}{p}{q}"),
               "more than 16 variables");
}
