"""Schemathesis: requests made from the OpenAPI document, right and wrong ones, and answers held against it.

It runs as a program of its own. The seed is fixed: the same document makes the same requests.
"""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from program import at_home, done
from server_fixture import ROUND, Server, serving, write_runs

ISSUER = "https://login.example"
EXAMPLES = 10
"""Random requests of each operation and kind; those that the limits of a schema ask for come besides."""
FEATURES = """data: {path: market/ohlcv.parquet}
views: {momentum: {features: {r5: "$close/Ref($close,5)-1"}}}
"""
SETTINGS = f"""features: features.yaml
lake: lake
access:
  issuers: [{{issuer: '{ISSUER}', keys: {{test: test.pem}}}}]
  requests: {{per_second: 1000000, burst: 1000000}}
  refusals: {{per_second: 1000000, burst: 1000000}}
"""
# Half of the requests name what there is: else nearly all of them end with 404.
KNOWN = {
    "path.run": ["first", "second"],
    "query.run": ["first", "second"],
    "path.symbol": ["SIM00001", "SIM00002", "SIM00003"],
    "query.symbols": ["SIM00001,SIM00002"],
    "query.factor": ["r5"],
    "path.account": ["paper"],
    "path.model": ["small", "small@2"],
    "query.model": ["small"],
    "path.date": [ROUND, "2020-03-04"],
    "path.step": ["look", "fall"],
    "path.number": [1],
}
# What may become of a request that is as the document says: 431, since parameters that are each as long as they may be are
# together, with %XX, more than a request's head may have; 413, since a study in escapes is more than a body may have.
ACCEPTED = ["2xx", "3xx", 401, 403, 404, 409, 429, 413, 431, "5xx"]
# And of one that is not: too large is told before it is looked at.
REJECTED = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, 431, "5xx"]
# What no schema can say: a model or a run but not both, days that the prices have, the version where there are several, a text that is a
# study. No text that is made at random is one, so no study is started.
REFUSED_FOR_WHAT_THEY_SAY = ["createPredictions", "getDrift", "promoteModel", "startStudy"]


def bearer(folder: Path) -> str:
    """A JWT of an administrator: unlike an API token it outlives an operation that revokes tokens."""
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / "test.pem").write_bytes(public)
    claims = {"iss": ISSUER, "aud": "orrery", "sub": "ann", "role": "admin", "jti": "1", "exp": int(time.time()) + 3600}

    def encoded(part: bytes) -> str:
        return base64.urlsafe_b64encode(part).rstrip(b"=").decode()

    head = encoded(json.dumps({"alg": "EdDSA", "kid": "test", "typ": "JWT"}).encode())
    signed = f"{head}.{encoded(json.dumps(claims).encode())}"
    return f"{signed}.{encoded(key.sign(signed.encode()))}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schemathesis")


@pytest.fixture(scope="module")
def guarded(folder: Path) -> Iterator[tuple[Server, str]]:
    """A server and a credential for it."""
    token = bearer(folder)
    with at_home(folder):
        data = write_runs(folder)
        (folder / "features.yaml").write_text(FEATURES)
        done("feature", "materialize", str(folder / "features.yaml"))
        for run in ("first", "second"):
            done("models", "add", str(data / run), "--name", "small")
        done("import", "prices", str(folder / "market/ohlcv.parquet"), "--lake", str(folder / "lake"))
        (folder / "server.yaml").write_text(SETTINGS)
        with serving(data, "--config", str(folder / "server.yaml")) as server:
            yield server, token


def settings_of(token: str) -> str:
    """What schemathesis.toml says. All checks are made of all operations."""
    known = {key.replace(".", "_"): values for key, values in KNOWN.items()}
    dictionaries = "".join(f"[dictionaries.{name}]\nvalues = {json.dumps(values)}\n" for name, values in known.items())
    bound = "".join(f'"{key}" = {{dictionary = "{key.replace(".", "_")}", probability = 0.5}}\n' for key in KNOWN)
    return f"""seed = 5
workers = 1
continue-on-failure = true
[auth.openapi.bearer]
bearer = "{token}"
[generation]
max-examples = {EXAMPLES}
database = "none"
no-shrink = true
[checks]
enabled = true
positive_data_acceptance.expected-statuses = {json.dumps(ACCEPTED)}
negative_data_rejection.expected-statuses = {json.dumps(REJECTED)}
[parameters]
{bound}
{dictionaries}
[[operations]]
include-operation-id = {json.dumps(REFUSED_FOR_WHAT_THEY_SAY)}
checks.positive_data_acceptance.expected-statuses = {json.dumps([*ACCEPTED, 400, 422])}
"""


def test_the_server_does_what_the_document_says(folder: Path, guarded: tuple[Server, str]) -> None:
    server, token = guarded
    (folder / "schemathesis.toml").write_text(settings_of(token))
    report = folder / "report.json"
    answer = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run",
         f"{server.url}/api/v1/openapi.json", "--report", "json", "--report-json-path", str(report), "--no-color"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
    told = json.loads(report.read_text())
    assert told["complete"]
    assert told["operations"]["tested"] == told["operations"]["total"] > 50
    assert told["test_cases"]["generated"] > 2000
    assert server.ask("GET", "/api/v1/me", token=token).json()["role"] == "admin"
    assert server.ask("GET", "/api/v1/jobs", token=token).json()["items"] == []
