"""Where an issued invoice can be seen by whoever has its link, without an account."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.public_link import LinkKeys, Target


@dataclass(frozen=True, slots=True)
class Links:
    """How this installation makes links: its address outside, and its signing keys."""

    base_url: str
    keys: LinkKeys


_configured: list[Links] = []


def configure(base_url: str, keys: str) -> None:
    """Set how links are made; once a process, as it starts. Raises ValueError for unusable keys.

    An address and keys that belong to the installation, not to any one decision: so every snapshot of an
    invoice has the same link, whoever takes it.
    """
    _configured[:] = [Links(base_url.rstrip("/"), LinkKeys.parse(keys))]


def new_token(workspace_id: UUID, invoice_id: UUID) -> str:
    """A token for an invoice that is issued now, or whose old link is to end; the invoice keeps it."""
    return _links().keys.make(workspace_id, invoice_id)


def read(token: str) -> Target | None:
    """Which invoice the token opens, while it is that invoice's own; None for one that we did not make."""
    return _links().keys.read(token)


def is_own(token: str, kept: str | None) -> bool:
    """Whether this is the token that the invoice keeps: one that was replaced opens nothing any more."""
    return kept is not None and hmac.compare_digest(token.encode(), kept.encode())


def url_of(token: str | None) -> str | None:
    """The address of the invoice with this token: `https://pay.example.com/i/…`; None while it has none."""
    return f"{_links().base_url}/i/{token}" if token else None


def logo_url(workspace_id: UUID, sha256: str) -> str:
    """The address of an uploaded logo, which never changes: another logo has another one."""
    return f"{_links().base_url}/i/logos/{workspace_id}/{sha256}"


def _links() -> Links:
    for links in _configured:
        return links
    raise RuntimeError("public links are not configured: call configure() first")
