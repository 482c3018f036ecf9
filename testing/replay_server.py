"""Answers on loopback as data services do, from recorded or hand-made answers, with a fault where one is asked for.

An address is `/CASE/FAULT/SERVICE/path?query`: FAULT is one of FAULTS or a name under "mutations" in SERVICE.json; CASE
is any word: faults that end with `_once` hit the first request of each path in a case. `/CASE/log` returns what was asked
in the case. SERVICE.json:

    {"routes": [{"path": "/v1/x", "query": {"page": "1"}, "body": {…} | "text": "…", "type": "text/csv",
                 "shared": "data/api_x/file.json", "at": "/response/body"}],
     "mutations": {"null_number": [{"route": 0, "at": "/rows/0/close", "value": null} | {"route": 0, "replace": ["a", "b"]}]}}

A route answers where its path and all of its query agree; `{base}` in a body is the service's own address; `shared` is
read below --shared, `at` is a JSON pointer into it, or `between` the two texts around the body. The first line on standard output is the address; the server ends
with the process that started it.

usage: replay_server.py FOLDER [--shared FOLDER] [--port N]
"""

import argparse
import copy
import gzip
import hashlib
import json
import os
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

FAULTS = (
    "none", "rate_limit_once", "rate_limit_plain_once", "rate_limit", "server_error_once", "server_error", "slow",
    "stall_once", "stall", "cut_once", "cut", "cut_resumable", "cut_unmarked", "gzip", "gzip_truncated_once",
    "gzip_truncated", "html", "empty", "half_text", "refused", "redirect_elsewhere", "redirect", "etag",
)  # fmt: skip
DRIP_SECONDS = 0.01
STALL_SECONDS = 3.0


def pointer_parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def at(document: object, pointer: str) -> object:
    """Returns the value that a JSON pointer names."""
    for part in pointer_parts(pointer):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def put(document: object, pointer: str, value: object) -> object:
    """Returns the document with another value at the pointer; without a "value" the place is taken away."""
    *parents, last = pointer_parts(pointer) or [""]
    if not pointer:
        return value
    place = document
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    key = int(last) if isinstance(place, list) and last != "-" else last
    if last == "-":
        place.append(value)
    else:
        place[key] = value
    return document


class Service:
    """The answers of one service."""

    def __init__(self, path: Path, shared: Path) -> None:
        self.shared = shared
        content = json.loads(path.read_text())
        self.routes = content["routes"]
        self.mutations = content.get("mutations", {})

    def find(self, path: str, query: dict[str, str]) -> int | None:
        for number, route in enumerate(self.routes):
            if route["path"] == path and all(query.get(key) == value for key, value in route.get("query", {}).items()):
                return number
        return None

    def body(self, number: int, mutation: str) -> str:
        route = self.routes[number]
        content = self.content(route)
        for change in self.mutations.get(mutation, []):
            if change["route"] != number:
                continue
            if "replace" in change:
                content = content.replace(*change["replace"])
            elif "rename" in change:
                text = json.dumps(content)
                content = json.loads(text.replace(*(f'"{name}":' for name in change["rename"])))
            else:
                content = put(content, change["at"], change["value"])
        return content if isinstance(content, str) else json.dumps(content)

    def content(self, route: dict) -> object:
        if "shared" in route:
            data = (self.shared / route["shared"]).read_bytes()
            text = (gzip.decompress(data) if route["shared"].endswith(".gz") else data).decode()
            if "between" in route:
                text = text.partition(route["between"][0])[2].partition(route["between"][1])[0]
            return at(json.loads(text), route["at"]) if "at" in route else text
        return route["text"] if "text" in route else copy.deepcopy(route["body"])


class Replay(ThreadingHTTPServer):
    """The server with what it remembers."""

    daemon_threads = True

    def __init__(self, port: int, folder: Path, shared: Path) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.folder, self.shared = folder, shared
        self.lock = threading.Lock()
        self.seen: Counter[tuple[str, str]] = Counter()
        self.log: dict[str, list[dict]] = {}

    def note(self, case: str, path: str, headers: dict[str, str]) -> bool:
        """Remembers a request; tells whether it is the first of its path in this case."""
        with self.lock:
            self.log.setdefault(case, []).append({"path": path, "headers": headers})
            self.seen[case, path] += 1
            return self.seen[case, path] == 1


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    server: Replay

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        words = parts.path.split("/", 4)
        if len(words) == 3 and words[2] == "log":
            self.answer(200, json.dumps(self.server.log.get(words[1], [])).encode())
            return
        _, case, fault, name = words[:4]
        path = "/" + (words[4] if len(words) > 4 else "")
        first = self.server.note(case, self.path, dict(self.headers))
        service = Service(self.server.folder / f"{name}.json", self.server.shared)
        number = service.find(path, dict(parse_qsl(parts.query)))
        if number is None:
            self.answer(404, json.dumps({"error": "there is no such thing here", "asked": self.path}).encode())
            return
        base = f"http://{self.headers['Host']}/{case}/{fault}/{name}"
        body = service.body(number, fault).replace("{base}", base).encode()
        kind = service.routes[number].get("type", "application/json")
        self.fail_or_answer(fault, first, body, kind)

    def fail_or_answer(self, fault: str, first: bool, body: bytes, kind: str) -> None:
        name = fault.removesuffix("_once")
        act = getattr(self, f"fault_{name}", None)
        if act is not None and (first or not fault.endswith("_once")):
            act(body, kind)
        else:
            self.answer(200, body, {"Content-Type": kind})

    def answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, length: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if length != 0:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = length is not None

    def fault_rate_limit(self, _body: bytes, _kind: str) -> None:
        self.answer(429, b"too many requests", {"Retry-After": "7"})

    def fault_rate_limit_plain(self, _body: bytes, _kind: str) -> None:
        self.answer(429, b"too many requests")

    def fault_server_error(self, _body: bytes, _kind: str) -> None:
        self.answer(500, b"<html>internal error</html>", {"Content-Type": "text/html"})

    def fault_slow(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        step = max(1, len(body) // 20)
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            self.wfile.flush()
            time.sleep(DRIP_SECONDS)

    def fault_stall(self, body: bytes, kind: str) -> None:
        self.answer(200, body[: len(body) // 2], {"Content-Type": kind}, length=len(body))
        self.wfile.flush()
        time.sleep(STALL_SECONDS)

    def fault_cut(self, body: bytes, kind: str) -> None:
        self.answer(200, body[: len(body) // 2], {"Content-Type": kind}, length=len(body))

    def fault_cut_unmarked(self, body: bytes, kind: str) -> None:
        self.answer(200, body[: len(body) // 2], {"Content-Type": kind, "Connection": "close"}, length=0)

    def fault_cut_resumable(self, body: bytes, kind: str) -> None:
        """Sends a third at a time; a request for a range goes on from there."""
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.headers["If-Range"] == tag else 0
        end = min(len(body), start + len(body) // 3 + 1)
        headers = {"Content-Type": kind, "ETag": tag, "Accept-Ranges": "bytes"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.answer(206 if start else 200, body[start:end], headers, length=len(body) - start)

    def fault_gzip(self, body: bytes, kind: str) -> None:
        self.answer(200, gzip.compress(body), {"Content-Type": kind, "Content-Encoding": "gzip"})

    def fault_gzip_truncated(self, body: bytes, kind: str) -> None:
        packed = gzip.compress(body)
        self.answer(200, packed[: len(packed) * 2 // 3], {"Content-Type": kind, "Content-Encoding": "gzip"})

    def fault_html(self, _body: bytes, _kind: str) -> None:
        self.answer(
            200, b"<!DOCTYPE html><html><body>Please accept cookies</body></html>", {"Content-Type": "text/html"}
        )

    def fault_empty(self, _body: bytes, kind: str) -> None:
        self.answer(200, b"", {"Content-Type": kind, "X-Empty": "yes"})

    def fault_half_text(self, body: bytes, kind: str) -> None:
        """Half of the text, marked as whole: only its form shows that something is missing."""
        self.answer(200, body[: len(body) // 2], {"Content-Type": kind})

    def fault_refused(self, _body: bytes, _kind: str) -> None:
        """Repeats what was asked, key and all, as careless services do."""
        self.answer(401, f"bad key in {self.path} {dict(self.headers)}".encode())

    def fault_redirect_elsewhere(self, _body: bytes, _kind: str) -> None:
        self.answer(302, b"", {"Location": f"http://localhost:{self.server.server_port}{self.path}"})

    def fault_redirect(self, _body: bytes, _kind: str) -> None:
        self.answer(302, b"", {"Location": self.path.replace("/redirect/", "/none/")})

    def fault_etag(self, body: bytes, kind: str) -> None:
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        if self.headers.get("If-None-Match") == tag:
            self.answer(304, b"")
        else:
            self.answer(200, body, {"Content-Type": kind, "ETag": tag})


def end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.05)
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    parent = os.getppid()  # before the address is told: who has read it may have ended a moment later
    server = Replay(arguments.port, arguments.folder, arguments.shared)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=end_with_parent, args=(parent,), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
