"""Drives a server of the project's reference guest with the official Python SDK for MCP.

    python main.py stdio wasi-mcp serve reference-backend-0.3.wasm
    python main.py http http://127.0.0.1:8080/mcp

The SDK is the one that is installed beside this interpreter: `mcp` 1.x or 2.x. The exit status is 0
when every check passed, 1 when one failed, 2 when no session came about.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections import Counter
from importlib.metadata import version
from textwrap import indent

import anyio

from checks import CHECKS, Check, NotOffered
from client_role import ClientRole
from connection import Connection, Http, ServerError, Stdio, Target

SECONDS_PER_CHECK = 30
SECONDS_TO_CONNECT = 60
SECONDS_TO_CLOSE = 10


def target() -> Target:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    transports = parser.add_subparsers(dest="transport", required=True)
    stdio = transports.add_parser("stdio", help="start the server and talk over its standard streams")
    stdio.add_argument("command", nargs=argparse.REMAINDER, help="the server's command line")
    http = transports.add_parser("http", help="talk to a server over Streamable HTTP")
    http.add_argument("url")
    arguments = parser.parse_args()
    if arguments.transport == "http":
        return Http(arguments.url)
    if not arguments.command:
        parser.error("the server's command line is missing")
    return Stdio(arguments.command)


async def outcome(check: Check, connection: Connection, role: ClientRole) -> str:
    """Runs one check, prints what came of it, and returns `pass`, `fail` or `skip`."""
    name = check.__name__.replace("_", " ")
    role.forget()
    try:
        with anyio.fail_after(SECONDS_PER_CHECK):
            await check(connection, role)
    except NotOffered as reason:
        print(f"skip  {name}\n      {reason}")
        return "skip"
    except Exception as failure:
        foreseen = isinstance(failure, (AssertionError, ServerError))
        text = str(failure) if foreseen else traceback.format_exc().rstrip()
        print(f"FAIL  {name}\n{indent(text, ' ' * 6)}")
        return "fail"
    print(f"pass  {name}")
    return "pass"


async def run(server: Target) -> int:
    """Runs all checks on one session and returns the exit status."""
    sdk = version("mcp")
    if sdk.startswith("1."):
        from sdk_1 import connect
    else:
        from sdk_2 import connect
    role = ClientRole()
    role.record_warnings()
    outcomes: Counter[str] = Counter()
    with anyio.CancelScope() as whole:
        whole.deadline = anyio.current_time() + SECONDS_TO_CONNECT
        async with connect(server, role) as connection:
            whole.deadline = float("inf")
            for check in CHECKS:
                outcomes[await outcome(check, connection, role)] += 1
            whole.deadline = anyio.current_time() + SECONDS_TO_CLOSE
    if not outcomes:
        print(f"no session within {SECONDS_TO_CONNECT} seconds")
        return 2
    if whole.cancelled_caught:
        print(f"FAIL  the session did not end within {SECONDS_TO_CLOSE} seconds")
        outcomes["fail"] += 1
    print(f"mcp {sdk}: {outcomes['pass']} passed, {outcomes['fail']} failed, {outcomes['skip']} skipped")
    return 1 if outcomes["fail"] else 0


def main() -> int:
    """The exit status."""
    server = target()
    try:
        return anyio.run(run, server)
    except Exception:
        traceback.print_exc()
        return 2


if __name__ == "__main__":
    sys.exit(main())
