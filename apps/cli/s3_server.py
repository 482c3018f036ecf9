"""A real S3 server (moto) on loopback for tests, behind a proxy that keeps to S3's contract, checks every signature and
injects faults.

The proxy lets one conditional write through at a time, which the server behind it does not promise by itself, and
refuses a request whose signature botocore would not make.
"""

import hashlib
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCESS_KEY = "AKIAORRERYTEST00EXAMPLE"
SECRET_KEY = "Sk/orrery+test/secret0example0secret0key"
TOKEN = "token+of/orrery==for0tests0only"
REGION = "eu-central-1"
DRIP_SECONDS = 0.02


@dataclass
class Asked:
    """A request, and how it ended."""

    method: str
    path: str  # /BUCKET/KEY
    query: dict[str, str]
    headers: dict[str, str]
    status: int = 0
    sent: int = 0  # bytes of the answer's body
    fault: str = ""

    @property
    def is_commit(self) -> bool:
        return self.method == "PUT" and self.path.endswith(".json") and "if-none-match" in self.headers


@dataclass
class Fault:
    """What befalls requests that fit, as often as `times` says. The kinds are the `fault_…` of the proxy."""

    kind: str
    fits: Callable[[Asked], bool]
    times: int = 1


@dataclass
class Store:
    """A server's address, what was asked of it, and the faults to come."""

    address: str = ""
    log: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)  # of requests that S3 would refuse

    def environment(self, **more: str) -> dict[str, str]:
        """The variables by which a program reaches the store."""
        variables = {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_SESSION_TOKEN": TOKEN,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return {**variables, **more}

    def clear(self) -> None:
        self.log.clear()
        self.faults.clear()

    def take_fault(self, asked: Asked) -> str:
        for fault in self.faults:
            if fault.times > 0 and fault.fits(asked):
                fault.times -= 1
                return fault.kind
        return ""


def signature_problem(asked: Asked, host: str, target: str, body: bytes) -> str:
    """Says what is wrong with a signature; "" for nothing."""
    words = dict(part.strip().split("=", 1) for part in asked.headers["authorization"].split(" ", 1)[1].split(","))
    names = words["SignedHeaders"].split(";")
    request = AWSRequest(method=asked.method, url=f"http://{host}{target}", data=body)
    for name in names:
        request.headers[name] = asked.headers[name]
    request.context["timestamp"] = asked.headers["x-amz-date"]
    auth = S3SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY, TOKEN), "s3", REGION)
    expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    digest = asked.headers["x-amz-content-sha256"]
    is_hex = len(digest) == 64 and set(digest) <= set("0123456789abcdef")
    if is_hex and digest != hashlib.sha256(body).hexdigest():
        return "the body is not the one that was signed"
    if "x-amz-security-token" not in names:
        return "the token is not signed"
    return "" if words["Signature"] == expected else f"the signature of {names} is wrong"


class Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, store: Store, port: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.store, self.port = store, port
        self.lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    """Hands one request on, or does to it what a fault says."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def handle_any(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers)
        body = self.read_body(headers)
        store = self.server.store
        if "authorization" in headers and (problem := signature_problem(asked, self.headers["Host"], self.path, body)):
            store.complaints.append(f"{asked.method} {asked.path}: {problem}")
            self.answer(403, error_xml("SignatureDoesNotMatch", problem))
            return
        with self.server.lock:
            asked.fault = store.take_fault(asked)
            store.log.append(asked)
        getattr(self, f"fault_{asked.fault or 'none'}")(asked, body)

    def read_body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def do_GET(self) -> None:
        self.handle_any()

    def do_HEAD(self) -> None:
        self.handle_any()

    def do_PUT(self) -> None:
        self.handle_any()

    def do_POST(self) -> None:
        self.handle_any()

    def do_DELETE(self) -> None:
        self.handle_any()

    def forward(self, asked: Asked, body: bytes, drop: tuple[str, ...] = ()) -> tuple[int, dict[str, str], bytes]:
        """Asks the server behind; conditional writes one at a time."""
        if "if-none-match" in asked.headers and "if-none-match" not in drop:
            with self.server.lock:
                return self.exchange(asked, body, drop)
        return self.exchange(asked, body, drop)

    def exchange(self, asked: Asked, body: bytes, drop: tuple[str, ...]) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        dropped = ("connection", "expect", "transfer-encoding", *drop)
        headers = {name: value for name, value in asked.headers.items() if name not in dropped}
        connection.request(asked.method, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        asked.status = answer.status
        return answer.status, dict(answer.getheaders()), content

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            if name.lower() not in ("connection", "date", "server", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        length = {name.lower(): value for name, value in (headers or {}).items()}.get("content-length")
        self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def begin_answer(self, asked: Asked, body: bytes) -> bytes:
        """Sends the head of the server's answer and returns the body that should follow."""
        status, headers, content = self.forward(asked, body)
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("connection", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        self.end_headers()
        return content

    def fault_none(self, asked: Asked, body: bytes) -> None:
        status, headers, content = self.forward(asked, body)
        asked.sent = len(content)
        self.answer(status, content, headers)

    def fault_internal_error(self, asked: Asked, _body: bytes) -> None:
        asked.status = 500
        self.answer(500, error_xml("InternalError", "We encountered an internal error. Please try again."))

    def fault_slow_down(self, asked: Asked, _body: bytes) -> None:
        asked.status = 503
        self.answer(503, error_xml("SlowDown", "Please reduce your request rate."), {"Retry-After": "1"})

    def fault_slow(self, asked: Asked, body: bytes) -> None:
        content = self.begin_answer(asked, body)
        step = max(1, len(content) // 10)
        for start in range(0, 0 if self.command == "HEAD" else len(content), step):
            self.wfile.write(content[start : start + step])
            self.wfile.flush()
            time.sleep(DRIP_SECONDS)

    def fault_cut(self, asked: Asked, body: bytes) -> None:
        """Half of the answer's body, and an end."""
        content = self.begin_answer(asked, body)
        self.wfile.write(content[: len(content) // 2])
        self.close_connection = True

    def fault_lost_answer(self, asked: Asked, body: bytes) -> None:
        """The server does what was asked, and the answer is lost."""
        self.forward(asked, body)
        self.close_connection = True

    def fault_lost_request(self, _asked: Asked, _body: bytes) -> None:
        self.close_connection = True

    def fault_late_conflict(self, asked: Asked, body: bytes) -> None:
        """Stored, and then refused as if it were somebody else's: what a retry inside the network looks like."""
        self.forward(asked, body)
        asked.status = 412
        self.answer(412, error_xml("PreconditionFailed", "At least one of the pre-conditions did not hold"))

    def fault_no_conditions(self, asked: Asked, body: bytes) -> None:
        """A server that passes over If-None-Match."""
        status, headers, content = self.forward(asked, body, ("if-none-match",))
        self.answer(status, content, headers)

    def fault_denied(self, asked: Asked, _body: bytes) -> None:
        """Repeats what was sent, keys and all, as careless servers do."""
        asked.status = 403
        self.answer(403, error_xml("AccessDenied", f"no access with {ACCESS_KEY} {SECRET_KEY} {TOKEN}"))


def error_xml(code: str, message: str) -> bytes:
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    )


def wait_for_server(process: subprocess.Popen[str]) -> int:
    """Reads the port that the server took from its words."""
    assert process.stdout is not None
    for line in process.stdout:
        if "Running on http://127.0.0.1:" in line:
            return int(line.split("127.0.0.1:")[1].split()[0].strip("\x1b[0m"))
    raise RuntimeError("moto_server did not start")


@contextmanager
def s3_store() -> Iterator[Store]:
    """A server with nothing in it, which ends with the block."""
    command = [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "NO_COLOR": "1"}
    )
    try:
        port = wait_for_server(server)
        threading.Thread(target=lambda: server.stdout and server.stdout.read(), daemon=True).start()
        store = Store()
        proxy = Proxy(store, port)
        store.address = f"http://127.0.0.1:{proxy.server_port}"
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield store
        proxy.shutdown()
        proxy.server_close()
    finally:
        server.terminate()
        server.wait()


def make_bucket(store: Store, name: str) -> None:
    connection = http.client.HTTPConnection(store.address.removeprefix("http://"))
    place = f"<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    connection.request("PUT", f"/{name}", place)
    answer = connection.getresponse()
    assert answer.status == 200, json.dumps({"status": answer.status, "said": answer.read().decode()})
    connection.close()
