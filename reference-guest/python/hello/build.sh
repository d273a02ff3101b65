#!/bin/sh
# Builds hello-python-0.2.wasm and hello-python-0.3.wasm into the folder OUT_DIR.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: $0 OUT_DIR" >&2
    exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")"

python3 -m venv "$out/venv"
"$out/venv/bin/pip" install --quiet componentize-py==0.25.1

# build WIT MODULE VERSION
build() {
    "$out/venv/bin/componentize-py" -d "$1" -w tools-backend \
        componentize "$2" -o "$out/hello-python-$3.wasm"
}
build ../../../wit app 0.3
build ../../../wit/preview2 app_preview2 0.2
