#!/bin/sh
# Tests the library, builds the one-tool server, as a backend and as a service, and the example for WASI
# 0.2 and 0.3 into the folder OUT_DIR, and judges them with the conformance suite, which the variable SUITE
# names.
#
# Components whose sources have not changed are not built again. With --set-up, the tools are installed
# and nothing else happens.
set -eu

only_set_up=
if [ "${1:-}" = --set-up ]; then
    only_set_up=yes
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
cd "$(dirname "$0")"
wit=$(cd ../../wit && pwd)
version=0.25.1

if ! grep --quiet --line-regexp "$version" "$out/venv/componentize-py-version" 2>/dev/null; then
    rm -rf "$out/venv"
    python3 -m venv "$out/venv"
    "$out/venv/bin/pip" install --quiet --disable-pip-version-check "componentize-py==$version"
    echo "$version" >"$out/venv/componentize-py-version"
fi

[ -z "$only_set_up" ] || exit 0

export PYTHONDONTWRITEBYTECODE=1
python3 -m unittest discover -s tests

# build COMPONENT NAME WORLD COMPONENTIZE_PY_OPTION...: builds the application in the folder NAME.
build() {
    component=$1
    name=$2
    world=$3
    shift 3
    sources=$(find src "$name" "$wit" -type f \( -name '*.py' -o -name '*.wit' \) -exec cksum {} + | sort)
    stamp="$out/$component.sources"
    if [ "$version $sources" != "$(cat "$stamp" 2>/dev/null)" ]; then
        rm -f "$stamp"
        "$out/venv/bin/componentize-py" --quiet "$@" -w "$world" componentize -p "$name" -p src app \
            -o "$out/$component.wasm"
        echo "$version $sources" >"$stamp"
    fi
}

build hello-0.3 hello tools-backend -d "$wit"
build hello-0.2 hello tools-backend -d "$wit/preview2"
build hello-service-0.3 hello tools-service -d "$wit"
build hello-service-0.2 hello tools-service -d "$wit/preview2"
build example-0.3 example wasi-mcp:python-example/example -d "$wit" -d example/wit/0.3
build example-0.2 example wasi-mcp:python-example/example -d "$wit/preview2" -d example/wit/0.2

for component in hello-0.3 hello-0.2 hello-service-0.3 hello-service-0.2 example-0.3 example-0.2; do
    echo "$component: $(wc -c <"$out/$component.wasm") bytes"
    "$suite" run --quiet --strict --transport both "$out/$component.wasm"
done
