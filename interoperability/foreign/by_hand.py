"""Says messages to a server and prints what comes back, knowing nothing of MCP but how a session
begins. It is how the findings in proposal/findings.md were reproduced: without the suite.

    python3 by_hand.py [OPTIONS] 'COMMAND OF A STDIO SERVER' MESSAGE...
    python3 by_hand.py [OPTIONS] http://HOST:PORT/mcp MESSAGE...

Each MESSAGE is sent as it is. Over HTTP it is POSTed with the headers of the session, and GET and
DELETE stand for requests of that method.

    --bare                 no initialize and no notifications/initialized before the messages
    --client JSON          the capabilities of the client; none without it
    --listen               over HTTP: a listening stream (GET) beside the messages
    --together             over HTTP: the messages side by side, begun one right after another
    --header 'NAME: VALUE' over HTTP: a further header for the messages
    --wait SECONDS         how long to wait after each message (1)
    --answer JSON          the result that every request of the server gets; none without it
"""

from __future__ import annotations

import argparse
import http.client
import json
import shlex
import subprocess
import threading
import time
from urllib.parse import urlsplit

INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}'


def initialize(client: str) -> str:
    who = '{"name":"by-hand","version":"1"}'
    params = f'{{"protocolVersion":"2025-06-18","capabilities":{client},"clientInfo":{who}}}'
    return f'{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{params}}}'


def answer_to(text: str, answer: str | None) -> str | None:
    """The answer to what the server asks, if it asks and an answer was given."""
    try:
        message = json.loads(text)
    except ValueError:
        return None
    if answer is None or not isinstance(message, dict) or not {"id", "method"} <= message.keys():
        return None
    return f'{{"jsonrpc":"2.0","id":{json.dumps(message["id"])},"result":{answer}}}'


def stdio(options: argparse.Namespace) -> None:
    server = subprocess.Popen(
        shlex.split(options.server),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def say(message: str) -> None:
        print("->", message, flush=True)
        try:
            server.stdin.write(message + "\n")
            server.stdin.flush()
        except BrokenPipeError:
            print("   (the server reads no more)", flush=True)

    initialized = threading.Event()

    def listen() -> None:
        for line in server.stdout:
            print("<-", line.rstrip("\n"), flush=True)
            initialized.set()
            answer = answer_to(line, options.answer)
            if answer:
                say(answer)

    threading.Thread(target=listen, daemon=True).start()
    if not options.bare:
        say(initialize(options.client))
        initialized.wait(30)
        say(INITIALIZED)
    for message in options.messages:
        say(message)
        time.sleep(options.wait)
    if server.poll() is None:
        closed = time.monotonic()
        server.stdin.close()
        try:
            server.wait(10)
            print(f"(ended {time.monotonic() - closed:.1f} s after the end of its input)")
        except subprocess.TimeoutExpired:
            print("(still there 10 s after the end of its input)")
            server.kill()
    else:
        print(f"(ended by itself, status {server.returncode})")


def over_http(options: argparse.Namespace) -> None:
    address = urlsplit(options.server)
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
    }

    def exchange(method: str, body: str | None, further: dict[str, str], wait: float) -> str | None:
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=wait)
        # What HTTP is called with is not the point: the first line and the body are.
        connection.request(method, address.path, body and body.encode(), headers | further)
        try:
            response = connection.getresponse()
        except TimeoutError:
            print(f"<- {method}: no answer", flush=True)
            return None
        print(f"<- {method}: status {response.status} {response.reason}", flush=True)
        until = time.monotonic() + wait
        try:
            while time.monotonic() < until and (line := response.readline()):
                text = line.decode(errors="replace").rstrip()
                if text:
                    print(f"<- {method}: {text}", flush=True)
                answer = answer_to(text.removeprefix("data:"), options.answer)
                if answer:
                    say(answer)
        except TimeoutError:
            pass
        return response.headers.get("Mcp-Session-Id")

    def say(body: str, further: dict[str, str] | None = None) -> str | None:
        method = body if body in ("GET", "DELETE") else "POST"
        print("->", further or "", body, flush=True)
        sent = None if method == body else body
        return exchange(method, sent, further or {}, options.wait)

    if not options.bare:
        session = say(initialize(options.client))
        headers["MCP-Protocol-Version"] = "2025-06-18"
        if session:
            headers["Mcp-Session-Id"] = session
        say(INITIALIZED)
    if options.listen:
        stream = threading.Thread(target=exchange, args=("GET", None, {}, 60), daemon=True)
        stream.start()
        time.sleep(0.5)
    further = dict(header.split(": ", 1) for header in options.header)
    for message in options.messages:
        saying = threading.Thread(target=say, args=(message, further), daemon=True)
        saying.start()
        if not options.together:
            saying.join()
    if options.together:
        time.sleep(options.wait)
    if options.listen:
        time.sleep(options.wait)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--client", default="{}")
    parser.add_argument("--listen", action="store_true")
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--wait", type=float, default=1)
    parser.add_argument("--answer")
    parser.add_argument("server")
    parser.add_argument("messages", nargs="*")
    options = parser.parse_intermixed_args()
    if options.server.startswith("http://"):
        over_http(options)
    else:
        stdio(options)


if __name__ == "__main__":
    main()
