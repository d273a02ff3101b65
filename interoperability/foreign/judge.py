"""Judges the servers of this folder with the suite, strictly; see README.md.

    python3 judge.py [--suite FILE] [--update] [--transport stdio|http] [--reports DIR] [SERVER...]

What is known of each server stands in known/SERVER-TRANSPORT.toml, with the number of the finding
in proposal/findings.md. The status is 0 when nothing else was found, and everything known was;
races (SOMETIMES) may be found or not.
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
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
EVERYTHING = "node_modules/@modelcontextprotocol/server-everything/dist/index.js"
# Seconds for a server to start, even on a busy machine.
PATIENCE = 120


NPM = "npm/node_modules"
# A port of this machine where nothing listens, in place of a server's online service.
NOWHERE = "http://127.0.0.1:9"


def no_preparation(sandbox: Path) -> None:
    """Leaves the sandbox empty."""


def two_files(sandbox: Path) -> None:
    """Writes a text and an image into the sandbox."""
    (sandbox / "note.txt").write_text("one\ntwo\nthree\n")
    (sandbox / "pixel.gif").write_bytes(bytes.fromhex("47494638396101000100800000") + b"\0" * 6 + b";")


def repository(sandbox: Path) -> None:
    """Makes the sandbox a Git repository with two commits."""
    author = ["-c", "user.name=author", "-c", "user.email=author@example.com"]
    git = ["git", "-C", str(sandbox), *author]
    subprocess.run([*git, "init", "--quiet", "--initial-branch", "main"], check=True)
    for text in ("one\n", "one\ntwo\n"):
        (sandbox / "note.txt").write_text(text)
        subprocess.run([*git, "add", "note.txt"], check=True)
        subprocess.run([*git, "commit", "--quiet", "--message", "Write a note"], check=True)


@dataclass
class Server:
    """How a server is started, over stdio and over HTTP. `{port}` stands for the port of an HTTP
    server, which is also in the variable PORT, and `{sandbox}` for a temporary folder."""

    stdio: str | None = None
    http: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[Path], None] = no_preparation


SERVERS = {
    "everything": Server(
        f"node typescript/{EVERYTHING} stdio",
        f"node typescript/{EVERYTHING} streamableHttp",
    ),
    "time": Server("python-2/bin/mcp-server-time --local-timezone UTC"),
    "fetch": Server("python-2/bin/mcp-server-fetch"),
    "filesystem": Server(
        f"node {NPM}/@modelcontextprotocol/server-filesystem/dist/index.js {{sandbox}}",
        prepare=two_files,
    ),
    "memory": Server(
        f"node {NPM}/@modelcontextprotocol/server-memory/dist/index.js",
        environment={"MEMORY_FILE_PATH": "{sandbox}/memory.jsonl"},
    ),
    "sequential-thinking": Server(
        f"node {NPM}/@modelcontextprotocol/server-sequential-thinking/dist/index.js"
    ),
    "git": Server(
        "python-servers/bin/mcp-server-git --repository {sandbox}",
        prepare=repository,
    ),
    "sqlite": Server("python-1/bin/mcp-server-sqlite --db-path {sandbox}/judged.db"),
    "context7": Server(
        f"node {NPM}/@upstash/context7-mcp/dist/index.js",
        f"node {NPM}/@upstash/context7-mcp/dist/index.js --transport http --port {{port}}",
        environment={"CONTEXT7_API_URL": NOWHERE},
    ),
    "notion": Server(
        http=f"node {NPM}/@notionhq/notion-mcp-server/bin/cli.mjs --transport http --port {{port}}"
        " --unsafe-disable-auth",
        environment={"NOTION_TOKEN": "none", "BASE_URL": NOWHERE},
    ),
    "fastmcp": Server(
        "python-servers/bin/python python/fastmcp_server.py",
        "python-servers/bin/python python/fastmcp_server.py 127.0.0.1:{port}",
    ),
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
    "rust-filesystem": Server(
        "cargo/bin/rust-mcp-filesystem --allow-write {sandbox}",
        prepare=two_files,
    ),
    "rmcp": Server(
        "rust/target/debug/wasi-mcp-foreign-rmcp",
        "rust/target/debug/wasi-mcp-foreign-rmcp 127.0.0.1:{port}",
    ),
}


# Checks that fail in some runs only, since what they find is a race. A file of expected failures
# cannot say that.
SOMETIMES = {
    "python-1-stdio": {"base/answers-once": "finding 1", "cancellation/race": "finding 1"},
    "python-1-http": {"cancellation/race": "finding 1"},
    "sqlite-stdio": {"base/answers-once": "finding 1", "cancellation/race": "finding 1"},
    "rmcp-stdio": {"base/invalid-request": "finding 7"},
    "rmcp-http": {"http/no-response-on-get": "finding 34"},
}


def suite(
    options: argparse.Namespace, known: str, target: list[str], environment: dict[str, str]
) -> bool:
    """Runs the suite; tells whether it found only what is known."""
    with tempfile.TemporaryDirectory() as folder:
        report = (options.reports or Path(folder)).resolve() / f"{known}.json"
        expectations = ["--expectations", f"known/{known}.toml", "--report", f"json={report}"]
        update = ["--update-expectations"] if options.update else []
        manner = ["--strict", "--jobs", "1", "--start-timeout", str(PATIENCE)]
        command = [options.suite, "run", *target, *manner, *expectations, *update]
        status = subprocess.run(command, cwd=HERE, env=environment).returncode
        return status == 0 or (status == 1 and only_races(report, SOMETIMES.get(known, {})))


def only_races(report: Path, races: dict[str, str]) -> bool:
    """Returns true if nothing but races stands against the server in this report."""
    results = [result for run in json.loads(report.read_text())["runs"] for result in run["results"]]
    against = {
        result["check"]
        for result in results
        if result["status"] not in ("pass", "skip", "expected-failure")
    }
    for check in against & races.keys():
        print(f"{check}: {races[check]}, in some runs only")
    return against <= races.keys()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def judge(options: argparse.Namespace, name: str, transport: str) -> bool:
    """Judges a server over a transport, in a sandbox of its own."""
    server = SERVERS[name]
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        # Resolved, as some servers compare given paths with resolved ones.
        sandbox = Path(folder).resolve()
        server.prepare(sandbox)
        environment = os.environ | {
            variable: value.format(sandbox=sandbox)
            for variable, value in server.environment.items()
        }
        if transport == "stdio":
            command = server.stdio.format(sandbox=sandbox)
            return suite(options, f"{name}-stdio", ["--command", command], environment)
        return over_http(options, name, server.http.replace("{sandbox}", str(sandbox)), environment)


def over_http(
    options: argparse.Namespace, name: str, command: str, environment: dict[str, str]
) -> bool:
    port = free_port()
    environment = environment | {"PORT": str(port)}
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
        return suite(options, f"{name}-http", ["--url", f"http://127.0.0.1:{port}/mcp"], environment)
    finally:
        process.kill()
        process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--suite", default="wasi-mcp-conformance", help="the suite's program")
    parser.add_argument("--update", action="store_true", help="bring known/ up to date")
    parser.add_argument("--transport", choices=["stdio", "http"], help="both without it")
    parser.add_argument("--reports", type=Path, metavar="DIR", help="keep the reports, as JSON")
    parser.add_argument("servers", nargs="*", default=list(SERVERS), metavar="SERVER")
    options = parser.parse_args()
    surprises = []
    for name in options.servers:
        for transport in ("stdio", "http"):
            if options.transport not in (None, transport) or not getattr(SERVERS[name], transport):
                continue
            if not judge(options, name, transport):
                surprises.append(f"{name} over {transport}")
    for surprise in surprises:
        print(f"not as known: {surprise}", file=sys.stderr)
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
