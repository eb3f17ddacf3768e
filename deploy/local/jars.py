"""Jars of a Maven repository: named with their SHA-256 in a lock, fetched once into the cache.

A lock comes from Maven, whose answer for a `pom.xml` is the reference. jgo, which needs no Maven and no
Java, only downloads what the lock names: its own resolution mixes the managed versions of unrelated POMs
(it answers kafka-clients 3.9.1 for Kafka 4.3.1).
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
from functools import partial
from pathlib import Path

from deploy.local.errors import LocalError
from deploy.local.paths import cache_directory

CLASSPATH_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath"
PARALLEL_DOWNLOADS = 4
DOWNLOAD_TIMEOUT_SECONDS = 60
MAVEN_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Project:
    """What is wanted of a Maven repository: the roots in `pom`, all their jars in `lock`.

    `name` says whose jars they are, `instead` what else a person can do who cannot have them.
    """

    name: str
    pom: Path
    lock: Path
    instead: str = ""

    def jars(self, say: Callable[[str], None] = lambda line: None) -> list[Path]:
        """The class path, each jar checked against the lock; fetches what is missing."""
        return resolve(self, read_lock(self.lock), cache_directory() / "m2", say)


@dataclass(frozen=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str
    classifier: str = ""

    def path(self, cache: Path) -> Path:
        """Where a Maven repository keeps it."""
        folder = cache.joinpath(*self.group.split("."), self.artifact, self.version)
        ending = f"-{self.classifier}" if self.classifier else ""
        return folder / f"{self.artifact}-{self.version}{ending}.jar"

    def is_in(self, cache: Path) -> bool:
        """Whether the cache holds exactly the jar that the lock means."""
        path = self.path(cache)
        return path.is_file() and sha256_of(path) == self.sha256


Resolver = Callable[[Sequence[Jar], Path], None]


def resolve(
    project: Project,
    jars: Sequence[Jar],
    cache: Path,
    say: Callable[[str], None] = lambda line: None,
    resolvers: Sequence[Resolver] | None = None,
) -> list[Path]:
    """Take the jars from the cache, else from jgo, else from Maven, else raise LocalError."""
    with _one_at_a_time(cache):
        missing = missing_from(jars, cache)
        for fetch in resolvers or (fetch_with_jgo, partial(fetch_with_maven, project.pom)):
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
            f"{len(missing)} of {project.name}'s {len(jars)} jars could not be fetched or differ "
            f"from the lock ({names}{', …' if len(missing) > 5 else ''}): allow access to a Maven repository "
            f"(MAVEN_REPOSITORY_URL names a mirror){project.instead}."
        )
    return [jar.path(cache) for jar in jars]


def missing_from(jars: Sequence[Jar], cache: Path) -> list[Jar]:
    """The jars that the cache lacks or holds with another content."""
    return [jar for jar in jars if not jar.is_in(cache)]


def read_lock(path: Path) -> list[Jar]:
    """The lines `group:artifact:version[:classifier] sha256` of the lock."""
    lines = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return [_jar(name.split(":"), sha256) for name, sha256 in lines]


def _jar(name: list[str], sha256: str) -> Jar:
    group, artifact, version, *classifier = name
    return Jar(group, artifact, version, sha256, "".join(classifier))


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
            context.project(jar.group, jar.artifact).at_version(jar.version).artifact(
                jar.classifier
            ).resolve()
        except (OSError, RuntimeError):
            jar.path(cache).unlink(missing_ok=True)

    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        list(pool.map(download, jars))


def fetch_with_maven(pom: Path, jars: Sequence[Jar], cache: Path) -> None:
    """Let `mvn` fill the cache, with the person's own settings and mirrors; nothing when it is absent."""
    maven_classpath(pom, cache)


def maven_classpath(pom: Path, cache: Path) -> list[Path]:
    """Maven's answer for the roots in the POM: every jar, downloaded; empty when it has none."""
    maven = shutil.which("mvn")
    if not maven:
        return []
    output = cache / "classpath"
    arguments = [
        f"-Dmaven.repo.local={cache}",
        "-C",
        CLASSPATH_GOAL,
        "-DincludeScope=runtime",
        f"-Dmdep.outputFile={output}",
    ]
    command = [maven, "-B", "-q", "-f", str(pom), *arguments]
    result = subprocess.run(command, capture_output=True, timeout=MAVEN_TIMEOUT_SECONDS, check=False)
    return (
        [Path(entry) for entry in output.read_text().strip().split(os.pathsep)]
        if result.returncode == 0
        else []
    )


def write_lock(project: Project) -> int:
    """Ask Maven anew and write the lock; returns the number of jars."""
    cache = cache_directory() / "m2"
    jars = maven_classpath(project.pom, cache)
    if not jars:
        raise LocalError(
            "The lock is written from Maven's answer: put `mvn` on PATH and allow access to its repository."
        )
    lines = sorted(f"{coordinate(jar, cache)} {sha256_of(jar)}\n" for jar in jars)
    project.lock.write_text("".join(lines))
    return len(jars)


def coordinate(jar: Path, cache: Path) -> str:
    """`group:artifact:version`, and the classifier where there is one, of a jar in a Maven repository."""
    *group, artifact, version = jar.parent.relative_to(cache).parts
    classifier = jar.stem.removeprefix(f"{artifact}-{version}").replace("-", ":", 1)
    return f"{'.'.join(group)}:{artifact}:{version}{classifier}"


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
