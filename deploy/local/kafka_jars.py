"""The jars of Kafka: named with their SHA-256 in `kafka.lock`, fetched once into the cache.

The lock comes from Maven (`python -m deploy.local.kafka_jars`), whose answer is the reference. jgo,
which needs no Maven and no Java, only downloads what the lock names: its own resolution mixes the
managed versions of unrelated POMs (it answers kafka-clients 3.9.1 for Kafka 4.3.1).
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import LocalError
from deploy.local.paths import cache_directory

HERE = Path(__file__).parent
LOCK = HERE / "kafka.lock"
POM = HERE / "pom.xml"
CLASSPATH_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath"
PARALLEL_DOWNLOADS = 4
DOWNLOAD_TIMEOUT_SECONDS = 60
MAVEN_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    def path(self, cache: Path) -> Path:
        """Where a Maven repository keeps it."""
        folder = cache.joinpath(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"

    def is_in(self, cache: Path) -> bool:
        """Whether the cache holds exactly the jar that the lock means."""
        path = self.path(cache)
        return path.is_file() and sha256_of(path) == self.sha256


Resolver = Callable[[Sequence[Jar], Path], None]


def kafka_jars(say: Callable[[str], None] = lambda line: None) -> list[Path]:
    """The class path of Kafka, each jar checked against the lock; fetches what is missing."""
    cache = cache_directory() / "m2"
    return resolve(read_lock(LOCK), cache, say)


def resolve(
    jars: Sequence[Jar],
    cache: Path,
    say: Callable[[str], None] = lambda line: None,
    resolvers: Sequence[Resolver] | None = None,
) -> list[Path]:
    """Take the jars from the cache, else from jgo, else from Maven, else raise LocalError."""
    with _one_at_a_time(cache):
        missing = missing_from(jars, cache)
        for fetch in resolvers or (fetch_with_jgo, fetch_with_maven):
            if not missing:
                break
            say(f"fetching {len(missing)} of {len(jars)} jars")
            for jar in missing:
                # A damaged jar would be taken for the real one by every resolver.
                jar.path(cache).unlink(missing_ok=True)
            fetch(missing, cache)
            missing = missing_from(jars, cache)
    if missing:
        names = ", ".join(f"{jar.artifact}-{jar.version}" for jar in missing[:5])
        raise LocalError(
            f"{len(missing)} of Kafka's {len(jars)} jars could not be fetched or differ from the lock "
            f"({names}{', …' if len(missing) > 5 else ''}): allow access to a Maven repository "
            "(MAVEN_REPOSITORY_URL names a mirror), or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs."
        )
    return [jar.path(cache) for jar in jars]


def missing_from(jars: Sequence[Jar], cache: Path) -> list[Jar]:
    """The jars that the cache lacks or holds with another content."""
    return [jar for jar in jars if not jar.is_in(cache)]


def read_lock(path: Path) -> list[Jar]:
    """The lines `group:artifact:version sha256` of the lock."""
    lines = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return [Jar(*name.split(":", 2), sha256=sha256) for name, sha256 in lines]  # type: ignore[misc]


def fetch_with_jgo(jars: Sequence[Jar], cache: Path) -> None:
    """Download jars with jgo; one that fails is simply still missing afterwards."""
    try:
        from jgo.maven import MavenContext
    except ImportError:
        return
    mirror = os.environ.get("MAVEN_REPOSITORY_URL")
    context = MavenContext(
        repo_cache=cache,
        remote_repos={"central": mirror} if mirror else None,
        timeout=DOWNLOAD_TIMEOUT_SECONDS,
        offline=False,
    )

    def download(jar: Jar) -> None:
        try:
            context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        except (OSError, RuntimeError):
            jar.path(cache).unlink(missing_ok=True)

    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        list(pool.map(download, jars))


def fetch_with_maven(jars: Sequence[Jar], cache: Path) -> None:
    """Let `mvn` fill the cache, with the person's own settings and mirrors; nothing when it is absent."""
    maven_classpath(cache)


def maven_classpath(cache: Path) -> list[Path]:
    """Maven's answer for the two roots in `pom.xml`: every jar, downloaded; empty when it has none."""
    maven = shutil.which("mvn")
    if not maven:
        return []
    output = cache / "kafka.classpath"
    arguments = [
        f"-Dmaven.repo.local={cache}",
        "-C",
        CLASSPATH_GOAL,
        "-DincludeScope=runtime",
        f"-Dmdep.outputFile={output}",
    ]
    command = [maven, "-B", "-q", "-f", str(POM), *arguments]
    result = subprocess.run(command, capture_output=True, timeout=MAVEN_TIMEOUT_SECONDS, check=False)
    return (
        [Path(entry) for entry in output.read_text().strip().split(os.pathsep)]
        if result.returncode == 0
        else []
    )


def write_lock(cache: Path, lock: Path) -> int:
    """Ask Maven anew and write the lock; returns the number of jars."""
    jars = sorted(maven_classpath(cache))
    if not jars:
        raise LocalError(
            "The lock is written from Maven's answer: put `mvn` on PATH and allow access to its repository."
        )
    lock.write_text("".join(f"{coordinate(jar, cache)} {sha256_of(jar)}\n" for jar in jars))
    return len(jars)


def coordinate(jar: Path, cache: Path) -> str:
    """`group:artifact:version` of a jar in a Maven repository."""
    *group, artifact, version = jar.parent.relative_to(cache).parts
    return f"{'.'.join(group)}:{artifact}:{version}"


def sha256_of(path: Path) -> str:
    """The hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _one_at_a_time(cache: Path) -> Iterator[None]:
    """Two stacks that start together must not write the same jar."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    print(f"{write_lock(cache_directory() / 'm2', LOCK)} jars locked")
