"""A server that answers as its script says: also by hanging up before, within and after an answer."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

HANG_UP, CUT_SHORT = "hang up", "cut short"


@dataclass
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Step = str | tuple[int, Any] | tuple[int, Any, dict[str, str]] | Callable[[Asked], Any]


@dataclass
class Scripted:
    """What it answers in turn, the last one again and again; and what it was asked."""

    script: list[Step]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def next(self) -> Step:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def serving(*script: Step) -> Iterator[Scripted]:
    """Such a server on a free port, until the end of the block."""
    server = Scripted(list(script))
    listener = socket.create_server(("127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=(server, connection), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listener.close()


def _serve(server: Scripted, connection: socket.socket) -> None:
    with connection, connection.makefile("rb") as reader:
        while (line := reader.readline().decode()) and (asked := _read(line, reader)):
            server.asked.append(asked)
            step = server.next()
            step = step(asked) if callable(step) else step
            if step == HANG_UP:
                return
            status, value, *more = (200, {"data": []}) if isinstance(step, str) else step
            content = value if isinstance(value, bytes) else json.dumps(value).encode()
            headers: dict[str, Any] = {"content-length": str(len(content)), **(more[0] if more else {})}
            head = f"HTTP/1.1 {status} -\r\n" + "".join(
                f"{name}: {said}\r\n" for name, said in headers.items()
            )
            connection.sendall(head.encode() + b"\r\n" + (content[:3] if step == CUT_SHORT else content))
            if step == CUT_SHORT:
                return


def _read(line: str, reader: Any) -> Asked | None:
    method, target, _ = line.split()
    headers = {}
    while (header := reader.readline().decode().strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers, reader.read(int(headers.get("content-length", 0))))
