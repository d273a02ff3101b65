/// Runs the native tests. The sanitizers end the program at an error of memory, and at its end for a leak.

#include "check.h"

#include <stdio.h>
#include <string.h>

static int checks;
static int failures;

void check_that(bool is_true, const char *condition, const char *file, int line) {
    checks++;
    if (is_true)
        return;
    failures++;
    fprintf(stderr, "%s:%d: %s\n", file, line, condition);
}

void check_text(const char *found, const char *expected, const char *file, int line) {
    checks++;
    if (found != NULL && strcmp(found, expected) == 0)
        return;
    failures++;
    fprintf(stderr, "%s:%d: expected %s\n    found %s\n", file, line, expected,
            found == NULL ? "nothing" : found);
}

int check_failures(void) {
    return failures;
}

int main(void) {
    run_tests();
    printf("%d checks, %d failed\n", checks, failures);
    return failures == 0 ? 0 : 1;
}
