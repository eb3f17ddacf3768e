"""Who we are to Kafka, and how the connection is protected: one answer for every client."""

import ssl
from functools import cache

from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.messaging.settings import KafkaSettings

_MECHANISMS = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def security(kafka: KafkaSettings) -> BaseSecurity | None:
    """FastStream's description of what the settings ask for; none for a plain connection.

    Raises OSError for a file that is missing and ssl.SSLError for one that is no certificate or key.
    """
    context = _context(kafka) if kafka.is_encrypted else None
    if kafka.is_authenticated:
        return _MECHANISMS[kafka.sasl_mechanism](
            kafka.sasl_username or "",
            kafka.sasl_password or "",
            ssl_context=context,
            use_ssl=kafka.is_encrypted,
        )
    return BaseSecurity(ssl_context=context, use_ssl=True) if context else None


def client_options(kafka: KafkaSettings) -> dict[str, object]:
    """Where Kafka is and who we are, as every client of aiokafka takes it."""
    return {"bootstrap_servers": kafka.bootstrap_servers, **parse_security(security(kafka))}


def _context(kafka: KafkaSettings) -> ssl.SSLContext:
    return _load(kafka.ssl_ca_file, kafka.ssl_certificate_file, kafka.ssl_key_file)


@cache
def _load(ca_file: str | None, certificate_file: str | None, key_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    if certificate_file:
        context.load_cert_chain(certificate_file, key_file)
    return context
