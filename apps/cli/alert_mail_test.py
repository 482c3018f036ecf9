"""Alerts by mail over TLS: a right certificate is taken, any other refused, and the password goes nowhere else."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alert_server import AlertServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from program import ENVIRONMENT, done, orrery

PASSWORD = "Zo3+quietly/kept"


class Authority:
    """Signs certificates; `bundle` is what those trust who trust it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.bundle = folder / f"{name}.pem"
        root = self.signed(self.name, self.key, x509.BasicConstraints(ca=True, path_length=0), days=30)
        self.bundle.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def signed(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType, days: int):
        begin = datetime.now(UTC) - timedelta(days=60)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + timedelta(days=60 + days))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self.key, hashes.SHA256())
        )

    def server(self, host: str, days: int = 30) -> Path:
        """A file with a certificate of this host and its key; ends after so many days, which may be past."""
        key = ec.generate_private_key(ec.SECP256R1())
        is_address = host[0].isdigit()
        name = x509.IPAddress(ipaddress.ip_address(host)) if is_address else x509.DNSName(host)
        made = self.signed(
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)]),
            key,
            x509.SubjectAlternativeName([name]),
            days,
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self.folder / f"{host}_{days}.pem"
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
        return file


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "desk")


@contextmanager
def mail_server(certificate: Path | None, security: str = "starttls") -> Iterator[AlertServer]:
    server = AlertServer(certificate, tls_at_once=security == "tls")
    yield server
    server.close()


def write_desk(folder: Path, server: AlertServer, security: str, bundle: Path | None) -> Path:
    trusted = f", certificates: {bundle}" if bundle else ""
    (folder / "daily.yaml").write_text(
        "name: daily\nalerts:\n  channels:\n    mail: {kind: email, level: info, settings: {host: 127.0.0.1, "
        f"port: {server.mail_port}, security: {security}, from: orrery@desk.example, to: none@desk.example, "
        f"user: ann{trusted}}}}}\nsteps: {{look: {{kind: command, arguments: [--version]}}}}\n"
    )
    return folder / "daily.yaml"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "SMTP_PASSWORD", PASSWORD)


def refusal(desk: Path) -> str:
    """What a test of the channels says, which has failed; the password is nowhere in it."""
    answer = orrery("alert", "test", str(desk))
    assert answer.returncode == 1
    assert PASSWORD not in answer.stdout + answer.stderr
    return answer.stdout


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_right_certificate_is_taken(tmp_path: Path, authority: Authority, security: str) -> None:
    with mail_server(authority.server("127.0.0.1"), security) as server:
        desk = write_desk(tmp_path, server, security, authority.bundle)
        assert "mail: sent" in done("alert", "test", str(desk))
        (mail,) = server.received
        assert mail["tls"] in ("TLSv1.2", "TLSv1.3")
        assert mail["user"] == f"ann:{PASSWORD}"
        assert mail["subject"].endswith("A test of this channel")


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("host", "days", "trusts", "said"),
    [
        ("127.0.0.1", 30, "the system", "certificate"),
        ("127.0.0.1", 30, "another", "certificate"),
        ("127.0.0.1", -1, "it", "expired"),
        ("mail.desk.example", 30, "it", "127.0.0.1"),
    ],
)
def test_a_wrong_certificate_is_refused(
    tmp_path: Path, authority: Authority, security: str, host: str, days: int, trusts: str, said: str
) -> None:
    bundle = {"the system": None, "another": Authority(tmp_path, "another").bundle, "it": authority.bundle}[trusts]
    with mail_server(authority.server(host, days), security) as server:
        told = refusal(write_desk(tmp_path, server, security, bundle))
        found, _, expected = told.partition("; expected ")
        assert said in found.partition("found ")[2], told
        assert f"a certificate of '127.0.0.1' that {bundle or 'this system'} trusts" in expected
        assert (server.signed_in, server.received) == ([], [])


def test_without_tls_no_password_is_told(tmp_path: Path, authority: Authority) -> None:
    with mail_server(None) as server:
        for security in ("starttls", "tls"):
            told = refusal(write_desk(tmp_path, server, security, authority.bundle))
            assert security == "tls" or "expected that the server offers TLS (STARTTLS)" in told, told
        assert (server.signed_in, server.received) == ([], [])


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path, authority: Authority) -> None:
    with mail_server(authority.server("127.0.0.1")) as server:
        assert "expected trusted certificates (PEM) in /nowhere.pem" in refusal(
            write_desk(tmp_path, server, "starttls", Path("/nowhere.pem"))
        )


def test_the_password_is_kept_nowhere(tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server(authority.server("127.0.0.1")) as server:
        desk = write_desk(tmp_path, server, "starttls", authority.bundle)
        done("alert", "send", str(desk), "--title", "disk nearly full")
        assert len(server.received) == 1
        monkeypatch.setitem(ENVIRONMENT, "SMTP_PASSWORD", "wrong")  # which this server refuses
        told = refusal(desk)
        assert "login denied" in told.lower() or "535" in told, told
    monkeypatch.setitem(ENVIRONMENT, "SMTP_PASSWORD", PASSWORD)
    # The server is gone: the message waits, with the reason, and the daily round goes on.
    sent = done("alert", "send", str(desk), "--title", "disk full")
    assert "waiting" in sent
    assert orrery("operate", str(desk), "--once").returncode == 0
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(file.suffix == ".sqlite" for file in kept)
    for file in kept:
        assert PASSWORD.encode() not in file.read_bytes(), file
