"""Against a Kafka that wants TLS and a name: we come in with ours, and nobody does without."""

import datetime
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from deploy.local import process
from deploy.local.kafka import Kafka
from deploy.local.ports import free_port
from shared.messaging import topics
from shared.messaging.broker import TopicSubscriber
from shared.messaging.consumer import Consumer
from shared.messaging.handlers import Handlers
from shared.messaging.relay import make_producer
from shared.messaging.settings import KafkaSettings
from shared.testing.eventually import eventually

TOPIC = "payment.created"
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"
SCRAM = ("--add-scram", "SCRAM-SHA-512=[name=payment,password=right-one]")
SETTINGS = """
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port},CLIENTS://127.0.0.1:{clients}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port},CLIENTS://127.0.0.1:{clients}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENTS:SASL_SSL
listener.name.clients.ssl.keystore.type=PEM
listener.name.clients.ssl.keystore.location={pem}
listener.name.clients.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config={login} required;
"""


def certify(folder: Path) -> Path:
    """One file with a key and its own certificate for 127.0.0.1; returns where it is."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kafka")])
    now = datetime.datetime.now(datetime.UTC)
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(addresses, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    ).public_bytes(Encoding.PEM)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "ca.pem").write_bytes(certificate)
    path = folder / "kafka.pem"
    path.write_bytes(private + certificate)
    return path


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaSettings]:
    """What gets one into a Kafka that asks for a name and a password."""
    folder = tmp_path_factory.mktemp("kafka")
    port, controller_port, clients = free_port(), free_port(), free_port()
    ports = {"port": port, "controller_port": controller_port, "clients": clients}
    text = SETTINGS.format(**ports, pem=certify(folder), login=LOGIN)
    kafka = Kafka(
        folder, port, controller_port, 256, is_for_tests=True, more_settings=text, format_flags=SCRAM
    )
    with process.running(kafka.prepare()):
        yield KafkaSettings(
            bootstrap_servers=f"127.0.0.1:{clients}",
            security_protocol="SASL_SSL",
            sasl_username="payment",
            sasl_password="right-one",
            ssl_ca_file=str(folder / "ca.pem"),
        )


async def test_topics_relay_and_consumer_come_in_with_their_name(secured: KafkaSettings) -> None:
    await topics.provision(secured, partitions=3, replication_factor=1)
    handlers = Handlers()
    subscription = TopicSubscriber("payment", [TOPIC], Consumer("payment", None, handlers, secured), secured)

    async with make_producer(secured, "payment") as producer:
        sent = await producer.send_and_wait(TOPIC, b"{}")
    await subscription.start()

    try:
        await eventually(lambda: subscription.partition_count == 3, timeout_seconds=20)
    finally:
        await subscription.stop()
    assert sent.offset == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"sasl_password": "wrong-one"},
        {"security_protocol": "SSL"},
        {"security_protocol": "PLAINTEXT"},
        {"ssl_ca_file": None},
    ],
    ids=["password", "no name", "no encryption", "an authority that nobody knows"],
)
async def test_nobody_comes_in_otherwise(secured: KafkaSettings, wrong: dict[str, str | None]) -> None:
    producer = make_producer(secured.model_copy(update=wrong), "payment")

    with pytest.raises(KafkaError):
        await producer.start()

    await producer.stop()


def test_a_name_without_a_password_is_refused_at_once() -> None:
    with pytest.raises(ValidationError, match="KAFKA_SASL_PASSWORD"):
        KafkaSettings(bootstrap_servers="kafka:9093", security_protocol="SASL_SSL", sasl_username="payment")
