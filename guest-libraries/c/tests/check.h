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

/// Returns the number of checks that have failed.
int check_failures(void);

/// Runs the tests of a program.
void run_tests(void);

void test_arena(void);
void test_utf8(void);
void test_reader(void);
void test_numbers(void);
void test_writer(void);
void test_templates(void);

#endif
