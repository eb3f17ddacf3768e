"""A message of Amazon SNS: what it signs, of which topic it is, and whether its signature is Amazon's.

By "Verifying the signatures of Amazon SNS messages" of its developer guide. Topic and type are compared as a
whole, since they end the signed text: no text within a message can pass for them.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509.oid import NameOID

from services.invoice.sending.domain.delivery_report import ReportUnreadable
from shared.kernel.errors import Unauthorized
from shared.kernel.json import JsonMapping

TOPIC = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}[a-z0-9-]{3,30}):[0-9]{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?"
)
"""A topic's ARN, with its partition and region."""
NOTIFICATION, SUBSCRIPTION, UNSUBSCRIPTION = (
    "Notification",
    "SubscriptionConfirmation",
    "UnsubscribeConfirmation",
)
OLDEST, NEWEST = timedelta(minutes=90), timedelta(minutes=15)
"""SNS tries for an hour at most; what is older was kept by somebody. The other is for clocks that differ."""
SMALLEST_KEY_BITS = 2048
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    **dict.fromkeys(
        (SUBSCRIPTION, UNSUBSCRIPTION),
        ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
_ALGORITHMS: Mapping[str, type[HashAlgorithm]] = {"1": SHA1, "2": SHA256}
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem")
# sns.amazonaws.com, sns-signing.eu-south-1.amazonaws.com, sns-cn-north-1.amazonaws.com.cn …
_SIGNER = re.compile(r"sns(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?")


class Unproven(Unauthorized):
    """The message is not one that Amazon SNS signed for this workspace; its detail says why."""


@dataclass(frozen=True, slots=True)
class SnsMessage:
    """An envelope whose form is good; nothing of it is believed before `require_signed`."""

    kind: str
    topic_arn: str
    host: str
    """The region's own, which certificate and confirmation come from."""
    certificate_url: str
    timestamp: datetime
    text: bytes
    signature: bytes
    algorithm: type[HashAlgorithm]
    fields: JsonMapping


def read(envelope: JsonMapping, now: datetime) -> SnsMessage:
    """The message; raises ReportUnreadable where it has no form, Unproven where it can be none for us now."""
    kind = _word(envelope, "Type")
    if kind not in _SIGNED:
        raise ReportUnreadable("The envelope's Type is none of Amazon SNS.")
    topic, timestamp = _word(envelope, "TopicArn"), _word(envelope, "Timestamp")
    arn = TOPIC.fullmatch(topic)
    if not arn or not _TIMESTAMP.fullmatch(timestamp):
        raise ReportUnreadable("The envelope has no TopicArn or Timestamp of Amazon SNS.")
    if (algorithm := _ALGORITHMS.get(_word(envelope, "SignatureVersion"))) is None:
        raise ReportUnreadable("The envelope's SignatureVersion is neither 1 nor 2.")
    host = f"sns.{arn[2]}.amazonaws.com{'.cn' if arn[1] == 'aws-cn' else ''}"
    message = SnsMessage(
        kind=kind,
        topic_arn=topic,
        host=host,
        certificate_url=_certificate_url(_word(envelope, "SigningCertURL"), host),
        timestamp=_instant(timestamp),
        text=_text(envelope, _SIGNED[kind]),
        signature=_signature(_word(envelope, "Signature")),
        algorithm=algorithm,
        fields=envelope,
    )
    if not now - OLDEST <= message.timestamp <= now + NEWEST:
        raise Unproven("The message's Timestamp is not of now.")
    return message


def require_signed(message: SnsMessage, certificate: bytes, now: datetime) -> None:
    """Raise Unproven unless the certificate (PEM) is a valid one of SNS, and its key has signed this."""
    try:
        found = x509.load_pem_x509_certificate(certificate)
        key = found.public_key()
    except ValueError as error:
        raise Unproven("There is no certificate at the SigningCertURL.") from error
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
        raise Unproven("The signing certificate is not valid now.")
    if not any(_SIGNER.fullmatch(name) for name in _names(found)):
        raise Unproven("The signing certificate is not one of Amazon SNS.")
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SMALLEST_KEY_BITS:
        raise Unproven("The signing certificate has no RSA key of 2048 bits.")
    try:
        key.verify(message.signature, message.text, padding.PKCS1v15(), message.algorithm())
    except InvalidSignature as error:
        raise Unproven("The message's signature is not that of its certificate.") from error


def _names(certificate: x509.Certificate) -> list[str]:
    """Whom the certificate is of: its alternative names, and its common name."""
    names = [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        other = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return names
    return names + other.value.get_values_for_type(x509.DNSName)


def _certificate_url(url: str, host: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Unproven("The SigningCertURL is not one of Amazon SNS.") from error
    if (parts.scheme, parts.netloc) != ("https", host) or not _CERTIFICATE.fullmatch(parts.path):
        raise Unproven("The SigningCertURL is not one of Amazon SNS in the topic's region.")
    # Made anew, so that nothing else of what was sent is asked for.
    return f"https://{host}{parts.path}"


def _text(envelope: JsonMapping, names: tuple[str, ...]) -> bytes:
    """What is signed: the names in order, each with its value, one a line; a Subject where it has one."""
    given = [name for name in names if name != "Subject" or envelope.get(name) is not None]
    text = "".join(f"{name}\n{_word(envelope, name)}\n" for name in given)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ReportUnreadable("The envelope's text is no Unicode.") from error


def _word(envelope: JsonMapping, name: str) -> str:
    value = envelope.get(name)
    if not isinstance(value, str):
        raise ReportUnreadable(f"The envelope has no {name}.")
    return value


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ReportUnreadable("The envelope's Timestamp is no time.") from error


def _signature(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ReportUnreadable("The envelope's Signature is not base64.") from error
