#!/usr/bin/env bash
# Compiles the library for this machine with a fake host, and tests it with sanitizers.
#
# BINDINGS is a folder of bindings that `wasi-mcp build` has made. The compiler `cc` checks memory too,
# where it can; else Zig checks undefined behaviour alone.
set -euo pipefail

if [ $# -ne 2 ]; then
    echo "usage: $0 BINDINGS OUT" >&2
    exit 2
fi
mkdir -p "$2"
bindings=$(cd "$1" && pwd)
out=$(cd "$2" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"

echo 'int main(void) { return 0; }' >"$out/empty.c"
sanitizers=(-fno-sanitize-recover=undefined)
if cc -fsanitize=address,undefined "$out/empty.c" -o "$out/empty" 2>"$out/empty.log"; then
    compiler=(cc)
    sanitizers+=("-fsanitize=address,undefined")
elif command -v python-zig >/dev/null; then
    compiler=(python-zig cc)
    sanitizers+=(-fsanitize=undefined)
else
    compiler=(zig cc)
    sanitizers+=(-fsanitize=undefined)
fi
flags=(-std=c11 -g -Wall -Wextra -Werror "-I$bindings" -I../src)
# What is not called refers to imports, which this machine does not have, so it must not be linked. Jump tables
# would keep it.
"${compiler[@]}" -fno-sanitize=all -fno-jump-tables -ffunction-sections -std=c11 -g -w "-I$bindings" \
    -c native_bindings.c -o "$out/bindings.o"
"${compiler[@]}" "${sanitizers[@]}" "${flags[@]}" ../src/*.c main.c json.c templates.c host.c calls.c "$out/bindings.o" \
    -Wl,--gc-sections -lm -o "$out/tests"
ASAN_OPTIONS=allocator_may_return_null=1 "$out/tests"
