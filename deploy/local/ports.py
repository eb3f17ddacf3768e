"""Choosing and checking the TCP ports of one machine."""

import os
import random
import socket

from deploy.local.errors import LocalError

# Below the range that the kernel hands to outgoing connections: a port from that range could be
# taken by any client while our process restarts, and a service keeps its port over a restart.
FREE_PORTS = range(20000, 30000)
PICK_ATTEMPTS = 200

_given: set[int] = set()


def claim_port(variable: str, default: int = 0, given: int | None = None) -> int:
    """The given port, else the environment variable's, else the default; 0 takes a free one.

    Raises LocalError when the port is no number or somebody listens there already.
    """
    text = (os.environ.get(variable) or str(default)) if given is None else str(given)
    if not text.isdecimal() or int(text) > 65535:
        raise LocalError(f"{variable} must be a port number, not {text!r}.")
    port = int(text)
    if port == 0:
        return free_port()
    if not is_free(port):
        raise LocalError(
            f"Port {port} is busy: stop what listens there, or set {variable} to another (0 for a free one)."
        )
    _given.add(port)
    return port


def free_port() -> int:
    """A port of the loopback address where nobody listens, never the same twice in this process."""
    for _ in range(PICK_ATTEMPTS):
        port = random.choice(FREE_PORTS)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise LocalError("No free port was found on 127.0.0.1 between 20000 and 30000.")


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1 at this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return not is_listening(port)


def is_listening(port: int) -> bool:
    """Whether somebody accepts connections on 127.0.0.1 at this port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
