#!/usr/bin/env bash
# Compiles the library for this machine with a fake host, and tests it with sanitizers.
#
# BACKEND and SERVICE are folders of bindings that `wasi-mcp build` has made for a server of each kind. The compiler `cc` checks memory too,
# where it can; else Zig checks undefined behaviour alone, which is an error with REQUIRE_ASAN=1.
set -euo pipefail

if [ $# -ne 3 ]; then
    echo "usage: $0 BACKEND SERVICE OUT" >&2
    exit 2
fi
mkdir -p "$3"
backend=$(cd "$1" && pwd)
service=$(cd "$2" && pwd)
out=$(cd "$3" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"

echo 'int main(void) { return 0; }' >"$out/empty.c"
sanitizers=(-fno-sanitize-recover=undefined)
if cc -fsanitize=address,undefined "$out/empty.c" -o "$out/empty" 2>"$out/empty.log"; then
    compiler=(cc)
    sanitizers+=("-fsanitize=address,undefined")
elif [ "${REQUIRE_ASAN:-0}" = 1 ]; then
    cat "$out/empty.log" >&2
    echo "cc has no address sanitizer, which REQUIRE_ASAN=1 asks for" >&2
    exit 1
elif command -v python-zig >/dev/null; then
    compiler=(python-zig cc)
    sanitizers+=(-fsanitize=undefined)
else
    compiler=(zig cc)
    sanitizers+=(-fsanitize=undefined)
fi
echo "sanitizers: ${sanitizers[*]}"

# run_tests NAME BINDINGS ARGUMENT...: compiles the program NAME, of these sources and flags, and runs it.
run_tests() {
    local program=$out/$1 bindings=$2
    shift 2
    # What is not called refers to imports, which this machine does not have, so it must not be linked. Jump tables
    # would keep it.
    "${compiler[@]}" -fno-sanitize=all -fno-jump-tables -ffunction-sections -std=c11 -g -w "-I$bindings" \
        -c native_bindings.c -o "$program-bindings.o"
    "${compiler[@]}" "${sanitizers[@]}" -std=c11 -g -Wall -Wextra -Werror "-I$bindings" -I../src ../src/*.c main.c \
        client.c host.c "$@" "$program-bindings.o" -Wl,--gc-sections -lm -o "$program"
    ASAN_OPTIONS=allocator_may_return_null=1 "$program"
}

run_tests tests "$backend" json.c templates.c calls.c
run_tests service-tests "$service" -DHOST_OF_SERVICE service.c
