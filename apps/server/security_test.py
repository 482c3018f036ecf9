"""Who may do what through `orrery serve`, and what bad peers can't."""

import base64
import hashlib
import hmac
import json
import os
import resource
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from program import at_home, orrery
from server_fixture import ROLES, Server, children_of, serving, wait_until, write_runs

EVERYBODY = set(ROLES)
RESEARCH = {"researcher", "admin"}
TRADING = {"trader", "risk_officer", "admin"}
RISK = {"risk_officer", "admin"}
ADMINISTRATION = {"admin"}
OPEN = {"getHealth", "getReadiness", "getOpenApi", "getGuide", "createSession"}
# Everything that is not open to every role, and to whom; written down here a second time on purpose.
RESTRICTED = {
    "tagRun": RESEARCH, "startStudy": RESEARCH, "cancelJob": RESEARCH, "getJobLog": RESEARCH,
    "promoteModel": RESEARCH, "rollbackModel": RESEARCH, "retireModel": RESEARCH,
    "pauseAccount": TRADING, "resumeAccount": TRADING, "flattenAccount": TRADING, "confirmAccount": RISK,
    "getStepLog": RESEARCH, "acknowledgeAlert": RESEARCH | TRADING,
    "listTokens": ADMINISTRATION, "createToken": ADMINISTRATION, "revokeToken": ADMINISTRATION,
}  # fmt: skip
ISSUER = "https://login.example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("guarded")
    with at_home(folder):
        write_runs(folder)
        yield folder


@pytest.fixture(scope="module")
def keys() -> dict:
    return {"ed": ed25519.Ed25519PrivateKey.generate(), "rsa": rsa.generate_private_key(65537, 2048)}


@pytest.fixture(scope="module")
def server(folder: Path, keys: dict) -> Iterator[Server]:
    for name, key in keys.items():
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (folder / f"{name}.pem").write_bytes(public)
    config = folder / "server.yaml"
    config.write_text(
        f"access:\n  issuers: [{{issuer: '{ISSUER}', keys: {{ed: ed.pem, rsa: rsa.pem}}}}]\n"
        "  origins: ['https://desk.example']\n  requests: {per_second: 100000, burst: 100000}\n"
        "  refusals: {per_second: 100000, burst: 100000}\n"
    )
    with serving(folder / "data", "--config", str(config)) as server:
        yield server


def encoded(part: bytes | dict) -> str:
    raw = json.dumps(part).encode() if isinstance(part, dict) else part
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changes) -> dict:
    now = int(time.time())
    all_claims = {
        "iss": ISSUER,
        "aud": "orrery",
        "sub": "ann",
        "role": "viewer",
        "jti": "1",
        "iat": now,
        "exp": now + 600,
    }
    all_claims.update(changes)
    return {name: value for name, value in all_claims.items() if value is not None}


def token(keys: dict, kid: str, body: dict, alg: str | None = None, signed_by: object = None) -> str:
    key = signed_by or keys[kid]
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    text = f"{encoded({'alg': alg or ('RS256' if is_rsa else 'EdDSA'), 'kid': kid, 'typ': 'JWT'})}.{encoded(body)}"
    raw = text.encode()
    signature = key.sign(raw, padding.PKCS1v15(), hashes.SHA256()) if is_rsa else key.sign(raw)
    return f"{text}.{encoded(signature)}"


def test_good_jwts(server: Server, keys: dict) -> None:
    for kid in keys:
        answer = server.ask("GET", "/api/v1/me", token=token(keys, kid, claims(role="trader", aud=["x", "orrery"])))
        assert answer.status_code == 200, answer.text
        assert (answer.json()["name"], answer.json()["role"]) == ("ann", "trader")


def test_bad_jwts_are_nobody(server: Server, keys: dict) -> None:
    good = token(keys, "ed", claims())
    head, body, signature = good.split(".")
    public = (
        keys["rsa"]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    confused_text = f"{encoded({'alg': 'HS256', 'kid': 'rsa'})}.{encoded(claims())}"
    confused = f"{confused_text}.{encoded(hmac.new(public, confused_text.encode(), hashlib.sha256).digest())}"
    other = ed25519.Ed25519PrivateKey.generate()
    bad = {
        "expired": token(keys, "ed", claims(exp=int(time.time()) - 1)),
        "not begun": token(keys, "ed", claims(nbf=int(time.time()) + 600)),
        "no end": token(keys, "ed", claims(exp=None)),
        "none": f"{encoded({'alg': 'none', 'kid': 'ed'})}.{body}.",
        "none, signed": f"{encoded({'alg': 'none', 'kid': 'ed'})}.{body}.{signature}",
        "other key": token(keys, "ed", claims(), signed_by=other),
        "unknown kid": good.replace(head, encoded({"alg": "EdDSA", "kid": "nobody"})),
        "other algorithm": token(keys, "ed", claims(), alg="RS256", signed_by=keys["rsa"]),
        "secret from the public key": confused,
        "changed": f"{head}.{encoded(claims(role='admin'))}.{signature}",
        "other issuer": token(keys, "ed", claims(iss="https://else.example")),
        "other audience": token(keys, "ed", claims(aud="else")),
        "no audience": token(keys, "ed", claims(aud=None)),
        "unknown role": token(keys, "ed", claims(role="root")),
        "no name": token(keys, "ed", claims(sub=None)),
        "no id": token(keys, "ed", claims(jti=None)),
        "four parts": good + ".x",
        "padded": good + "=",
        "empty": "..",
        "too long": "a" * 9000,
        "api token with one letter changed": server.token[:-1] + ("a" if server.token[-1] != "a" else "b"),
    }
    for name, text in bad.items():
        answer = server.ask("GET", "/api/v1/me", token=text)
        assert answer.status_code == 401, name
        assert answer.headers["WWW-Authenticate"].startswith("Bearer"), name


def test_routes_and_roles(server: Server) -> None:
    document = server.ask("GET", "/api/v1/openapi.json", token="").json()
    tokens = {role: server.new_token(role) for role in ROLES}
    seen = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            seen.add(name)
            where = path.format(
                run="none", account="none", symbol="X", date="2020-01-01", model="none", number="99999999", step="none"
            )
            # A body that no operation takes: who may is told by another refusal than 401 and 403.
            body = {"json": {"nothing": 1}} if method == "post" else {}
            anonymous = server.ask(method.upper(), where, token="", **body).status_code
            assert (anonymous == 401) == (name not in OPEN), (name, anonymous)
            for role, secret in tokens.items():
                if name in ("deleteSession",):
                    continue
                status = server.ask(method.upper(), where, token=secret, **body).status_code
                allowed = name in OPEN or role in RESTRICTED.get(name, EVERYBODY)
                assert (status == 403) == (not allowed), (name, role, status)
                assert status != 401, (name, role)
                assert status < 500, (name, role, status)
    assert seen >= set(RESTRICTED) | OPEN


def test_a_revoked_token_is_nobody_at_once(server: Server) -> None:
    secret = server.new_token("trader")
    assert server.ask("GET", "/api/v1/me", token=secret).status_code == 200
    number = max(one["number"] for one in server.get("/tokens")["items"])
    assert server.ask("DELETE", f"/api/v1/tokens/{number}").status_code == 204
    assert server.ask("GET", "/api/v1/me", token=secret).status_code == 401
    assert server.ask("DELETE", f"/api/v1/tokens/{number}").status_code == 409


def test_a_browsers_session(server: Server) -> None:
    browser = requests.Session()
    assert browser.post(server.url + "/api/v1/session", json={"token": "orrery_" + "a" * 43}).status_code == 401
    opened = browser.post(server.url + "/api/v1/session", json={"token": server.token})
    assert opened.status_code == 201
    cookie = opened.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    me = browser.get(server.url + "/api/v1/me").json()
    assert me["csrf"]
    body = {"name": "by page", "role": "viewer", "days": 1}
    assert browser.post(server.url + "/api/v1/tokens", json=body).status_code == 403
    wrong = browser.post(server.url + "/api/v1/tokens", json=body, headers={"X-CSRF-Token": "x"})
    assert wrong.status_code == 403
    right = browser.post(server.url + "/api/v1/tokens", json=body, headers={"X-CSRF-Token": me["csrf"]})
    assert right.status_code == 201
    copied = browser.cookies["orrery_session"]
    assert server.ask("GET", "/api/v1/me", token=copied).status_code == 401  # good in its cookie alone
    assert browser.delete(server.url + "/api/v1/session", headers={"X-CSRF-Token": me["csrf"]}).status_code == 204
    again = requests.get(server.url + "/api/v1/me", cookies={"orrery_session": copied})
    assert again.status_code == 401


def test_other_sites(server: Server) -> None:
    known = server.ask("GET", "/api/v1/me", headers={"Origin": "https://desk.example"})
    assert known.headers["Access-Control-Allow-Origin"] == "https://desk.example"
    unknown = server.ask("GET", "/api/v1/me", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in unknown.headers
    asked = server.ask("OPTIONS", "/api/v1/runs", token="", headers={"Origin": "https://desk.example"})
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Methods"] == "GET"
    for header, value in {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}.items():
        assert known.headers[header] == value


def test_changes_are_in_a_chained_trail(server: Server) -> None:
    server.ask("POST", "/api/v1/accounts/paper/pause")
    trail = server.data / ".server/audit.log"
    line = json.loads(trail.read_text().splitlines()[-1])
    assert (line["what"], line["who"], line["details"]) == ("pause account", "first admin", {"account": "paper"})
    checked = orrery("journal", "chain", str(trail))
    assert checked.returncode == 0, checked.stderr
    copy = server.data.parent / "trail.log"
    copy.write_text(trail.read_text().replace("pause account", "close account", 1))
    assert orrery("journal", "chain", str(copy)).returncode == 1


def test_secrets_are_for_their_owner(server: Server) -> None:
    state = server.data / ".server"
    for file in [state / "tokens.sqlite", *sorted((state / "keys").glob("*.pem"))]:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def exchange(server: Server, sent: bytes, wait: float = 5.0) -> bytes:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=wait) as peer:
        peer.sendall(sent)
        answer = b""
        try:
            while part := peer.recv(65536):
                answer += part
        except TimeoutError:
            pass
        return answer


def test_what_is_no_request(server: Server) -> None:
    assert exchange(server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert exchange(server, b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431")
    large = b"POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"
    assert exchange(server, large).startswith(b"HTTP/1.1 413")
    twice = b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert exchange(server, twice).startswith(b"HTTP/1.1 400")
    assert server.ask("GET", "/healthz").status_code == 200


def test_half_closed_and_idle_peers(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    idle = [socket.create_connection((host, int(port))) for _ in range(300)]
    half = socket.create_connection((host, int(port)))
    half.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    half.shutdown(socket.SHUT_WR)
    half.settimeout(5)
    answer = b""
    while part := half.recv(65536):
        answer += part
    assert answer.startswith(b"HTTP/1.1 200")
    assert server.ask("GET", "/healthz").status_code == 200
    for peer in idle:
        peer.close()


def test_ten_thousand_idle_connections(server: Server) -> None:
    idle_connections, spare = 10_000, 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < idle_connections + spare:
        pytest.skip(f"skipped, no process here may open more than {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    host, port = server.url.removeprefix("http://").split(":")
    idle: list[socket.socket] = []
    try:
        for _ in range(idle_connections):
            idle.append(socket.create_connection((host, int(port)), timeout=10))

        def connections() -> float:
            text = server.ask("GET", "/metrics").text
            return float(next(line for line in text.splitlines() if line.startswith("orrery_connections ")).split()[1])

        wait_until(lambda: connections() >= idle_connections)
        began = time.monotonic()
        assert server.ask("GET", "/healthz").status_code == 200
        assert time.monotonic() - began < 2
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        resident = int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])
        assert resident < 400 * 1024, "kilobytes"
    finally:
        for peer in idle:
            peer.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    wait_until(lambda: connections() < 100)


def test_too_many_attempts(folder: Path) -> None:
    config = folder / "strict.yaml"
    config.write_text(
        "access: {refusals: {per_second: 0.01, burst: 3}, requests: {per_second: 1, burst: 20}}\n"
        f"state: {folder}/strict\n"
    )
    with serving(folder / "data", "--config", str(config)) as server:
        statuses = [server.ask("GET", "/api/v1/me", token="orrery_x").status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        assert server.ask("GET", "/api/v1/me").status_code == 429  # from that address nobody new is let in
        waits = server.ask("GET", "/api/v1/me", token="orrery_x").headers["Retry-After"]
        assert int(waits) > 10
    with serving(folder / "data", "--config", str(config)) as server:
        server.token = ""
        statuses = [server.ask("GET", "/healthz").status_code for _ in range(25)]
        assert statuses[:20] == [200] * 20
        assert statuses[-1] == 429


def test_what_was_answered_outlives_a_kill(folder: Path) -> None:
    config = folder / "killed.yaml"
    config.write_text(f"state: {folder}/killed\n")
    first = Server(folder / "data", "--config", str(config))
    secrets = []
    try:
        secrets = [first.new_token("viewer") for _ in range(5)]
        assert first.ask("POST", "/api/v1/accounts/paper/resume").status_code == 202
    finally:
        first.stop(signal.SIGKILL)
    with serving(folder / "data", "--config", str(config)) as second:
        assert second.token == ""
        for secret in [*secrets, first.token]:
            assert second.ask("GET", "/api/v1/me", token=secret).status_code == 200
        assert "resume" in second.ask("GET", "/api/v1/accounts/paper", token=first.token).json()["waiting"]
        trail = (folder / "killed/audit.log").read_text()
        assert trail.count('"create token"') == 5
        assert orrery("journal", "chain", str(folder / "killed/audit.log")).returncode == 0
        # A second server of the same state would write into the same trail.
        refused = orrery("serve", "--data", str(folder / "data"), "--config", str(config), "--port", "0")
        assert refused.returncode == 1
        assert "another server" in refused.stderr


def test_reload_and_an_orderly_end(folder: Path) -> None:
    config = folder / "reloaded.yaml"
    config.write_text(f"state: {folder}/reloaded\n")
    server = Server(folder / "data", "--config", str(config))
    try:
        browser = requests.Session()
        browser.post(server.url + "/api/v1/session", json={"token": server.token})
        key = ed25519.Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        newest = folder / "reloaded/keys/99999999999999999999.pem"
        newest.write_bytes(key)
        os.kill(server.process.pid, signal.SIGHUP)
        wait_until(lambda: '"reloaded"' in (folder / "reloaded/server.log").read_text())
        assert browser.get(server.url + "/api/v1/me").status_code == 200  # the old key's sessions stay good
        fresh = requests.Session()
        cookie = fresh.post(server.url + "/api/v1/session", json={"token": server.token}).headers["Set-Cookie"]
        head = cookie.split("=", 1)[1].split(".", 1)[0]
        assert json.loads(base64.urlsafe_b64decode(head + "=="))["kid"] == "99999999999999999999"
        assert server.stop() == 0
    finally:
        server.stop(signal.SIGKILL)
    assert children_of(server.process.pid) == []
