"""Each way in which no answer comes has its word, from what really happens on the wire."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.webhook_delivery.deliveries.channels.sender import Transport
from services.webhook_delivery.deliveries.domain.delivery import Fault
from services.webhook_delivery.deliveries.domain.fault_reason import reason_of
from tests.integration.webhook_delivery.conftest import hang, listening
from tests.integration.webhook_delivery.test_sender import (
    LOCAL,
    PUBLIC,
    a_request,
    a_transport,
    saying,
    talking,
)

Signed = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


async def said(transport: Transport, url: str, seconds: int = 1) -> tuple[Fault | None, str | None]:
    result = await transport.send(a_request(url, seconds))
    return result.fault, result.reason


async def test_connections_that_fail_say_how() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]

    async def reset(_: web.Request) -> web.StreamResponse:
        raw = _.transport.get_extra_info("socket")  # type: ignore[union-attr]
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        _.transport.abort()  # type: ignore[union-attr]
        return web.Response()

    async with a_transport() as transport, listening() as receiver, talking(saying()) as closing:
        receiver.script = [reset, hang]
        assert await said(transport, f"http://127.0.0.1:{free}/") == (Fault.CONNECTION, "connection_refused")
        assert await said(transport, receiver.url) == (Fault.CONNECTION, "connection_reset")
        assert await said(transport, receiver.url) == (Fault.TIMEOUT, "answer_timeout")
        assert await said(transport, closing) == (Fault.CONNECTION, "connection_closed")
        secure = receiver.url.replace("http:", "https:")
        assert await said(transport, secure) == (Fault.TLS, "not_tls")
        async with talking(saying(b"SSH-2.0-OpenSSH\r\n\r\n")) as talker:
            assert await said(transport, talker) == (Fault.PROTOCOL, "answer_not_http")


async def test_names_and_addresses_say_what_is_wrong_with_them() -> None:
    async with a_transport(PUBLIC, ["10.0.0.1"]) as transport:
        assert await said(transport, "http://example.com/") == (Fault.BLOCKED, "blocked_address")
    async with a_transport(LOCAL) as transport:
        fault, reason = await said(transport, "http://nowhere.invalid/", 5)
        assert (fault, reason) in ((Fault.DNS, "name_not_found"), (Fault.DNS, "name_server_silent"))


def test_a_dial_that_hangs_is_told_from_an_answer_that_does_not_come() -> None:
    assert reason_of(Fault.TIMEOUT, OSError(110, "Connection timed out")) == "connect_timeout"
    assert reason_of(Fault.OURS, OSError(24, "Too many open files")) is None
    assert reason_of(Fault.DNS, socket.gaierror(socket.EAI_NONAME, "")) == "name_not_found"
    assert reason_of(Fault.DNS, socket.gaierror(socket.EAI_AGAIN, "")) == "name_server_silent"
    assert reason_of(Fault.DNS, UnicodeError()) == "name_invalid"


@pytest.mark.parametrize(
    "name, days, is_known, reason",
    [
        ("localhost", 1, None, "certificate_self_signed"),
        ("localhost", 1, False, "certificate_unknown_authority"),
        ("localhost", -1, True, "certificate_expired"),
        ("elsewhere.example", 1, True, "certificate_wrong_name"),
        ("localhost", 1, True, None),
    ],
)
async def test_certificates_say_what_is_wrong_with_them(
    tmp_path: Path, name: str, days: int, is_known: bool | None, reason: str | None
) -> None:
    authority = a_certificate("Authority", 1)
    certificate, key = a_certificate(name, days, None if is_known is None else authority)
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_context(tmp_path, certificate, key))
    await site.start()
    url = f"https://localhost:{runner.addresses[0][1]}/"
    try:
        async with a_transport(LOCAL, ["127.0.0.1"]) as transport:
            if is_known:
                transport._secure.load_verify_locations(cadata=_pem(authority[0]).decode())
            fault, word = await said(transport, url)
    finally:
        await runner.cleanup()

    assert (fault, word) == (Fault.TLS if reason else None, reason)


def a_certificate(name: str, days: int, issuer: Signed | None = None) -> Signed:
    """A certificate that ends in so many days; without an issuer it is its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def _context(folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "chain.pem").write_bytes(_pem(certificate) + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem")
    return context


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
