#!/usr/bin/env bash
# Makes sure that wasi-mcp-conformance is on PATH, for this step and those after it: takes the one
# that is there, or builds this action's source, which needs Rust installed by rustup.
#
# Reads CONFORMANCE_VERSION, GITHUB_PATH and RUNNER_TEMP.

set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=wasi-mcp-conformance
wanted=${CONFORMANCE_VERSION:-}
wanted=${wanted#v}
case $wanted in
    *[!0-9A-Za-z.+-]*)
        printf '::error::version has characters that no version has\n'
        exit 2
        ;;
esac

version() { # of the program on PATH
    "$program" --version | cut -d ' ' -f 2
}

if command -v "$program" >/dev/null && [ "${wanted:-$(version)}" = "$(version)" ]; then
    printf '%s %s is on PATH\n' "$program" "$(version)"
    exit
fi

command -v cargo >/dev/null || {
    printf '::error::cargo is missing: install Rust by rustup, or put %s on PATH\n' "$program"
    exit 2
}
root=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/wasi-mcp-conformance
# In the folder of the source, rustup takes the toolchain that the source asks for.
(cd "$source" && cargo install --locked --path conformance --root "$root")
printf '%s\n' "$root/bin" >>"$GITHUB_PATH"
PATH=$root/bin:$PATH
if [ "${wanted:-$(version)}" != "$(version)" ]; then
    printf '::error::version %s is asked for, this is the source of %s: take the action at the tag of that version\n' \
        "$wanted" "$(version)"
    exit 2
fi
printf '%s %s was built\n' "$program" "$(version)"
