"""Whereto a delivery goes: an endpoint with what signs for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.webhook_delivery.endpoints.domain.endpoint import Endpoint
from services.webhook_delivery.endpoints.domain.secret import Secret


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint, what signs for it, and its own headers; these are None while they cannot be read."""

    endpoint: Endpoint
    secrets: Sequence[Secret]
    headers: Mapping[str, str] | None = field(default_factory=dict, repr=False)

    @property
    def id(self) -> UUID:
        return self.endpoint.id
