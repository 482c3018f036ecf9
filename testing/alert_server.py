"""Takes alerts on loopback as chats, services and mail servers do, with a fault where one is asked for.

HTTP: `POST /FAULT/any/path`; `GET /log` returns all that came, as JSON. Mail: the fault is the name of the recipient,
`FAULT@desk.example`; plain, or with TLS where a test gives a certificate. FAULT is `none`, `server_error`, `refused` or `stall`. The first line on standard output is a JSON
object with both ports; the server ends with the process that started it.

usage: alert_server.py
"""

import base64
import email
import email.policy
import json
import os
import socketserver
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STALL_SECONDS = 60.0


class AlertServer:
    """Both servers; `received` is what came, in order: of HTTP path, headers and body, of mail the envelope and texts.

    With a certificate (PEM with its key) mail is taken by STARTTLS, or with TLS from the first byte; `signed_in` has whoever
    told a password."""

    def __init__(self, certificate: Path | None = None, tls_at_once: bool = False) -> None:
        self.received: list[dict] = []
        self.signed_in: list[str] = []
        self.tls_at_once = tls_at_once
        self.tls: ssl.SSLContext | None = None
        if certificate is not None:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), type("Posts", (Posts,), {"owner": self}))
        self.mail = socketserver.ThreadingTCPServer(("127.0.0.1", 0), type("Mails", (Mails,), {"owner": self}))
        for server in (self.http, self.mail):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()

    @property
    def http_port(self) -> int:
        return self.http.server_address[1]

    @property
    def mail_port(self) -> int:
        return self.mail.server_address[1]

    def close(self) -> None:
        for server in (self.http, self.mail):
            server.shutdown()
            server.server_close()


class Posts(BaseHTTPRequestHandler):
    owner: AlertServer

    def do_GET(self) -> None:
        self.answer(200, json.dumps(self.owner.received))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fault = self.path.split("/")[1]
        if fault == "stall":
            time.sleep(STALL_SECONDS)
        if fault == "server_error":
            return self.answer(503, "busy")
        if fault == "refused":
            return self.answer(403, f"invalid: {self.path} {self.headers.get('Authorization')}")
        seen = {"kind": "http", "path": self.path, "headers": dict(self.headers), "body": json.loads(body)}
        self.owner.received.append(seen)
        return self.answer(200, '{"ok": true}')

    def answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


class Mails(socketserver.StreamRequestHandler):
    """As much of RFC 5321 and 4954 as a client needs that signs in and hands over one mail after the other."""

    owner: AlertServer

    def handle(self) -> None:
        try:
            if self.owner.tls_at_once:
                self.encrypt()
            self.converse()
        except (ssl.SSLError, ConnectionError):
            pass  # the client has refused the certificate

    def encrypt(self) -> None:
        self.request = self.owner.tls.wrap_socket(self.request, server_side=True)
        self.setup()

    @property
    def encrypted_by(self) -> str:
        return self.request.version() if isinstance(self.request, ssl.SSLSocket) else ""

    def converse(self) -> None:
        self.say("220 desk.example ready")
        seen = {"kind": "mail", "from": "", "to": [], "user": "", "tls": self.encrypted_by}
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            verb = line.split()[0].upper()
            if verb == "EHLO":
                offered = ["250-STARTTLS"] if self.owner.tls and not self.encrypted_by else []
                self.say("250-desk.example", *offered, "250-AUTH PLAIN", "250 8BITMIME")
            elif verb == "STARTTLS":
                self.say("220 go on")
                self.encrypt()
                seen["tls"] = self.encrypted_by
            elif verb == "AUTH":
                seen["user"] = self.signed_in(line)
            elif verb == "MAIL":
                seen["from"] = line
                self.say("250 ok")
            elif verb == "RCPT":
                self.recipient(line, seen)
            elif verb == "DATA":
                self.say("354 go on")
                self.take(seen)
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def signed_in(self, line: str) -> str:
        packed = line.split()[2] if len(line.split()) > 2 else self.asked()
        _, user, password = base64.b64decode(packed).decode().split("\0")
        self.owner.signed_in.append(f"{user}:{password}")
        self.say("535 wrong password" if password == "wrong" else "235 welcome")
        return f"{user}:{password}"

    def asked(self) -> str:
        self.say("334 ")
        return self.rfile.readline().decode().strip()

    def recipient(self, line: str, seen: dict) -> None:
        fault = line.split("<")[1].split("@")[0]
        if fault == "stall":
            time.sleep(STALL_SECONDS)
        if fault == "server_error":
            return self.say("451 later")
        if fault == "refused":
            return self.say("550 nobody of that name")
        seen["to"].append(line)
        return self.say("250 ok")

    def take(self, seen: dict) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        headers = [name for name, _ in mail.items()]
        found = {"subject": mail["Subject"], "text": mail.get_content(), "headers": headers, "id": mail["Message-ID"]}
        self.owner.received.append({**seen, **found, "to": list(seen["to"]), "date": mail["Date"]})
        seen["to"] = []
        self.say("250 taken")

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


def main() -> None:
    parent = os.getppid()
    server = AlertServer()
    print(json.dumps({"http": server.http_port, "mail": server.mail_port}), flush=True)
    while os.getppid() == parent:
        time.sleep(0.5)


if __name__ == "__main__":
    main()
