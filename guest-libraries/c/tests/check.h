/// Checks of the native tests.
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>

/// Counts a check, and reports it with its line where it fails.
#define CHECK(condition) check_that(condition, #condition, __FILE__, __LINE__)

/// Checks a text, and shows both texts where they differ.
#define CHECK_TEXT(found, expected) check_text(found, expected, __FILE__, __LINE__)

void check_that(bool is_true, const char *condition, const char *file, int line);
void check_text(const char *found, const char *expected, const char *file, int line);

void test_arena(void);
void test_utf8(void);
void test_reader(void);
void test_numbers(void);
void test_writer(void);
void test_templates(void);
void test_schemas(void);
void test_start(void);
void test_tools(void);
void test_resources(void);
void test_prompts(void);
void test_requests(void);
void test_changes(void);

#endif
