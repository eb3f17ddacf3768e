"""Any program that takes messages over HTTP and passes them on to a sink, told by a TOML file.

name = "ours"
url = "http://127.0.0.1:8080"                ${NAME} stands for a variable of the environment
headers = { x-api-key = "${API_KEY}" }
processes = ["http://127.0.0.1:8080"]        whose processor time is counted: who listens there
arrives = '"unit": ?"([^"]+)"'               how the body that arrives names the unit

[[setup]]                                    requests before the first message, in this order
method = "POST"
path = "/endpoints"
body = '{"url": "{sink}"}'
keep = { app = '"id": ?"([^"]+)"' }          what of the reply is {app} from now on

[send]
path = "/apps/{app}/messages"
body = '{"type": "bench.sent", "data": {"unit": "{unit}", "text": "{text}"}}'
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import load, processes, sink

BODY_BYTES = 1_024
_NAME = re.compile(r"\{(\w+)\}")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class ProgramError(Exception):
    """The file, or what the program answered, is not as it has to be."""


@dataclass
class Program:
    """A program that takes messages, and the words that its setup has learnt."""

    description: dict[str, Any]
    words: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, environment: Mapping[str, str] = os.environ) -> "Program":
        """The file's program; raises ProgramError where a variable is not set or a key is missing."""

        def value(found: re.Match[str]) -> str:
            if found[1] not in environment:
                raise ProgramError(f"{path.name} needs {found[1]} in the environment")
            return environment[found[1]]

        description = tomllib.loads(_VARIABLE.sub(value, path.read_text()))
        for name in ("name", "url", "send"):
            if name not in description:
                raise ProgramError(f"{path.name} has no {name}")
        load.loopback(description["url"])
        return cls(description)

    @property
    def name(self) -> str:
        """How it is called in tables."""
        return str(self.description["name"])

    @property
    def url(self) -> str:
        """Where it answers."""
        return str(self.description["url"]).rstrip("/")

    @property
    def arrives(self) -> str:
        """The pattern whose group names the unit in a body that arrives."""
        return str(self.description.get("arrives", sink.PATTERN))

    def pids(self) -> dict[str, int]:
        """Who listens on its addresses."""
        ports = [load.loopback(address)[1] for address in self.description.get("processes", [self.url])]
        return {str(port): processes.listening_on(port) for port in ports}

    async def set_up(self, sink_url: str) -> None:
        """Make what its messages need, such as the endpoint; raises ProgramError with its answer."""
        self.words["sink"] = sink_url
        for step in self.description.get("setup", []):
            wire = self._request(step).wire()
            connection = load.Connection(self.url)
            status, reply = await connection.ask(wire)
            connection.close()
            if status >= 300:
                raise ProgramError(f"{self.name} answered {step['path']} with {status}: {reply[:500]!r}")
            for name, pattern in step.get("keep", {}).items():
                self.words[name] = _found(pattern, reply.decode())

    def messages(self, run: str) -> Iterator[bytes]:
        """Requests that each send one message of 1 KB, whose units are `<run>-0`, `<run>-1` …"""
        send, text = self.description["send"], "x" * (BODY_BYTES - 100)
        mark = "unit-goes-here"
        self.words |= {"unit": mark, "text": text}
        request = self._request(send)
        before, after = request.body.decode().split(mark, 1)
        for number in range(load.MOST_REQUESTS):
            body = f"{before}{run}-{number}{after}".encode()
            yield load.Request(request.url, request.headers, body, request.method).wire()

    def _request(self, step: Mapping[str, Any]) -> load.Request:
        headers = {**self.description.get("headers", {}), **step.get("headers", {})}
        named = {name: self._filled(value) for name, value in headers.items()}
        body = self._filled(step.get("body", "")).encode()
        return load.Request(self.url + self._filled(step["path"]), named, body, step.get("method", "POST"))

    def _filled(self, text: str) -> str:
        # Braces around anything else are JSON's.
        return _NAME.sub(lambda found: self.words.get(found[1], found[0]), text)


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise ProgramError(f"{pattern} is not in the reply {text[:500]}")
    return found[1]
