#!/bin/sh
# Tests the library, builds the one-tool server, the example and the service of the guide into the
# folder OUT_DIR as an author would, from the packed library, and judges them with the conformance
# suite, which the variable SUITE names. Nothing is written among the sources; packages of npm are
# kept in OUT_DIR. With --set-up, it only installs the packages of the library. With --app, it tests
# the library and makes the author's folder OUT_DIR/app, and builds no component.
set -eu

last_step=judge
case "${1:-}" in
--set-up | --app)
    last_step=${1#--}
    shift
    ;;
esac
if [ $# -ne 1 ]; then
    echo "usage: SUITE=PATH_OF_WASI_MCP_CONFORMANCE $0 [--set-up | --app] OUT_DIR" >&2
    exit 2
fi
: "${SUITE:?names the program wasi-mcp-conformance}"
mkdir -p "$1"
out=$(cd "$1" && pwd)
suite=$(cd "$(dirname "$SUITE")" && pwd)/$(basename "$SUITE")
here=$(cd "$(dirname "$0")" && pwd)
WASI_MCP_REPOSITORY=$(cd "$here/../.." && pwd)
export WASI_MCP_REPOSITORY

# The library is compiled in a copy.
package=$out/package
mkdir -p "$package"
find "$package" -mindepth 1 -maxdepth 1 ! -name node_modules -exec rm -rf {} +
for entry in package.json package-lock.json tsconfig.json scripts src wit README.md; do
    cp -r "$here/$entry" "$package/"
done
cd "$package"
if ! cmp -s package-lock.json node_modules/installed-lock.json; then
    npm ci --no-audit --no-fund
    cp package-lock.json node_modules/installed-lock.json
fi
[ "$last_step" != set-up ] || exit 0
npm pack --silent --pack-destination "$out" >/dev/null
npm test --silent

# The author's folder has the packed library and the example.
app=$out/app
mkdir -p "$app"
tarball=$(cksum <"$out/wasi-mcp-guest-0.1.0.tgz")
if [ "$tarball" != "$(cat "$app/node_modules/installed-tarball" 2>/dev/null)" ]; then
    rm -rf "$app"
    mkdir -p "$app"
    echo '{ "private": true, "type": "module" }' >"$app/package.json"
    npm install --prefix "$app" --no-audit --no-fund --prefer-offline --silent \
        "$out/wasi-mcp-guest-0.1.0.tgz" zod@4.6.7 typescript@7.0.2
    echo "$tarball" >"$app/node_modules/installed-tarball"
fi
rm -rf "$app/example"
cp -r "$here/example" "$app/example"
awk '
    /^## / { section = $2 }
    section == "Services" && /^```typescript$/ { shown = 1; next }
    /^```$/ { shown = 0 }
    shown { print }
' "$WASI_MCP_REPOSITORY/docs/guests/typescript.md" >"$app/example/service.ts"
cd "$app"
npx tsc --project example
[ "$last_step" != app ] || exit 0

judge() { # NAME PROGRAM VARIANT
    npx wasi-mcp-guest build "example/$2" --wasi "$3" -o "$out/$1.wasm"
    echo "$1: $(wc -c <"$out/$1.wasm") bytes"
    "$suite" run --quiet --strict --transport both "$out/$1.wasm"
}

judge hello-0.2 hello.ts 0.2
judge hello-0.3 hello.ts 0.3
judge service-0.2 service.ts 0.2
judge service-0.3 service.ts 0.3
judge example-0.2 reference/server.ts 0.2
judge example-0.3 reference/without-requests.ts 0.3
