"""Judges the servers of this folder with the suite, strictly; see README.md.

    python3 judge.py [--suite FILE] [--update] [SERVER...]

What is known of each server stands in known/SERVER-TRANSPORT.toml, with the number of the finding
in proposal/findings.md. The status is 0 when nothing else was found, and everything known was;
races of a server (SOMETIMES) may be found or not.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
EVERYTHING = "node_modules/@modelcontextprotocol/server-everything/dist/index.js"
PATIENCE = 30


@dataclass
class Server:
    """How a server is started, over stdio and over HTTP; the port follows what is given last."""

    stdio: str
    http: str | None = None


SERVERS = {
    "everything": Server(
        f"node typescript/{EVERYTHING} stdio",
        f"node typescript/{EVERYTHING} streamableHttp",
    ),
    "time": Server("python-2/bin/mcp-server-time --local-timezone UTC"),
    "fetch": Server("python-2/bin/mcp-server-fetch"),
    "python-1": Server(
        "python-1/bin/python python/server.py",
        "python-1/bin/python python/server.py http://127.0.0.1:{port}",
    ),
    "python-2": Server(
        "python-2/bin/python python/server.py",
        "python-2/bin/python python/server.py http://127.0.0.1:{port}",
    ),
    "typescript-1": Server("node typescript/sdk-1.mjs", "node typescript/sdk-1.mjs 127.0.0.1:{port}"),
    "typescript-2": Server("node typescript/sdk-2.mjs", "node typescript/sdk-2.mjs 127.0.0.1:{port}"),
    "rmcp": Server(
        "rust/target/debug/wasi-mcp-foreign-rmcp",
        "rust/target/debug/wasi-mcp-foreign-rmcp 127.0.0.1:{port}",
    ),
}


# Checks that fail in some runs only, since it is a race of the server that they find. A file of
# expected failures cannot say that.
SOMETIMES = {
    "python-1-stdio": {"base/answers-once": "finding 1", "cancellation/race": "finding 1"},
    "python-1-http": {"cancellation/race": "finding 1"},
    "rmcp-stdio": {"base/invalid-request": "finding 7"},
    "rmcp-http": {"http/no-response-on-get": "finding 34"},
}


def suite(options: argparse.Namespace, known: str, target: list[str]) -> bool:
    """Runs the suite; tells whether it found only what is known."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        expectations = ["--expectations", f"known/{known}.toml", "--report", f"json={report}"]
        update = ["--update-expectations"] if options.update else []
        command = [options.suite, "run", *target, "--strict", "--jobs", "1", *expectations, *update]
        status = subprocess.run(command, cwd=HERE).returncode
        return status == 0 or (status == 1 and only_races(report, SOMETIMES.get(known, {})))


def only_races(report: Path, races: dict[str, str]) -> bool:
    """Whether nothing but races of the server stands against it in this report."""
    results = [result for run in json.loads(report.read_text())["runs"] for result in run["results"]]
    against = {
        result["check"]
        for result in results
        if result["status"] not in ("pass", "skip", "expected-failure")
    }
    for check in against & races.keys():
        print(f"{check}: {races[check]}, a race of the server")
    return against <= races.keys()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def over_http(options: argparse.Namespace, name: str, command: str) -> bool:
    port = free_port()
    environment = os.environ | {"PORT": str(port)}
    process = subprocess.Popen(
        command.format(port=port).split(),
        cwd=HERE,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        began = time.monotonic()
        while not answers(port):
            if time.monotonic() - began > PATIENCE or process.poll() is not None:
                print(f"{name} did not start to listen", file=sys.stderr)
                return False
            time.sleep(0.2)
        return suite(options, f"{name}-http", ["--url", f"http://127.0.0.1:{port}/mcp"])
    finally:
        process.kill()
        process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--suite", default="wasi-mcp-conformance", help="the suite's program")
    parser.add_argument("--update", action="store_true", help="bring known/ up to date")
    parser.add_argument("servers", nargs="*", default=list(SERVERS), metavar="SERVER")
    options = parser.parse_args()
    surprises = []
    for name in options.servers:
        server = SERVERS[name]
        if not suite(options, f"{name}-stdio", ["--command", server.stdio]):
            surprises.append(f"{name} over stdio")
        if server.http and not over_http(options, name, server.http):
            surprises.append(f"{name} over HTTP")
    for surprise in surprises:
        print(f"not as known: {surprise}", file=sys.stderr)
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
