#!/usr/bin/env bash
# Tests the library, builds the one-tool server, the service and the example for WASI 0.2 and 0.3 into
# the folder OUT, and judges them with the conformance suite.
#
# WASI_MCP names the program wasi-mcp, and SUITE the program wasi-mcp-conformance. A C compiler for
# WebAssembly is found as `wasi-mcp build` finds it; without one, OUT gets Zig from PyPI.
set -euo pipefail

if [ $# -ne 1 ] || [ -z "${WASI_MCP:-}" ] || [ -z "${SUITE:-}" ]; then
    echo "usage: WASI_MCP=wasi-mcp SUITE=wasi-mcp-conformance $0 OUT" >&2
    exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
program() { # NAME: a name on the path, or a path from here
    case $1 in
        */*) printf '%s/%s' "$(cd "$(dirname "$1")" && pwd)" "$(basename "$1")" ;;
        *) command -v "$1" ;;
    esac
}
WASI_MCP=$(program "$WASI_MCP")
SUITE=$(program "$SUITE")
cd "$(dirname "${BASH_SOURCE[0]}")"
wit=$(cd ../../wit && pwd)
zig=0.17.0

step() {
    printf '\n--- %s\n' "$1"
}

if [ -z "${WASI_SDK_PATH:-}" ] && ! command -v python-zig zig >/dev/null; then
    if [ ! -x "$out/venv/bin/python-zig" ]; then
        python3 -m venv "$out/venv"
        "$out/venv/bin/pip" install --quiet --disable-pip-version-check "ziglang==$zig"
    fi
    export PATH="$out/venv/bin:$PATH"
fi
export ZIG_GLOBAL_CACHE_DIR=${ZIG_GLOBAL_CACHE_DIR:-$out/zig-cache}

# stage NAME VARIANT: makes a project of the folder NAME in OUT, as `wasi-mcp new` lays it out.
stage() {
    local project=$out/$1-$2 interface=$wit
    if [ "$2" = 0.2 ]; then
        interface=$wit/preview2
    fi
    rm -rf "$project"
    mkdir -p "$project/wit/deps/mcp" "$project/vendor/wasi-mcp"
    cp "$1"/*.c "$project"
    find "$1" -maxdepth 1 -name '*.h' -exec cp {} "$project" \;
    cp "$1/wit/$2"/*.wit "$project/wit"
    cp "$interface"/*.wit "$project/wit/deps/mcp"
    cp src/*.[ch] "$project/vendor/wasi-mcp"
    # Warnings of the library and its servers are errors here.
    { cat "$1/compile_flags.txt" && echo -Werror; } >"$project/compile_flags.txt"
}

for variant in 0.2 0.3; do
    for name in hello service example; do
        stage "$name" "$variant"
        "$WASI_MCP" build "$out/$name-$variant" -o "$out/$name-$variant.wasm"
        # Source lines are kept, but no paths of this machine.
        if ! grep -q "server\.c" "$out/$name-$variant.wasm" ||
            grep -q "$out\|ziglang\|/include" "$out/$name-$variant.wasm"; then
            echo "$name-$variant.wasm: expected the names of source files alone" >&2
            exit 1
        fi
    done
done

step 'the server of the guide'
awk '/^```c$/ { shown = 1; next } /^```$/ && shown { exit } shown { print }' ../../docs/guests/c.md >"$out/guide.c"
diff hello/server.c "$out/guide.c"
awk '/^## / { shown = 0 } /^## Services$/ { shown = 1 } /^```/ { inside = !inside && /^```c$/; next } shown && inside' \
    ../../docs/guests/c.md >"$out/filter.c"
filter=$(cat "$out/filter.c")
if [ -z "$filter" ] || [[ $(cat service/server.c) != *"$filter"* ]]; then
    echo "service/server.c does not have the filter of the guide" >&2
    exit 1
fi

step 'native tests'
tests/run.sh "$out/example-0.3/bindings" "$out/service-0.3/bindings" "$out/tests"

for component in hello-0.2 hello-0.3 service-0.2 service-0.3 example-0.2 example-0.3; do
    step "$component: $(wc -c <"$out/$component.wasm") bytes"
    "$SUITE" run --quiet --strict --transport both "$out/$component.wasm"
done

step 'the messages of mistakes'
# mistake FILE: makes a server of a file, builds it and calls its tool. The output must have the text of the
# file's first line.
mistake() {
    local project=$out/mistakes/$1 expected said
    rm -rf "$project"
    mkdir -p "$out/mistakes"
    cp -r "$out/hello-0.3" "$project"
    cp hello/compile_flags.txt "$project"
    cp "mistakes/$1.c" "$project/server.c"
    if [ "$1" = missing_import ]; then
        grep -v 'full-imports' hello/wit/0.3/world.wit >"$project/wit/world.wit"
    fi
    expected=$(sed -n '1s,^// ,,p' "mistakes/$1.c")
    # Optimised code has fewer lines.
    said=$("$WASI_MCP" build "$project" -o "$project.wasm" 2>&1 &&
        "$WASI_MCP" call --compiler baseline "$project.wasm" run 2>&1) || true
    if [ -z "$expected" ] || [[ $said != *"$expected"* ]]; then
        printf '%s: expected %s, found:\n%s\n' "mistakes/$1.c" "$expected" "$said" >&2
        exit 1
    fi
}
for file in mistakes/*.c; do
    mistake "$(basename "$file" .c)"
done
for request in '"id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"check","version":"1"}}' \
    '"method":"notifications/initialized"' '"id":2,"method":"tools/call","params":{"name":"run"}'; do
    printf '{"jsonrpc":"2.0",%s}\n' "$request"
done >"$out/requests"
"$WASI_MCP" serve --source-lines --compiler baseline "$out/mistakes/null_pointer.wasm" <"$out/requests" \
    >"$out/answers" 2>"$out/log"
grep -q 'place="server.c:13 in run"' "$out/log"
grep -q 'the component trapped' "$out/answers"
if grep 'server\.c' "$out/answers"; then
    echo "the client learns the source line" >&2
    exit 1
fi
