"""The one program of the image: `python -m shared.runtime.command payment --role worker`.

    <service> [--role all|api|worker]    run a service: gateway, invoice, payment …
    migrate [service …]                  bring schemas to their newest revision
    topics                               create the topics that are missing
    replay <service>                     have all dead letters tried again
    dead-letters <service> <what> …      list, show, replay, drop; lanes, set-aside, resume
    prove [workspace id]                 recompute every identity of money and the audit log's chains
    prove-audit [workspace id]           the chains of this service's audit log alone
    health                               0 when the service of this container is ready, else 1

Each is the module of the same name with the same arguments; their environment stands in their README.
"""

import os
import runpy
import sys
import urllib.request
from collections.abc import Callable, Sequence

from shared.postgres.roles import SERVICES

_TOOLS = {
    "migrate": "shared.postgres.migrate",
    "topics": "shared.messaging.topics",
    "replay": "shared.messaging.replay",
    "dead-letters": "shared.messaging.dead_letters",
    "prove-audit": "shared.runtime.audit_proof",
}
_HEALTH_TIMEOUT_SECONDS = 3
_USAGE_ERROR = 2


def main(arguments: Sequence[str]) -> int:
    """Run what the first argument names; returns the exit status, 2 for a name that nothing has."""
    name, *rest = (*arguments, "")[: max(len(arguments), 1)]
    if name == "health":
        return int(not is_ready(os.environ.get("PORT", "8000")))
    run = _run_of(name)
    if run is None:
        sys.stderr.write(f"{__doc__}\n")
        return _USAGE_ERROR
    run(rest)
    return 0


def is_ready(port: str) -> bool:
    """Whether the service on this port says that it is ready."""
    try:
        # Never through a proxy: it is this container's own port.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{port}/readyz", timeout=_HEALTH_TIMEOUT_SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _run_of(name: str) -> Callable[[Sequence[str]], None] | None:
    package = name.replace("-", "_")
    if package in SERVICES:
        return lambda rest: _run(f"services.{package}.main", rest)
    if name == "prove":
        return _prove
    return (lambda rest: _run(_TOOLS[name], rest)) if name in _TOOLS else None


def _prove(rest: Sequence[str]) -> None:
    """Both proofs, whatever the first finds; leaves with 1 where either has found something."""
    status = 0
    for module, arguments in (
        ("services.payment.main", ["prove", *rest]),
        ("shared.runtime.audit_proof", list(rest)),
    ):
        try:
            _run(module, arguments)
        except SystemExit as left:
            status = max(status, left.code if isinstance(left.code, int) else 1)
    if status:
        sys.exit(status)


def _run(module: str, rest: Sequence[str]) -> None:
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
