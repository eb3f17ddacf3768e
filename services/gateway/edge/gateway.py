"""What the gateway's requests share: set up once, kept in the app's state."""

from dataclasses import dataclass

from services.gateway.edge.authentication import Authenticator
from services.gateway.upstream import Upstreams


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts that every request needs."""

    authenticator: Authenticator
    upstreams: Upstreams
    admin_token: str
    pepper: str
