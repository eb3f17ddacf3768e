"""Why an attempt got no answer, in one word that whoever runs the receiver can act on."""

import errno
import ssl
from collections.abc import Mapping

from services.webhook_delivery.deliveries.domain.delivery import Fault

CONNECT_TIMEOUT, ANSWER_TIMEOUT = "connect_timeout", "answer_timeout"
CONNECTION_CLOSED = "connection_closed"
# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_CERTIFICATES: Mapping[int, str] = {
    2: "certificate_unknown_authority",
    9: "certificate_not_yet_valid",
    10: "certificate_expired",
    18: "certificate_self_signed",
    19: "certificate_self_signed",
    20: "certificate_unknown_authority",
    21: "certificate_unknown_authority",
    23: "certificate_revoked",
    62: "certificate_wrong_name",
    64: "certificate_wrong_name",
}
# The names that OpenSSL gives its own reasons and the alerts of the other side.
_TLS: Mapping[str, str] = {
    "WRONG_VERSION_NUMBER": "not_tls",
    "HTTP_REQUEST": "not_tls",
    "PACKET_LENGTH_TOO_LONG": "not_tls",
    "RECORD_LAYER_FAILURE": "not_tls",
    "UNSUPPORTED_PROTOCOL": "tls_version",
    "TLSV1_ALERT_PROTOCOL_VERSION": "tls_version",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "tls_client_certificate_required",
    "TLSV1_UNRECOGNIZED_NAME": "tls_name_unknown",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "tls_handshake_refused",
    "NO_SHARED_CIPHER": "tls_handshake_refused",
}
# EAI_… of the C library, as getaddrinfo gives them on Linux.
_NAMES: Mapping[int, str] = {-2: "name_not_found", -5: "name_without_address", -3: "name_server_silent"}
_CONNECTIONS: Mapping[int, str] = {
    errno.ECONNREFUSED: "connection_refused",
    errno.ECONNRESET: "connection_reset",
    errno.EPIPE: "connection_reset",
    errno.ECONNABORTED: "connection_reset",
    errno.EHOSTUNREACH: "host_unreachable",
    errno.ENETUNREACH: "network_unreachable",
}


def reason_of(fault: Fault, cause: BaseException) -> str | None:
    """The word for what kept the answer away; None where the fault is our own."""
    if fault is Fault.OURS:
        return None
    if fault is Fault.BLOCKED:
        return "blocked_address"
    if fault is Fault.TIMEOUT:
        # The system's own time-out is that of a connection.
        is_dial = isinstance(cause, ConnectTimeout) or getattr(cause, "errno", None) == errno.ETIMEDOUT
        return CONNECT_TIMEOUT if is_dial else ANSWER_TIMEOUT
    if fault is Fault.TLS:
        return _of_tls(cause)
    code = getattr(cause, "errno", None) or 0
    if fault is Fault.DNS:
        return "name_invalid" if isinstance(cause, UnicodeError) else _NAMES.get(code, "name_lookup_failed")
    if fault is Fault.PROTOCOL:
        return "answer_not_http"
    return _CONNECTIONS.get(code, _of_connection(cause))


class ConnectTimeout(TimeoutError):
    """The name, the connection or its encryption took too long; nothing was sent."""


def _of_tls(cause: BaseException) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _CERTIFICATES.get(cause.verify_code, "certificate_refused")
    if isinstance(cause, ssl.SSLEOFError):
        return "tls_closed"
    name = getattr(cause, "reason", None) or ""
    return _TLS.get(name, "tls_failed")


def _of_connection(cause: BaseException) -> str:
    if isinstance(cause, ConnectionResetError | BrokenPipeError):
        return "connection_reset"
    # Ended in good order, but before the answer was there.
    return CONNECTION_CLOSED if isinstance(cause, ConnectionError) else "connection_failed"
