"""Endpoints that are left alone until a time, or until somebody changes them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.webhook_delivery.endpoints.domain.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Backoff:
    """The endpoint as it was, and a monotonic time."""

    endpoint: Endpoint
    until: float


@dataclass(slots=True)
class EndpointBackoffs:
    """What answers asked for, in this process: also what is not written yet."""

    _by_endpoint: dict[UUID, Backoff] = field(default_factory=dict)

    def begin(self, endpoint: Endpoint, seconds: float) -> None:
        """Leave it alone for so long, or for longer if that was said before."""
        before = self._by_endpoint.get(endpoint.id)
        until = max(time.monotonic() + seconds, before.until if before else 0)
        self._by_endpoint[endpoint.id] = Backoff(endpoint, until)

    def left_ms(self, endpoint_id: UUID) -> int:
        """How many milliseconds are left; zero when it may be sent to."""
        pause = self._by_endpoint.get(endpoint_id)
        left = pause.until - time.monotonic() if pause else 0
        return int(left * 1000) + 1 if left > 0 else 0

    def current(self) -> list[UUID]:
        """Whom to leave alone now."""
        now = time.monotonic()
        self._by_endpoint = {id_: pause for id_, pause in self._by_endpoint.items() if pause.until > now}
        return list(self._by_endpoint)

    def endpoints(self) -> Sequence[Endpoint]:
        """They as they were when their pause began."""
        return [pause.endpoint for pause in self._by_endpoint.values()]

    def end_if_changed(self, endpoint_id: UUID, endpoint: Endpoint | None) -> None:
        """Whoever changes an endpoint has it tried anew."""
        pause = self._by_endpoint.get(endpoint_id)
        if pause and (endpoint is None or endpoint.version != pause.endpoint.version):
            del self._by_endpoint[endpoint_id]
