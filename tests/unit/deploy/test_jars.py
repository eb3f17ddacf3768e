"""The lock is the guard: only the jars that it means ever reach the class path."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.local.errors import LocalError
from deploy.local.jars import Jar, coordinate, read_lock, resolve
from deploy.local.kafka_jars import KAFKA
from deploy.validation.validators import VALIDATORS


def a_jar(content: bytes = b"good", artifact: str = "kafka") -> Jar:
    return Jar("org.example", artifact, "1.0", hashlib.sha256(content).hexdigest())


def put(jar: Jar, cache: Path, content: bytes) -> None:
    jar.path(cache).parent.mkdir(parents=True, exist_ok=True)
    jar.path(cache).write_bytes(content)


class Repository:
    """A resolver that writes what it was given and counts how often it was asked."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.call_count = 0

    def __call__(self, jars: Sequence[Jar], cache: Path) -> None:
        self.call_count += 1
        for jar in jars:
            put(jar, cache, self.content)


def test_a_complete_cache_asks_no_resolver(tmp_path: Path) -> None:
    jar, repository = a_jar(), Repository(b"good")
    put(jar, tmp_path, b"good")

    found = resolve(KAFKA, [jar], tmp_path, resolvers=[repository])

    assert found == [jar.path(tmp_path)]
    assert repository.call_count == 0


def test_a_damaged_jar_is_fetched_again(tmp_path: Path) -> None:
    jar, repository = a_jar(), Repository(b"good")
    put(jar, tmp_path, b"cut off")

    resolve(KAFKA, [jar], tmp_path, resolvers=[repository])

    assert jar.path(tmp_path).read_bytes() == b"good"


def test_a_jar_that_differs_from_the_lock_is_refused_with_one_sentence(tmp_path: Path) -> None:
    jar = a_jar()

    with pytest.raises(LocalError, match=r"1 of Kafka's 1 jars .* \(kafka-1\.0\)"):
        resolve(KAFKA, [jar], tmp_path, resolvers=[Repository(b"something else")])


def test_the_second_resolver_is_asked_for_what_the_first_did_not_bring(tmp_path: Path) -> None:
    jar, first, second = a_jar(), Repository(b"wrong"), Repository(b"good")

    resolve(KAFKA, [jar], tmp_path, resolvers=[first, second])

    assert (first.call_count, second.call_count) == (1, 1)


def test_the_committed_lock_names_one_kafka_and_its_log_binding() -> None:
    jars = read_lock(KAFKA.lock)

    versions = {jar.version for jar in jars if jar.group == "org.apache.kafka"}
    assert len(versions) == 1
    assert "log4j-slf4j-impl" in {jar.artifact for jar in jars}
    assert len({(jar.group, jar.artifact) for jar in jars}) == len(jars)


def test_jars_of_one_artifact_with_different_classifiers_are_different_files(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("org.example:resolver:1.0 aa\norg.example:resolver:1.0:data-2 bb\n")

    plain, data = (jar.path(tmp_path) for jar in read_lock(lock))

    assert (plain.name, data.name) == ("resolver-1.0.jar", "resolver-1.0-data-2.jar")
    assert coordinate(data, tmp_path) == "org.example:resolver:1.0:data-2"


def test_the_lock_of_the_validators_names_each_jar_once() -> None:
    jars = read_lock(VALIDATORS.lock)

    assert {"phive-rules-peppol", "validation-model"} <= {jar.artifact for jar in jars}
    assert len({jar.path(Path()) for jar in jars}) == len(jars)
