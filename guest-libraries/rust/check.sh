#!/usr/bin/env bash
# Tests the library, builds the one-tool server, the example, the service and the servers of
# docs/guests/rust.md in both variants, and judges them with the suite.
#
# SUITE names wasi-mcp-conformance. OUT keeps what is compiled, and the components.
set -euo pipefail

if [ $# -ne 1 ] || [ -z "${SUITE:-}" ]; then
    echo "usage: SUITE=wasi-mcp-conformance $0 OUT" >&2
    exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
repository=$(cd ../.. && pwd)
export CARGO_TARGET_DIR=$out/target CARGO_INCREMENTAL=0

step() {
    printf '\n--- %s\n' "$1"
}

step 'unit tests, and the messages of mistakes'
cargo test --locked --quiet --workspace --features example/p3,hello/p3,mistakes/p3,service/p3
cargo test --locked --quiet --workspace --exclude mistakes --lib \
    --features example/p2,hello/p2,service/p2

# Writes the files that the page shows, beside a link to this clone.
page=$out/page
mkdir -p "$page/my-server/src" "$page/my-service/src"
ln -sfn "$repository" "$page/wasi-mcp"
for file in my-server/Cargo.toml my-server/src/lib.rs my-service/src/lib.rs; do
    awk -v file="file=$file" '
        /^```/ { shown = $2 == file; next }
        shown { print }
    ' "$repository/docs/guests/rust.md" >"$page/$file"
    [ -s "$page/$file" ]
done
cp "$repository/rust-toolchain.toml" "$page/"
# OUT may be in the clone, which is another workspace.
printf '\n[workspace]\n' >>"$page/my-server/Cargo.toml"
sed 's/^name = "my-server"/name = "my-service"/' "$page/my-server/Cargo.toml" \
    >"$page/my-service/Cargo.toml"

# Optimising each component as a whole takes twice as long.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

build() { # FOLDER PACKAGE VARIANT
    (cd "$1" && cargo build --quiet --release --target wasm32-wasip2 --package "$2" --features "$3")
    cp "$CARGO_TARGET_DIR/wasm32-wasip2/release/${2//-/_}.wasm" "$out/$2-$3.wasm"
}

for variant in p2 p3; do
    build . hello "$variant"
    build . example "$variant"
    build . service "$variant"
    build "$page/my-server" my-server "$variant"
    build "$page/my-service" my-service "$variant"
    if grep --quiet 'wasi:mcp/runtime@' "$out/service-$variant.wasm"; then
        echo "service-$variant.wasm imports runtime, as backends alone do" >&2
        exit 1
    fi
    streams=$(grep --count 'wasi:mcp/resource-streams@' "$out/example-$variant.wasm" || true)
    if [ "$variant" = p3 ] && [ "$streams" = 0 ]; then
        echo "example-$variant.wasm does not export resource-streams, as its writing function needs" >&2
        exit 1
    fi
    for name in hello example service my-server my-service; do
        step "$name-$variant"
        "$SUITE" run "$out/$name-$variant.wasm" --strict --quiet
    done
done
