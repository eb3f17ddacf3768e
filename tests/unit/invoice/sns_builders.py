"""Amazon SNS as it signs: keys with certificates of their own, and messages of both versions."""

import base64
import functools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

HOST = "sns.eu-west-1.amazonaws.com"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
CERTIFICATE_URL = f"https://{HOST}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
SUBSCRIBE_URL = f"https://{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0ken"
NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


@dataclass(frozen=True)
class Signer:
    """A key, and the certificate that says whose it is."""

    key: rsa.RSAPrivateKey
    certificate: bytes

    def sign(self, envelope: dict[str, Any], version: str = "1") -> dict[str, Any]:
        """The envelope with its signature."""
        names = NOTIFICATION if envelope["Type"] == "Notification" else CONFIRMATION
        text = "".join(f"{name}\n{envelope[name]}\n" for name in names if name in envelope)
        digest = hashes.SHA1() if version == "1" else hashes.SHA256()
        made = self.key.sign(text.encode(), padding.PKCS1v15(), digest)
        return {
            **envelope,
            "SignatureVersion": version,
            "Signature": base64.b64encode(made).decode(),
            "SigningCertURL": CERTIFICATE_URL,
        }


@functools.cache
def a_signer(name: str = "sns.amazonaws.com", ends_in_days: int = 30, bits: int = 2048) -> Signer:
    """A signer whose certificate is of this name."""
    key = rsa.generate_private_key(65537, bits)
    return Signer(key, a_certificate(name, key, ends_in_days))


def a_certificate(
    name: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, ends_in_days: int = 30
) -> bytes:
    """A certificate of its own, as PEM."""
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=ends_in_days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def a_notification(message: dict[str, Any] | str, **fields: Any) -> dict[str, Any]:
    """An unsigned notification of now."""
    text = message if isinstance(message, str) else json.dumps(message)
    return {**_envelope("Notification"), "Message": text, **fields}


def a_confirmation(**fields: Any) -> dict[str, Any]:
    """An unsigned request to confirm a subscription."""
    words = {"Message": "You have chosen …", "SubscribeURL": SUBSCRIBE_URL, "Token": "t0ken"}
    return {**_envelope("SubscriptionConfirmation"), **words, **fields}


def at(moment: datetime) -> str:
    """The time as SNS writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _envelope(kind: str) -> dict[str, Any]:
    return {"Type": kind, "MessageId": "m-1", "TopicArn": TOPIC, "Timestamp": at(datetime.now(UTC))}
