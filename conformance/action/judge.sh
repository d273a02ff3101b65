#!/usr/bin/env bash
# Judges one target and leaves the reports in a folder, in the summary of the job and in the
# outputs. The exit status is that of the suite: 0 nothing failed, 1 a check failed, 2 it could not
# run.
#
# Reads CONFORMANCE_COMPONENT, CONFORMANCE_COMMAND or CONFORMANCE_URL, which say what is judged;
# CONFORMANCE_BEARER, CONFORMANCE_HEADER, CONFORMANCE_TRANSPORT, CONFORMANCE_STRICT,
# CONFORMANCE_EXPECTATIONS, CONFORMANCE_FILTER, CONFORMANCE_SKIP_TOOL, CONFORMANCE_START_TIMEOUT,
# CONFORMANCE_CHECK_TIMEOUT, CONFORMANCE_JOBS and CONFORMANCE_REPORT_DIR, which may be empty;
# GITHUB_OUTPUT and GITHUB_STEP_SUMMARY, which only a runner gives.

set -euo pipefail

: "${GITHUB_OUTPUT:=/dev/null}" "${GITHUB_STEP_SUMMARY:=/dev/null}"

refuse() { # WHY
    printf '::error::%s\n' "$1"
    exit 2
}

single() { # NAME VALUE: refuses a value of several lines, which would be read as more than a value
    case $2 in
        *[$'\n\r']*) refuse "$1 has a line break" ;;
    esac
}

arguments=(run)

option() { # NAME VALUE: nothing where the value is empty
    # As one word: a value that begins with a hyphen is no option.
    [ -z "$2" ] || arguments+=("$1=$2")
}

options() { # NAME LINES: one option for each line that is not empty
    local line
    while IFS= read -r line || [ -n "$line" ]; do
        option "$1" "${line%$'\r'}"
    done <<<"$2"
}

targets=0
for target in "${CONFORMANCE_COMPONENT:-}" "${CONFORMANCE_COMMAND:-}" "${CONFORMANCE_URL:-}"; do
    [ -z "$target" ] || targets=$((targets + 1))
done
[ "$targets" -eq 1 ] || refuse 'exactly one of component, command and url is needed'

option --command "${CONFORMANCE_COMMAND:-}"
option --url "${CONFORMANCE_URL:-}"
if [ -n "${CONFORMANCE_BEARER:-}" ]; then
    single bearer "$CONFORMANCE_BEARER"
    printf '::add-mask::%s\n' "$CONFORMANCE_BEARER"
    option --header "Authorization: Bearer $CONFORMANCE_BEARER"
fi
options --header "${CONFORMANCE_HEADER:-}"
option --transport "${CONFORMANCE_TRANSPORT:-}"
case ${CONFORMANCE_STRICT:-false} in
    true) arguments+=(--strict) ;;
    false) ;;
    *) refuse 'strict is true or false' ;;
esac
option --expectations "${CONFORMANCE_EXPECTATIONS:-}"
options --filter "${CONFORMANCE_FILTER:-}"
options --skip-tool "${CONFORMANCE_SKIP_TOOL:-}"
option --start-timeout "${CONFORMANCE_START_TIMEOUT:-}"
option --check-timeout "${CONFORMANCE_CHECK_TIMEOUT:-}"
option --jobs "${CONFORMANCE_JOBS:-}"

folder=${CONFORMANCE_REPORT_DIR:-conformance-report}
single report-dir "$folder"
mkdir -p -- "$folder"
# What an earlier step left must not pass for the outcome of this one.
rm -f -- "$folder"/{report.json,report.html,junit.xml,summary.md,badge.json}
for report in json=report.json html=report.html junit=junit.xml markdown=summary.md badge=badge.json; do
    arguments+=("--report=${report%%=*}=$folder/${report#*=}")
done
if [ -n "${CONFORMANCE_COMPONENT:-}" ]; then
    arguments+=(-- "$CONFORMANCE_COMPONENT")
fi

# Nothing that a server says, and the suite quotes, is a command to the runner.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '::stop-commands::%s\n' "$token"
status=0
wasi-mcp-conformance "${arguments[@]}" 2>&1 || status=$?
printf '::%s::\n' "$token"

passed='' failed=''
if [ -f "$folder/report.json" ]; then
    counted() { # OUTCOME...: how many checks came out like one of these
        # The report's own summary alone is indented by four spaces.
        local outcome count sum=0
        for outcome; do
            count=$(sed -n "s/^    \"$outcome\": \([0-9]*\),\{0,1\}\$/\1/p" "$folder/report.json")
            sum=$((sum + count))
        done
        printf '%s' "$sum"
    }
    passed=$(counted pass)
    failed=$(counted fail timeout crash unexpected-pass harness-error)
    cat -- "$folder/summary.md" >>"$GITHUB_STEP_SUMMARY"
else
    printf '## MCP conformance: could not run\n\nThe log of the step says why.\n' >>"$GITHUB_STEP_SUMMARY"
fi
{
    printf 'passed=%s\n' "$passed"
    printf 'failed=%s\n' "$failed"
    printf 'report=%s\n' "$folder"
} >>"$GITHUB_OUTPUT"
exit "$status"
