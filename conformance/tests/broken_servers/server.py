"""A server for these tests that goes wrong at a chosen moment, over stdio or HTTP.

    server.py stdio|http FOLDER FAULT [FAULT ...]

Faults are named `KIND` or `KIND@MOMENT`. State that outlives a process is in FOLDER; over HTTP the
address is written to FOLDER/address.
"""

import json
import os
import socket
import sys
import threading
import time
from pathlib import Path
from socketserver import ThreadingTCPServer

TRANSPORT, FOLDER = sys.argv[1], Path(sys.argv[2])
if TRANSPORT == "http":
    from http.server import BaseHTTPRequestHandler
else:
    BaseHTTPRequestHandler = object
FAULTS = dict((fault.split("@") + [""])[:2] for fault in sys.argv[3:])
REVISION = "2025-06-18"
TOOLS = [
    {"name": "add", "description": "Adds.", "inputSchema": {"type": "object", "properties": {}}},
    {"name": "fatal", "description": "Fails.", "inputSchema": {"type": "object", "properties": {}}},
]
LOST = FOLDER / "lost"
SESSIONS = {}
BEGUN = threading.Event()


def is_moment(kind, moment):
    return FAULTS.get(kind) == moment


def moment_of(message):
    """Returns the moment at which a message arrives, if faults are tied to it."""
    method = message.get("method") if isinstance(message, dict) else None
    if method == "notifications/initialized":
        return "contact"
    if method == "tools/call" and message.get("params", {}).get("name") == "fatal":
        return "survey"
    # Checks of garbage send it; no survey does.
    if method == "no/such/method":
        return "check"
    if method == "tools/list" and message.get("params", {}).get("cursor") is not None:
        return "end"
    return None


def go_wrong(message):
    """Carries out the fault of this moment. Returns its kind if the message is not answered."""
    moment = moment_of(message)
    kinds = ("dies", "hangs", "restarts", "replaced", "fails", "trips", "heads", "forgets", "keeps-forgetting", "turns-away")
    for kind in kinds:
        if moment is not None and is_moment(kind, moment):
            if kind in ("trips", "keeps-forgetting"):
                return kind
            if kind in ("restarts", "replaced", "forgets") and LOST.exists():
                continue
            LOST.write_text(kind)
            return kind
    return None


def refuse(id, code, text, data=None):
    error = {"code": code, "message": text}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": id, "error": error}


def answer(message):
    """Returns the response to a message, if there is one."""
    if not isinstance(message, dict):
        return refuse(None, -32600, "a message is an object")
    id, method = message.get("id"), message.get("method")
    legal = isinstance(id, (str, int)) and not isinstance(id, bool)
    if not isinstance(method, str) or message.get("jsonrpc") != "2.0":
        if "result" in message or "error" in message:
            return None
        return refuse(id if legal else None, -32600, "this is no request")
    if "id" not in message:
        return None
    if not legal:
        return refuse(None, -32600, "this is no id")
    params = message.get("params", {})
    if not isinstance(params, dict):
        return refuse(id, -32602, "params is an object")
    if method == "initialize":
        BEGUN.set()
        return initialize(id, params)
    if method == "ping":
        return {"jsonrpc": "2.0", "id": id, "result": {}}
    if not BEGUN.is_set() and "eager" not in FAULTS:
        return refuse(id, -32600, "initialize comes first")
    if method == "tools/list":
        if not isinstance(params.get("cursor", ""), str) or "cursor" in params:
            return refuse(id, -32602, "no such cursor")
        tools = TOOLS
        if "description" in FAULTS:
            tools = [{**TOOLS[0], "description": "\x00half"}] + TOOLS[1:]
        return {"jsonrpc": "2.0", "id": id, "result": {"tools": tools}}
    if method == "tools/call":
        name, arguments = params.get("name"), params.get("arguments", {})
        if name not in ("add", "fatal") or not isinstance(arguments, dict):
            return refuse(id, -32602, "no such tool")
        return {"jsonrpc": "2.0", "id": id, "result": {"content": [{"type": "text", "text": "done"}]}}
    return refuse(id, -32601, "no such method")


def initialize(id, params):
    if FAULTS.get("revision") == "error":
        return refuse(id, -32022, "unsupported", {"supported": ["2025-11-25", "2026-07-28"]})
    if FAULTS.get("revision") == "refused":
        return refuse(id, -32602, "Unsupported protocol version", {"supported": ["2024-11-05"]})
    version = FAULTS.get("revision") or REVISION
    return {
        "jsonrpc": "2.0",
        "id": 999 if "id" in FAULTS else id,
        "result": {
            "protocolVersion": version,
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "broken", "version": "1"},
        },
    }


def text_of(message):
    """Writes a message as JSON, with the flaw that was chosen."""
    text = json.dumps(message)
    flaw = FAULTS.get("description")
    if flaw:
        flaws = {
            "surrogate": "\\ud83d",
            "nul": "\0",
            "escape": "\x1b[0m",
            "latin-1": "\udce9",
            "escaped-nul": "\\u0000",
            "number": '", "x": 1e400, "y": "',
            "nan": '", "x": NaN, "y": "',
            "twice": '", "name": "add", "description": "',
            "deep": '", "x": ' + "[" * 200 + "]" * 200 + ', "y": "',
        }
        text = text.replace("\\u0000half", flaws[flaw] + "half")
    return text.encode("utf-8", "surrogateescape")


def parse(data):
    try:
        return json.loads(data.decode())
    except (ValueError, RecursionError):
        return ...


def stdio():
    if "chats" in FAULTS:
        for line in sys.stdin:
            print("hello", flush=True)
    if "prints" in FAULTS:
        print("usage: server --port PORT")
    if "exits" in FAULTS:
        print("it cannot start", file=sys.stderr)
        sys.exit(3)
    if "alone" in FAULTS:
        lock = FOLDER / "lock"
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind("\0" + str(lock))
        except OSError:
            print("the database is locked", file=sys.stderr)
            sys.exit(4)
    time.sleep(float(FAULTS.get("starts-after", 0)))
    encoding = FAULTS.get("writes", "")
    out = sys.stdout.buffer

    def write(data):
        if encoding.startswith("utf-16"):
            data = data.decode().encode(encoding[:9].replace("mark", "").rstrip("-"))
        out.write(data)
        out.flush()

    if encoding == "mark":
        out.write(b"\xef\xbb\xbf")
    if encoding == "utf-16-le-mark":
        out.write(b"\xff\xfe")
    stray = {"blank": "\n", "log": "INFO ready\n", "prompt": "> \n", "ansi": "\x1b[2J\n", "json": '{"level": "info"}\n'}
    if "stray" in FAULTS:
        write(stray[FAULTS["stray"]].encode())
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        message = parse(line)
        if "echoes" in FAULTS:
            write(line)
            continue
        if message is ...:
            write(text_of(refuse(None, -32700, "this is no JSON")) + b"\n")
            continue
        wrong = go_wrong(message)
        state = LOST.read_text() if LOST.exists() and not BEGUN.is_set() else ""
        if state == "dies":
            print("it cannot start", file=sys.stderr, flush=True)
            sys.exit(3)
        if "hangs" in (wrong, state):
            time.sleep(600)
        if "stumbles" in FAULTS and not BEGUN.is_set():
            count = FOLDER / "starts"
            with count.open("a") as file:
                file.write("x")
            if len(count.read_text()) == int(FAULTS["stumbles"]):
                print("no port is free", file=sys.stderr, flush=True)
                sys.exit(6)
        if wrong is not None:
            print(f"it {wrong} at {moment_of(message)}", file=sys.stderr, flush=True)
            sys.exit(5)
        if "fades" in FAULTS and isinstance(message, dict) and message.get("method") == "notifications/initialized":
            threading.Timer(float(FAULTS["fades"]), fade).start()
        response = answer(message)
        if response is not None:
            end = b"\r\n" if "crlf" in FAULTS else b"\n"
            data = text_of(response)
            if "pretty" in FAULTS and "tools" in str(response.get("result", "")):
                data = json.dumps(response, indent=2).encode()
            write(data + end)
    if "stays" in FAULTS:
        time.sleep(600)
    time.sleep(float(FAULTS.get("ends-after", 0)))


def fade():
    print("it fades", file=sys.stderr, flush=True)
    os._exit(7)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", kind=None, **headers):
        self.send_response(status)
        if kind:
            self.send_header("content-type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(405)

    def do_DELETE(self):
        SESSIONS.pop(self.headers.get("mcp-session-id"), None)
        self.reply(204)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if "answers" in FAULTS:
            return self.answer_strangely(FAULTS["answers"])
        state = LOST.read_text() if LOST.exists() else ""
        if state == "fails":
            return self.reply(503, b"upstream connect error", "text/plain")
        if state == "hangs":
            time.sleep(600)
        if state == "turns-away":
            return self.reply(429, b"too many requests", "text/plain")
        if state == "heads":
            return self.head_alone()
        message = parse(body)
        if message is ...:
            return self.json(400, refuse(None, -32700, "this is no JSON"))
        first = isinstance(message, dict) and message.get("method") == "initialize"
        session = self.headers.get("mcp-session-id")
        if not first and session not in SESSIONS:
            return self.reply(404 if session else 400)
        wrong = go_wrong(message)
        if wrong == "trips":
            return self.reply(500, b"it tripped", "text/plain")
        if wrong == "fails":
            return self.reply(503, b"upstream connect error", "text/plain")
        if wrong == "hangs":
            time.sleep(600)
        if wrong == "dies":
            os._exit(5)
        if wrong == "restarts":
            restart()
        if wrong == "replaced":
            # As if a worker had died, and another one without its sessions took its place at once.
            SESSIONS.clear()
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        if wrong == "turns-away":
            return self.reply(429, b"too many requests", "text/plain")
        if wrong == "heads":
            return self.head_alone()
        if wrong in ("forgets", "keeps-forgetting"):
            SESSIONS.clear()
            return self.reply(404)
        most = 1 if "alone" in FAULTS else int(FAULTS.get("most", 1000))
        if first and len(SESSIONS) >= most:
            return self.json(400, refuse(message.get("id"), -32600, "Server already initialized"))
        response = answer(message)
        if response is None:
            return self.reply(202)
        headers = {}
        if first and "result" in response:
            name = os.urandom(16).hex()
            SESSIONS[name] = True
            headers["mcp_session_id"] = name
        self.json(200, response, **headers)

    def json(self, status, message, **headers):
        mark = b"\xef\xbb\xbf" if FAULTS.get("writes") == "mark" else b""
        self.reply(status, mark + text_of(message), "application/json", **headers)

    def head_alone(self):
        """Begins a stream that carries nothing."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.flush()
        time.sleep(600)

    def answer_strangely(self, how):
        if how == "static":
            return self.json(200, initialize(1, {}), mcp_session_id="static")
        if how == "ok":
            return self.json(200, {"jsonrpc": "2.0", "id": 1, "result": {"ok": True}})
        if how == "html":
            return self.reply(200, b"<html>Welcome</html>", "text/html")
        if how == "json":
            return self.reply(200, b'{"ok": true}', "application/json")
        if how == "empty":
            return self.reply(200, b"", "application/json")
        if how == "stream":
            return self.reply(200, b": hello\n\n", "text/event-stream")
        if how == "redirect":
            return self.reply(307, location="https://example.com/mcp")
        self.reply(int(how))


class Listener(ThreadingTCPServer):
    """Unlike the HTTP server of the library, it looks up no name."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


def restart():
    """Becomes a new process that listens on the same port a moment later."""
    os.environ["PORT"] = str(PORT)
    os.execv(sys.executable, [sys.executable, "-S", *sys.argv])


def listen():
    global PORT
    again = os.environ.get("PORT")
    if again:
        time.sleep(0.3)
    listener = Listener(("127.0.0.1", int(again or 0)), Handler)
    PORT = listener.server_address[1]
    address = FOLDER / "address.new"
    address.write_text(f"http://127.0.0.1:{PORT}/mcp")
    address.rename(FOLDER / "address")
    listener.serve_forever(poll_interval=0.05)


def follow_parent():
    """Ends with the test that holds the other end of standard input."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    if TRANSPORT == "stdio":
        stdio()
    else:
        threading.Thread(target=follow_parent, daemon=True).start()
        listen()
