"""Sending through a real mail server that has STARTTLS and a login, and what is said when that fails."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.invoice.sending.channels.channel import Message, Unreachable
from services.invoice.sending.channels.email import EmailChannel, MailServer
from services.invoice.sending.channels.mail import MailSender
from services.invoice.sending.domain.delivery import Outcome, Verdict
from shared.kernel.ids import new_id

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")
USER, PASSWORD = "billing", "right horse"
Signed = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


@dataclass
class Inbox:
    """What arrived, over which protocol, as whom."""

    arrived: list[tuple[str, bool]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.arrived.append((session.auth_data.decode(), session.ssl is not None))
        return "250 OK"


@pytest.fixture(scope="module")
def authority() -> Signed:
    """Who signs the servers' certificates."""
    return a_certificate("Authority", 1)


@pytest.fixture(autouse=True)
def trusted(authority: Signed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority is one of the system's."""
    (tmp_path / "authority.pem").write_bytes(_pem(authority[0]))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


async def test_a_mail_goes_out_encrypted_and_signed_in(authority: Signed, tmp_path: Path) -> None:
    with listening(tmp_path, a_certificate("localhost", 1, authority)) as (inbox, port):
        outcome = await sent(port, PASSWORD)

    assert outcome.verdict is Verdict.SENT
    assert inbox.arrived == [(USER, True)]


async def test_what_keeps_us_out_is_said_and_nothing_leaves(authority: Signed, tmp_path: Path) -> None:
    expired = a_certificate("localhost", -1, authority)
    elsewhere = a_certificate("elsewhere.example", 1, authority)
    with listening(tmp_path, a_certificate("localhost", 1, authority)) as (inbox, port):
        wrong_password = await sent(port, "wrong horse")
        not_secure_at_once = await sent(port, PASSWORD, security="tls")
    with listening(tmp_path, expired) as (_, port):
        old = await sent(port, PASSWORD)
    with listening(tmp_path, elsewhere) as (_, port):
        other = await sent(port, PASSWORD)
    with listening(tmp_path, a_certificate("localhost", 1)) as (_, port):
        unknown = await sent(port, PASSWORD)
    with listening(tmp_path, None) as (_, port):
        plain = await sent(port, PASSWORD)
    refused = await sent(port, PASSWORD)

    assert inbox.arrived == []
    everything = (wrong_password, not_secure_at_once, old, other, unknown, plain, refused)
    assert {one.verdict for one in everything} == {Verdict.TEMPORARY}
    assert wrong_password.code == "channel_credentials"
    assert "535" in (wrong_password.message or "")
    assert "wrong horse" not in str(everything)
    assert [one.code for one in (old, other, unknown)] == ["channel_certificate"] * 3
    assert "expired" in (old.message or "")
    assert "localhost" in (other.message or "")
    assert "self-signed" in (unknown.message or "")
    assert (plain.code, refused.code) == ("channel_not_encrypted", "channel_unreachable")
    assert not_secure_at_once.code == "channel_not_encrypted"


@contextmanager
def listening(folder: Path, signed: Signed | None) -> Iterator[tuple[Inbox, int]]:
    """A server with a login; with a certificate it has STARTTLS and takes the login only after it."""
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as found:
        free = int(found.getsockname()[1])

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=is_right, handled=False, auth_data=data.login)

    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=free,
        tls_context=_context(folder, signed) if signed else None,
        require_starttls=signed is not None,
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=signed is not None,
    )
    controller.start()
    try:
        yield inbox, free
    finally:
        controller.stop()


async def sent(port: int, password: str, security: str = "starttls") -> Outcome:
    """What sending a mail comes to."""
    server = MailServer("localhost", port, security, USER, password, timeout_seconds=10)
    channel = EmailChannel(server, MailSender("billing@platform.example"))
    try:
        await channel.open()
        return await channel.send(Message(new_id(), "anna@kunde.example", "Anna", "en", "Hello", "Invoice"))
    except Unreachable as error:
        return error.outcome
    finally:
        await channel.close()


def a_certificate(name: str, days: int, issuer: Signed | None = None) -> Signed:
    """A certificate that ends in so many days; without an issuer it is its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def _context(folder: Path, signed: Signed) -> ssl.SSLContext:
    certificate, key = signed
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "chain.pem").write_bytes(_pem(certificate) + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem")
    return context


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
