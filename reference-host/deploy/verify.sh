#!/usr/bin/env bash
# Checks the unit with the tools of this machine. PROGRAM replaces the installed
# command, which a build machine does not have.

set -euo pipefail
[ $# -eq 1 ] || {
    printf 'usage: %s PROGRAM\n' "$0" >&2
    exit 2
}
program=$(realpath "$1")
here=$(dirname "$(realpath "$0")")

if ! command -v systemd-analyze >/dev/null; then
    printf 'skipped: systemd-analyze is not installed, so the unit is not checked\n'
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed "s|^ExecStart=/usr/local/bin/wasi-mcp|ExecStart=$program|" \
    "$here/wasi-mcp.service" >"$folder/wasi-mcp.service"
# Unknown settings are reported on standard error, with status 0.
said=$(systemd-analyze verify --man=no --recursive-errors=no "$folder/wasi-mcp.service" 2>&1) || {
    printf '%s\n' "$said" >&2
    exit 1
}
if [ -n "$said" ]; then
    printf '%s\n' "$said" >&2
    exit 1
fi
printf 'the unit is in order\n'
