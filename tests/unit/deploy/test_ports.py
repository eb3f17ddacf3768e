"""Ports are free when they are given out, and a busy one is told in a sentence."""

import socket

import pytest

from deploy.local.errors import LocalError
from deploy.local.ports import claim_port, free_port


@pytest.fixture
def busy_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_busy_port_is_told_in_a_sentence(busy_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", str(busy_port))

    with pytest.raises(LocalError, match=f"Port {busy_port} is busy: .* set GATEWAY_PORT to another"):
        claim_port("GATEWAY_PORT", 8080)


def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "http")

    with pytest.raises(LocalError, match="GATEWAY_PORT must be a port number, not 'http'"):
        claim_port("GATEWAY_PORT", 8080)


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "http")

    assert claim_port("GATEWAY_PORT", 8080, given=0) > 0


def test_free_ports_are_never_given_twice() -> None:
    assert len({free_port() for _ in range(50)}) == 50


def test_free_ports_lie_below_those_of_outgoing_connections() -> None:
    assert all(20000 <= free_port() < 30000 for _ in range(20))
