#!/bin/sh
# Judges components for WASI 0.3 whose engine is componentize-qjs 0.5 of crates.io, which imports
# asynchronous functions. The engine of npm, which check.sh uses, cannot. Tests the library and makes
# the author's folder as check.sh does; then builds the one-tool server, the service of the guide and
# the whole example with `wasi-mcp-guest emit` into the folder OUT_DIR, and judges them with the
# conformance suite, which the variable SUITE names.
#
# Needs rustup, Node.js, and 2 GB of disk while the engine is compiled. The first run takes 12
# minutes of CPU time for the engine, which is kept in OUT_DIR. A later run takes two minutes. With
# --set-up, it only installs the engine and the packages of the library.
set -eu

engine_version=0.5.0
# The engine's minimum. The repository's own toolchain may be older.
toolchain=1.97.0

set_up=
if [ "${1:-}" = --set-up ]; then
    set_up=--set-up
    shift
fi
if [ $# -ne 1 ]; then
    echo "usage: SUITE=PATH_OF_WASI_MCP_CONFORMANCE $0 [--set-up] OUT_DIR" >&2
    exit 2
fi
: "${SUITE:?names the program wasi-mcp-conformance}"
mkdir -p "$1"
out=$(cd "$1" && pwd)
suite=$(cd "$(dirname "$SUITE")" && pwd)/$(basename "$SUITE")
here=$(cd "$(dirname "$0")" && pwd)

engine=$out/componentize-qjs-$engine_version
if [ ! -x "$engine/bin/componentize-qjs" ]; then
    rustup toolchain install "$toolchain" --profile minimal --no-self-update
    # The engine runs for seconds: compile it fast.
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off \
        cargo "+$toolchain" install componentize-qjs-cli --version "=$engine_version" --locked \
        --root "$engine" --target-dir "$engine/target"
    rm -rf "$engine/target"
fi
if [ -n "$set_up" ]; then
    exec "$here/check.sh" --set-up "$out"
fi
"$here/check.sh" --app "$out"
cd "$out/app"

failed=
judge() { # NAME PROGRAM
    name=$1-0.3-async
    npx wasi-mcp-guest emit "example/$2" --wasi 0.3 -o "$out/$name"
    "$engine/bin/componentize-qjs" --wit "$out/$name/wit" --js "$out/$name/component.js" \
        --world server --output "$out/$name.wasm"
    echo "$name: $(wc -c <"$out/$name.wasm") bytes"
    "$suite" run --quiet --strict --transport both "$out/$name.wasm" || failed="$failed $name"
}

judge hello hello.ts
judge service service.ts
judge example reference/server.ts
if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
