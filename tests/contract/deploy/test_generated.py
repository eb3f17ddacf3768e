"""What chart and examples say of topics, logins and settings is what the code says."""

import json
import shutil
from pathlib import Path

from deploy.kubernetes import generate, topics, users
from deploy.kubernetes.settings import Variable, known, variables
from shared.events.registry import EVENTS, JOURNAL, TOPICS
from shared.messaging import dead_letter
from shared.postgres.roles import SERVICES
from tests.contract.planting import ROOT


def a_copy(folder: Path) -> Path:
    for name in generate.documents():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    for name in (*generate.documents(), f"{generate.CHART}/values.yaml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_chart_and_examples_are_what_the_code_says() -> None:
    assert generate.stale(generate.documents()) == []


def test_a_hand_that_wrote_into_a_generated_part_is_found(tmp_path: Path) -> None:
    root = a_copy(tmp_path)
    schema = root / generate.CHART / "values.schema.json"
    schema.write_text(schema.read_text().replace('"collection_slots"', '"collection_slotz"'))
    topic_file = root / "deploy/examples/kafka/topics.yaml"
    topic_file.write_text(topic_file.read_text().replace("partitions: 12", "partitions: 1", 1))

    found = generate.stale(generate.documents(root), root)

    assert [fault.partition(":")[0] for fault in found] == [
        f"{generate.CHART}/values.schema.json",
        "deploy/examples/kafka/topics.yaml",
    ]


def test_every_setting_has_its_place_in_the_chart() -> None:
    """Set by the chart, kept in a Secret, or free in the values: one of them, never two."""
    schema = json.loads((ROOT / generate.CHART / "values.schema.json").read_text())
    settings = schema["$defs"]["settings"]["properties"]
    for service in SERVICES:
        name = service.replace("_", "-")
        free = {f"{field}".upper() for field in settings[name]["properties"]}
        secret = {one["name"] for one in known()[name]["secrets"]}

        found = variables(service)

        assert not free & secret
        unplaced = [one.name for one in found.values() if one.name not in free | secret and one.is_free]
        assert unplaced == []


def test_a_secret_is_known_by_its_name_and_by_its_type() -> None:
    text: dict[str, object] = {"type": "string"}

    secrets = [
        Variable(name, name.lower(), True, text)
        for name in ("ADMIN_TOKEN", "ENCRYPTION_KEYS", "SMTP_PASSWORD")
    ]
    nested = Variable("ISSUERS", "issuers", False, {"items": {"properties": {"a": {"writeOnly": True}}}})
    others = [
        Variable(name, name.lower(), True, text)
        for name in ("LOG_LEVEL", "KEY_REQUESTS_BURST", "TOKEN_SECONDS")
    ]

    assert all(one.is_secret for one in [*secrets, nested])
    assert not any(one.is_secret for one in others)


def test_every_topic_is_an_object_of_its_own() -> None:
    found = {topic["spec"]["topicName"]: topic for topic in topics.kafka_topics()}

    assert set(found) == {*TOPICS, JOURNAL, *(dead_letter.topic(service) for service in SERVICES)}
    assert len({topic["metadata"]["name"] for topic in found.values()}) == len(found)
    assert all(topic["spec"]["config"]["min.insync.replicas"] == 2 for topic in found.values())


def test_a_service_writes_the_topics_of_its_own_events_and_of_nobody_elses() -> None:
    writers: dict[str, list[str]] = {}
    for user in users.kafka_users():
        for right in user["spec"]["authorization"]["acls"]:
            assert right["resource"]["patternType"] == "literal"
            if "Write" in right["operations"]:
                writers.setdefault(right["resource"]["name"], []).append(user["metadata"]["name"])

    for type_, event in EVENTS.items():
        # Who sends dead letters back is no service.
        services = [name for name in writers[type_] if name != "billing-user-replay"]
        assert services == [f"billing-user-{event.source.strip('/').replace('_', '-')}"]
    makers = {f"billing-user-{event.source.strip('/').replace('_', '-')}" for event in EVENTS.values()}
    assert set(writers[JOURNAL]) == makers | {"billing-user-replay"}


def test_users_have_the_names_that_the_chart_expects() -> None:
    values = (ROOT / generate.CHART / "values.yaml").read_text()

    assert f"userSecretPrefix: {users.PREFIX}\n" in values
