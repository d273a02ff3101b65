/// Tests of URI templates.

#include "check.h"

#include <string.h>

#include "mcp_uri_template.h"

static void check_match(const char *uri_template, const char *uri, const char *expected) {
    mcp_arena arena = {0};
    mcp_writer *variables = mcp_writer_new(&arena);
    mcp_write_object(variables, NULL);
    const bool is_match =
        mcp_uri_template_match(uri_template, (mcp_slice){uri, strlen(uri)}, &arena, variables);
    mcp_write_end(variables);
    const char *found = is_match ? mcp_writer_finish(variables).data : "no match";
    CHECK_TEXT(mcp_arena_format(&arena, "%s in %s: %s", uri, uri_template, found).data,
               mcp_arena_format(&arena, "%s in %s: %s", uri, uri_template, expected).data);
    mcp_arena_free(&arena);
}

void test_templates(void) {
    check_match("a://b", "a://b", "{}");
    check_match("a://b", "a://bc", "no match");
    check_match("a://bc", "a://b", "no match");
    check_match("a://{x}", "a://1", "{\"x\":\"1\"}");
    check_match("a://{x}", "a://", "no match");
    check_match("a://{x}/data", "a://1/data", "{\"x\":\"1\"}");
    check_match("a://{x}/data", "a://1/2/data", "no match");
    check_match("a://{x}", "a://1?q", "no match");
    check_match("a://{x}", "a://1#f", "no match");
    check_match("a://{x}-{y}", "a://1-2-3", "{\"x\":\"1\",\"y\":\"2-3\"}");
    check_match("a://{x}-z", "a://1-2-z", "{\"x\":\"1-2\"}");
    check_match("a://{+x}", "a://1/2?q#f", "{\"x\":\"1/2?q#f\"}");
    check_match("a://{+x}/{y}", "a://1/2/3", "{\"x\":\"1/2\",\"y\":\"3\"}");
    check_match("a://{+x}", "a://%2F", "{\"x\":\"%2F\"}");
    // What stands for one segment is decoded, and cannot lead elsewhere.
    check_match("a://{x}", "a://gr%C3%BC%c3%9f%20e", "{\"x\":\"grüß e\"}");
    check_match("a://{x}", "a://%2F", "no match");
    check_match("a://{x}", "a://a%2fb", "no match");
    check_match("a://{x}", "a://..", "no match");
    check_match("a://{x}", "a://%2E%2e", "no match");
    check_match("a://{x}", "a://.", "no match");
    check_match("a://{x}", "a://...", "{\"x\":\"...\"}");
    check_match("a://{x}", "a://%00", "no match");
    check_match("a://{x}", "a://%FF", "no match");
    check_match("a://{x}", "a://%4", "no match");
    check_match("a://{x}", "a://%4g", "no match");
    // Matching gives up in time.
    char uri[512] = "a://";
    memset(uri + 4, '-', sizeof uri - 6);
    check_match("a://{a}-{b}-{c}-{d}-{e}-{f}-{g}!", uri, "no match");

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
